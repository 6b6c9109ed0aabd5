"""Trains the networks of TrainingThroughput in Python TensorFlow, and prints a JSON line for each way.

Ways:
  loop   a bare tf.function training step over shuffled, pre-batched arrays: SGD with momentum by
         hand on tf.Variables, L2 added to the loss, batches fed as eager tensors
  keras  model.fit with the same network, optimizer, penalty and batch size

Both train without validation data. The first pass warms up and is not counted.

    python peer_training.py --case fashion|digits --way loop|keras [--data FOLDER] [--seconds S]
"""

import argparse
import gzip
import json
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf


def fashion(folder):
    def read(name, header):
        with gzip.open(os.path.join(folder, name)) as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)

    labels = read("train-labels-idx1-ubyte.gz", 8).astype(np.int32)
    images = read("train-images-idx3-ubyte.gz", 16).reshape(len(labels), -1)
    return images.astype(np.float32) / 255, labels


def digits():
    from sklearn.datasets import load_digits

    data = load_digits()
    return (data.data / 16).astype(np.float32)[:1437], data.target.astype(np.int32)[:1437]


CASES = {
    "fashion": dict(widths=[784, 512, 512, 512, 10], batch=128, l2=1e-4),
    "digits": dict(widths=[64, 100, 100, 100, 10], batch=32, l2=1e-3),
}
RATE, MOMENTUM = 0.05, 0.9


def loop_epochs(x, y, widths, batch, l2):
    """Yields (seconds, steps, images) of one epoch after another."""
    rng = np.random.default_rng(0)
    kernels, biases = [], []
    for m, n in zip(widths, widths[1:]):
        limit = np.sqrt(6 / (m + n))
        kernels.append(tf.Variable(rng.uniform(-limit, limit, (m, n)).astype(np.float32)))
        biases.append(tf.Variable(tf.zeros(n)))
    variables = kernels + biases
    velocities = [tf.Variable(tf.zeros_like(v)) for v in variables]

    @tf.function
    def step(images, labels):
        with tf.GradientTape() as tape:
            h = images
            for i, (w, b) in enumerate(zip(kernels, biases)):
                h = tf.nn.bias_add(tf.matmul(h, w), b)
                if i + 1 < len(kernels):
                    h = tf.nn.relu(h)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, h)
            loss = tf.reduce_mean(losses) + l2 * tf.add_n([tf.nn.l2_loss(w) for w in kernels])
        for variable, velocity, gradient in zip(
            variables, velocities, tape.gradient(loss, variables)
        ):
            tf.raw_ops.ResourceApplyKerasMomentum(
                var=variable.handle,
                accum=velocity.handle,
                lr=RATE,
                grad=gradient,
                momentum=MOMENTUM,
            )
        return loss

    whole = len(y) // batch
    while True:
        start = time.perf_counter()
        order = rng.permutation(len(y))
        for i in range(whole):
            rows = order[i * batch : (i + 1) * batch]
            loss = step(tf.constant(x[rows]), tf.constant(y[rows]))
        loss.numpy()
        yield time.perf_counter() - start, whole, whole * batch


def keras_epochs(x, y, widths, batch, l2):
    import keras

    penalty = keras.regularizers.L2(l2 / 2)
    layers = [keras.layers.Input((widths[0],))]
    for n in widths[1:-1]:
        layers.append(keras.layers.Dense(n, activation="relu", kernel_regularizer=penalty))
    layers.append(keras.layers.Dense(widths[-1], kernel_regularizer=penalty))
    model = keras.Sequential(layers)
    model.compile(
        keras.optimizers.SGD(RATE, MOMENTUM),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    steps = -(-len(y) // batch)
    while True:
        start = time.perf_counter()
        model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
        yield time.perf_counter() - start, steps, len(y)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--way", choices=["loop", "keras"], required=True)
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    case = CASES[arguments.case]
    x, y = fashion(arguments.data) if arguments.case == "fashion" else digits()
    epochs = (loop_epochs if arguments.way == "loop" else keras_epochs)(x, y, **case)
    next(epochs)
    measured = []
    cpu = time.process_time()
    end = time.perf_counter() + arguments.seconds
    while not measured or time.perf_counter() < end:
        measured.append(next(epochs))
    cpu = time.process_time() - cpu
    print(
        json.dumps(
            {
                "case": arguments.case,
                "way": arguments.way,
                "images_per_second": statistics.median(n / s for s, _, n in measured),
                "us_per_step": statistics.median(1e6 * s / k for s, k, _ in measured),
                "cpu_us_per_image": 1e6 * cpu / sum(n for _, _, n in measured),
                "epochs": len(measured),
                "tensorflow": tf.__version__,
            }
        )
    )


if __name__ == "__main__":
    main()
