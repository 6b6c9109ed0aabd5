"""The page docs/saved-models.md: written text and the table of what check_models.py found."""
import datetime
import json
from pathlib import Path

HEAD = """<!-- Generated: edit roundtrip/saved_models_page.py, then run
     python roundtrip/make_models.py MODELS
     python roundtrip/check_models.py MODELS --work WORK --table docs/saved-models.md -->
# What rankfold does with SavedModels

`rankfold compress MODEL --rule RULE --out DIR` reads a SavedModel, whoever wrote it, and writes a
plain one: no operation of our own, nothing to import where it is served.

## What survives

- The keys, dtypes and shapes of every signature, the tags, vocabulary files and other assets, hash
  tables and what initializes them.
- Variables: Python sees them as `m.variables`, and loads the model by `tf.saved_model.load`,
  `tf.compat.v1.saved_model.load` and `keras.layers.TFSMLayer(path, call_endpoint=KEY)`.
- The outputs of a model that is only written again, with no kernel factored (column *flattened*: the
  largest difference relative to the largest output, 0 where every value is the same), and of one
  that is rewritten with every kernel as two factors of its full rank (column *full rank*).
- The way to TFLite and ONNX, but for the failures listed below. The column says how large the
  converted model is beside the converted original, at a quarter of the full rank: a size that shows
  that the converter did not multiply the factors back together.

## What does not

- Functions are inlined, so that the tensor names inside change; those that XLA must compile and the
  bodies of loops and branches stay functions.
- The object that Python loads has `variables` and `signatures`, and nothing else:
  `keras.models.load_model` does not revive layers, attributes and methods of the original object
  are gone, and so are signatures' default values for arguments. Models that fill tables or have
  reference variables have no such object: Python makes it from the graph, which takes longer.
- What no signature needs is left out: training graphs, a second copy of each weight.

## What is left alone

Every kernel that is not factored is listed by `rankfold inspect` with a reason. Depthwise and
grouped convolutions have a small kernel for each channel; a function that XLA compiles, the branches
of a condition and the loops of TensorFlow 1 (Enter, Exit) are not looked into; a loop that splits
or convolves its kernel is left as it is. A layer whose two factors would not be smaller is kept:
half of the full rank of a square kernel saves nothing, but with `--interpolative`.

A kernel that is computed from variables without any data (masked, normalized, quantized in simulation,
with an update of low rank added) is factored as it is multiplied by, and what it was computed from
goes, unless it has more values than the largest of those variables.
"""

TABLE = """
## What was checked

{count} models, by TensorFlow {tensorflow}, Keras {keras}{onnx}, on {date}, {builds}. *Factored*:
layers at a half and at a quarter of the full rank, and the parameters that are left then. *Python*:
`tf.saved_model.load` and the TensorFlow 1 loader run all written models (flattened, full rank, half,
quarter, half with `--interpolative`; where there are convolutions, also half with `--convolution
tucker`), and so does `TFSMLayer` where the signature has one input, each wherever it runs the original; signatures are the
original's, and `m.variables` is not empty where it was not. For every signature the outputs of the
flattened model and of the one of full rank are compared with those that were stored for the
original, to {float32:.0e} of the largest (float16 {float16:.0e}, bfloat16 {bfloat16:.0e}), in Python, and in
Java with the original's on generated inputs; the others only have to have the right shape and
finite values, as truncation changes them. After truncation no factored kernel may be reachable, and
parameters must be fewer where a layer is factored. *TFLite*, *ONNX*: see above, of a quarter (a
half with `--interpolative` has to convert too, and none of its factors be multiplied back); one
signature is converted, and the converted model is not run.
{failures}
| model | what | parameters | loaded | flattened | full rank | layers | factored at 1/2, 1/4 | left alone | Python | TFLite | ONNX |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""

# How far the outputs of a model that is only written again may be from the original's.
TOLERANCE = {"float64": 2e-6, "float32": 2e-6, "float16": 2e-3, "bfloat16": 1e-2}

TAIL = """
TensorFlow Serving's own loader was not tried, as no package was found that brings its server:
`tensorflow-serving-api` and `tf-serving` of PyPI are clients, neither PyPI nor npm has a
`tensorflow-serving`, and Debian 12 has nothing for TensorFlow at all. TensorFlow Java loads through
the same C++ function, `LoadSavedModel`, and does so after every write.
"""


# What a problem with one of the written models begins with.
WRITTEN = ("flat:", "full:", "half:", "quarter:", "tucker:", "interpolative:")


def left_alone(skipped):
    """`2 x the reason`, the most frequent first."""
    counts = {}
    for _, because in skipped:
        counts[because] = counts.get(because, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return "; ".join(f"{count}: {because}" for because, count in ordered)


def rank_cell(result):
    half, quarter, all = result["half"], result["quarter"], result["parameters"]
    return "{}, {} ({:.0%}, {:.0%})".format(
        half["factored"], quarter["factored"], half["parameters"] / all,
        quarter["parameters"] / all)


def converted(result, format):
    text = result.get(format, "not tried")
    return text if text != "not the original" else "nor the original"


def row(result):
    if "quarter" not in result or "difference" not in result:
        cells = [result["name"], result["kind"], "", "no", "", "", "", "", "", "", "", ""]
    else:
        cells = [
            result["name"],
            result["kind"],
            f"{result['parameters']:,}",
            "yes",
            f"{result['difference']:.1g}",
            f"{result['full_difference']:.1g}" if "full_difference" in result else "",
            len(result["layers"]),
            rank_cell(result),
            left_alone(result["skipped"]),
            "FAILS" if any(p.startswith(WRITTEN) for p in result["problems"]) else "yes",
            converted(result, "tflite"),
            converted(result, "onnx"),
        ]
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |\n"


def failures(results):
    found = [f"- {r['name']}: {problem}" for r in results for problem in r["problems"]]
    return "\nFailed:\n\n" + "\n".join(found) + "\n" if found else ""


def builds(results):
    """The commit that was checked, or which rows are of which one."""
    rows = {}
    for result in results:
        rows.setdefault(result.get("commit", "not recorded"), []).append(result["name"])
    if len(rows) == 1:
        return f"all at commit {next(iter(rows))}"
    return "; ".join(f"at commit {commit}: {', '.join(names)}" for commit, names in rows.items())


def measured():
    """The speed of ResNet50, as time_models.py measured it last."""
    file = Path(__file__).parent / "resnet50.json"
    if not file.exists():
        return ""
    return "\n## How long it takes\n\n" + json.loads(file.read_text())["text"] + "\n"


def version(package):
    import importlib.metadata

    return importlib.metadata.version(package)


def text(results):
    import keras
    import tensorflow as tf

    try:
        onnx = f", tf2onnx {version('tf2onnx')}"
    except ImportError:
        onnx = ""
    table = TABLE.format(
        tensorflow=tf.__version__, keras=keras.__version__, onnx=onnx,
        date=datetime.date.today(), failures=failures(results), builds=builds(results),
        count=len(results), **TOLERANCE)
    return HEAD + measured() + table + "".join(map(row, results)) + TAIL
