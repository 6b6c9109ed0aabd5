"""Trains the models that the compression benchmark compares methods on, and exports them.

    python make_compression_models.py OUT --mnist FOLDER --fashion FOLDER [--only NAME,...]

FOLDER holds the four IDX files of MNIST or Fashion-MNIST, plain or gz. For each model OUT/NAME gets
`saved_model` (Keras 3 export), `calibration.npz` (10,000 of the samples it was trained on),
`train.npz` (all of them, for LeNet-300 and the MLP: what factors are fine-tuned on), `search.npz`
(a random half of the test samples: ranks are searched on them) and `test.npz` (the other half: what
results are reported on, used for nothing else). The halves are of one distribution, which MNIST's
training and test samples, by different writers, are not.
"""

import argparse
import gzip
import pathlib

import keras
import numpy as np

CALIBRATION = 10000


def idx(folder, name):
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists():
            data = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
            sizes = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
            return np.frombuffer(data, np.uint8, offset=4 + 4 * len(sizes)).reshape(sizes)
    raise SystemExit(f"{folder}: expected {name} or {name}.gz, found neither")


def images(folder):
    folder = pathlib.Path(folder)
    x, y, xt, yt = (
        idx(folder, f"{part}-ubyte")
        for part in (
            "train-images-idx3",
            "train-labels-idx1",
            "t10k-images-idx3",
            "t10k-labels-idx1",
        )
    )
    scale = lambda v: (v / np.float32(255)).reshape(-1, 28, 28, 1)
    return scale(x), y.astype(np.int32), scale(xt), yt.astype(np.int32)


def dense(widths, decay):
    layers = [keras.Input((28, 28, 1), name="x"), keras.layers.Flatten()]
    for width in widths:
        layers.append(keras.layers.Dense(width, "relu", kernel_regularizer=penalty(decay)))
    layers.append(keras.layers.Dense(10, kernel_regularizer=penalty(decay)))
    return keras.Sequential(layers)


def penalty(decay):
    return keras.regularizers.L2(decay / 2)


def lenet5(decay):
    conv = lambda filters: keras.layers.Conv2D(
        filters, 5, activation="relu", kernel_regularizer=penalty(decay)
    )
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="x"),
            conv(20),
            keras.layers.MaxPooling2D(),
            conv(50),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(500, "relu", kernel_regularizer=penalty(decay)),
            keras.layers.Dense(10, kernel_regularizer=penalty(decay)),
        ]
    )


def small_resnet(decay):
    def conv(x, filters, size=3, stride=1):
        x = keras.layers.Conv2D(
            filters,
            size,
            stride,
            padding="same",
            use_bias=False,
            kernel_regularizer=penalty(decay),
        )(x)
        return keras.layers.BatchNormalization()(x)

    inputs = keras.Input((28, 28, 1), name="x")
    x = keras.layers.ReLU()(conv(inputs, 16))
    for filters, stride in ((16, 1), (32, 2), (64, 2)):
        y = keras.layers.ReLU()(conv(x, filters, 3, stride))
        y = conv(y, filters)
        if stride > 1:
            x = conv(x, filters, 1, stride)
        x = keras.layers.ReLU()(keras.layers.add([x, y]))
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(
        inputs, keras.layers.Dense(10, kernel_regularizer=penalty(decay))(x)
    )


def texts(seed=0, count=30000, length=40, words=5000, classes=4):
    """Made-up texts: classes differ in the words they prefer and in which word follows which."""
    rng = np.random.default_rng(seed)
    topic = rng.dirichlet(np.full(words, 0.05), size=2 * classes)
    common = rng.dirichlet(np.full(words, 0.3))
    labels = rng.integers(0, classes, count)
    ids = np.empty((count, length), np.int32)
    for c in range(classes):
        rows = np.flatnonzero(labels == c)
        # Each class has two halves in an order of its own, so that order matters, not counts only.
        first, second = (c, (c + 1) % classes)
        for start, stop, t in ((0, length // 2, first), (length // 2, length, second)):
            p = 0.25 * topic[t] + 0.75 * common
            ids[rows, start:stop] = rng.choice(words, (len(rows), stop - start), p=p / p.sum())
    return ids, labels.astype(np.int32)


def text_classifier(decay, words=5000, classes=4):
    return keras.Sequential(
        [
            keras.Input((40,), dtype="int32", name="x"),
            keras.layers.Embedding(words, 128),
            keras.layers.LSTM(128, kernel_regularizer=penalty(decay)),
            keras.layers.Dense(classes, kernel_regularizer=penalty(decay)),
        ]
    )


def train(name, model, data, epochs, out, rate=1e-3):
    x, y, xt, yt = data
    order = np.random.default_rng(0).permutation(len(xt))
    search, test = order[: len(xt) // 2], order[len(xt) // 2 :]
    steps = epochs * (len(x) // 128)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=128, epochs=epochs, verbose=0)
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    model.export(str(folder / "saved_model"), verbose=False)
    np.savez(folder / "calibration.npz", x=x[:CALIBRATION], y=y[:CALIBRATION])
    if name in ("lenet300", "mlp"):
        np.savez(folder / "train.npz", x=x, y=y)
    np.savez(folder / "search.npz", x=xt[search], y=yt[search])
    np.savez(folder / "test.npz", x=xt[test], y=yt[test])
    print(name, "parameters", model.count_params(), flush=True)
    print(name, "test", model.evaluate(xt, yt, verbose=0)[1], flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--mnist", required=True)
    parser.add_argument("--fashion", required=True)
    parser.add_argument("--only", default="lenet300,mlp,lenet5,resnet,text,deep")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    for name in chosen:
        keras.utils.set_random_seed(0)
        if name == "lenet300":
            train(name, dense([300, 100], 1e-4), images(arguments.mnist), 20, arguments.out)
        elif name == "lenet5":
            train(name, lenet5(1e-4), images(arguments.mnist), 6, arguments.out)
        elif name == "mlp":
            train(name, dense([512] * 4, 5e-4), images(arguments.fashion), 25, arguments.out)
        elif name == "resnet":
            train(name, small_resnet(5e-4), images(arguments.fashion), 6, arguments.out, 3e-3)
        elif name == "deep":
            train(name, dense([128] * 20, 1e-4), images(arguments.fashion), 10, arguments.out)
        elif name == "text":
            ids, labels = texts()
            cut = len(ids) - 5000
            data = (ids[:cut], labels[:cut], ids[cut:], labels[cut:])
            train(name, text_classifier(1e-4), data, 4, arguments.out)
        else:
            raise SystemExit(f"--only: expected names of models, found {name}")


if __name__ == "__main__":
    main()
