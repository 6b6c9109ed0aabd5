"""Opens what rankfold wrote in TensorFlow for Python.

Trains by `demo` and `train`, compresses a trained model and every real model of the tests, and
loads originals and compressed ones in the three ways that Python has: tf.saved_model.load, the
loader of TensorFlow 1, and keras.layers.TFSMLayer. Each check is one printed line; the last line
counts them, and the exit status is 1 where one failed.
"""

import csv
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIGITS = ROOT / "tf-models/src/main/resources/io/github/rankfold/models/data/digits.csv.gz"
FIXTURES = ROOT / "tf-models/src/test/resources/saved-models"

tf.get_logger().setLevel("ERROR")  # deprecations of the v1 loader, which is meant

passed = 0
failed = 0


def check(what, holds, found=""):
    """Counts and prints one check; `found` is shown where it fails."""
    global passed, failed
    if holds:
        passed += 1
        print(f"ok    {what}", flush=True)
    else:
        failed += 1
        print(f"FAIL  {what}: {found}", flush=True)


def attempt(what, action):
    """Runs a check that may raise: raising is failing."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a failed check
        check(what, False, f"{type(error).__name__}: {str(error).splitlines()[:1]}")


def rankfold(*arguments):
    command = [str(ROOT / "rankfold"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")


def rows(file):
    with open(file, newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def held_out_digits():
    """Every fifth of the bundled digits: x [360, 64] in 0..1, labels [360]."""
    with gzip.open(DIGITS, "rt", encoding="ascii") as lines:
        table = np.loadtxt(lines, delimiter=",", skiprows=1)[::5]
    return (table[:, :64] / 16).astype(np.float32), table[:, 64].astype(int)


def by_load(folder, x):
    outputs = tf.saved_model.load(str(folder)).signatures["serving_default"](x=tf.constant(x))
    return outputs["logits"].numpy()


def by_v1_loader(folder, x):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.loader.load(session, ["serve"], str(folder))
        signature = meta.signature_def["serving_default"]
        return session.run(
            signature.outputs["logits"].name, {signature.inputs["x"].name: x})


def by_layer(folder, x):
    layer = keras.layers.TFSMLayer(str(folder), call_endpoint="serving_default")
    return layer(x)["logits"].numpy()


LOADERS = {
    "tf.saved_model.load": by_load,
    "the v1 loader": by_v1_loader,
    "keras.layers.TFSMLayer": by_layer,
}


def check_accuracy(name, folder, evaluated, x, labels):
    """Accuracy in Python is the one that evaluation.csv has, by every loader."""
    expected = float(evaluated["accuracy"])
    for loader, logits in LOADERS.items():
        what = f"{name} by {loader}: accuracy as in evaluation.csv"

        def run():
            accuracy = float(np.mean(np.argmax(logits(folder, x), axis=1) == labels))
            check(f"{what} ({expected:.4f})", abs(accuracy - expected) < 1e-9, accuracy)

        attempt(what, run)


def check_variables(name, folder, expected):
    """`m.variables` shows these names and shapes, and no others."""

    def run():
        model = tf.saved_model.load(str(folder))
        found = {v.name.removesuffix(":0"): tuple(v.shape) for v in model.variables}
        check(f"{name}: {len(expected)} variables with names and shapes", found == expected, found)

    attempt(f"{name}: variables", run)


def trained_variables(widths, bias):
    """The variables of an MLP with these widths, inputs and classes included."""
    names = [f"dense_{i}" for i in range(1, len(widths) - 1)] + ["classifier"]
    variables = {}
    for name, rows_, cols in zip(names, widths, widths[1:]):
        variables[f"{name}/kernel"] = (rows_, cols)
        if bias:
            variables[f"{name}/bias"] = (cols,)
    return variables


def compressed_variables(original, table):
    """The same after a compression: two factors in place of a kernel that was factored."""
    variables = dict(original)
    for row in table:
        kernel = f"{row['layer']}/kernel"
        if row["parameters_after"] != row["parameters_before"]:
            rows_, cols = variables.pop(kernel)
            variables[f"{kernel}/left"] = (rows_, int(row["rank"]))
            variables[f"{kernel}/right"] = (int(row["rank"]), cols)
    return variables


def check_pair(name, original, compressed, variables):
    """A trained model and its compressed one, with the latter's evaluation.csv."""
    x, labels = held_out_digits()
    before, after = rows(compressed / "evaluation.csv")
    check_accuracy(f"{name}, original", original / "saved_model", before, x, labels)
    check_accuracy(f"{name}, compressed", compressed / "saved_model", after, x, labels)
    check_variables(f"{name}, original", original / "saved_model", variables)
    check_variables(
        f"{name}, compressed",
        compressed / "saved_model",
        compressed_variables(variables, rows(compressed / "compression.csv")))


def check_fixture(name, work):
    """A real model at a part of its ranks, in both forms: all signatures run on stored inputs."""
    signatures = sorted(path.name for path in (FIXTURES / f"{name}.io").iterdir())

    def run(case, options):
        out = work / case.replace(" ", "-")
        rankfold("compress", FIXTURES / name, "--signature", signatures[0], *options, "--out", out)
        model = tf.saved_model.load(str(out / "saved_model"))
        check(f"{case}: all signatures are there", set(signatures) <= set(model.signatures),
              list(model.signatures))
        for signature in signatures:
            attempt(f"{case}, {signature}",
                    lambda s=signature: check_signature(name, case, model, s))

    for case, options in (
        (name, ["--rule", "fraction:0.25"]),
        (f"{name} interpolative", ["--rule", "fraction:0.75", "--interpolative"]),
    ):
        attempt(f"{case}: compressed by {options[1]}",
                lambda case=case, options=options: run(case, options))


def check_signature(name, case, model, signature):
    folder = FIXTURES / f"{name}.io" / signature
    function = model.signatures[signature]
    specs = function.structured_input_signature[1]
    inputs = {
        key: tf.constant(np.load(folder / f"in.{key}.npy"), spec.dtype)
        for key, spec in specs.items()
    }
    outputs = function(**inputs)
    stored = {path.name[len("out."):-len(".npy")]: np.load(path)
              for path in folder.glob("out.*.npy")}
    found = {key: (value.shape.as_list(), value.dtype.name) for key, value in outputs.items()}
    expected = {key: (list(value.shape), value.dtype.name) for key, value in stored.items()}
    check(f"{case}, {signature}: outputs of the stored shapes and types", found == expected, found)
    finite = all(np.all(np.isfinite(value.numpy().astype(float))) for value in outputs.values())
    check(f"{case}, {signature}: outputs are finite", finite)


def main():
    print(f"TensorFlow {tf.__version__}, Keras {keras.__version__}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)

        def demo():
            rankfold("demo", "--out", work / "demo")
            check_pair("demo", work / "demo/run", work / "demo/compressed",
                       trained_variables([64, 100, 100, 100, 10], bias=True))

        def train():
            rankfold("train", "--data", "digits", "--network", "resmlp:48x3:gelu:nobias",
                     "--l2", "1e-3", "--epochs", "8", "--out", work / "run")
            rankfold("compress", work / "run", "--rule", "energy:0.9", "--data", "digits",
                     "--out", work / "smaller")
            check_pair("train", work / "run", work / "smaller",
                       trained_variables([64, 48, 48, 48, 10], bias=False))

        attempt("demo", demo)
        attempt("train and compress", train)
        for path in sorted(FIXTURES.glob("*.io")):
            check_fixture(path.name.removesuffix(".io"), work)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
