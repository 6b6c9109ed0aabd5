#!/usr/bin/env python3
"""Compresses SavedModels of many kinds, and loads and converts what was written.

    python roundtrip/make_models.py /tmp/models
    python roundtrip/check_models.py /tmp/models --work /tmp/work --table docs/saved-models.md

Takes the fixtures of tf-models, the models of that folder, and one that TensorFlow Java makes by
`rankfold train`. Each is written four times: flattened (`fraction:1` keeps every kernel), with every
kernel as two factors of its full rank (by the benchmarks' CommandServer, as no rule does that: it
saves nothing), and at a half and a quarter of the full rank. Then, in Python: signatures, outputs, variables, the loaders of
TensorFlow 2, TensorFlow 1 and Keras, TFLite and ONNX. Results are kept as JSON in the work folder,
so that a part can be run again (--only NAME); the table is made from all of them. Exits with 1 if
anything is not as it must be.

Needs tensorflow 2.18 and keras 3.8; tf2onnx and onnx for the column ONNX; the benchmarks, built as
benchmarks/README.md says.
"""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import argparse
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np

from saved_models_page import TOLERANCE

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tf-models/src/test/resources/saved-models"
RULES = {"flat": "fraction:1", "half": "fraction:0.5", "quarter": "fraction:0.25"}
TUCKER = "tucker"  # a half, with the convolutions split in three
INTERPOLATIVE = "interpolative"  # a half, with an identity in the second factors
FULL = "full"  # two factors of full rank: the outputs are the original's
CONVERSION_SECONDS = 600


class Commands:
    """One Java process for all commands; another one after a crash."""

    process = None

    def run(self, arguments):
        if self.process is None or self.process.poll() is not None:
            classpath = (ROOT / "benchmarks/target/classpath.txt").read_text()
            self.process = subprocess.Popen(
                ["java", "-Xmx4g", "-XX:+UseSerialGC", "-cp",
                 f"{ROOT}/benchmarks/target/classes:{classpath}",
                 "io.github.rankfold.benchmarks.CommandServer"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.process.stdin.write(json.dumps(list(map(str, arguments))) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{arguments[0]}: Java ended with {self.process.wait()}")
        answer = json.loads(line)
        if answer["code"]:
            complaint = answer["err"].strip().splitlines() or ["no message"]
            raise RuntimeError(f"{arguments[0]}: {complaint[-1]}")
        return answer["out"]


COMMANDS = Commands()


def rankfold(*arguments):
    """The JSON document that the command prints; its last line of complaint if it fails."""
    return json.loads(COMMANDS.run([*arguments, "--json"]))


def full_rank(model, out):
    """Writes the model with all kernels factored at full rank; what Java found, as a document."""
    return json.loads(COMMANDS.run(["full-rank", model, out]))


def commit():
    """What was checked out when a row was made, so that rows of older code show."""
    done = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                          capture_output=True, text=True)
    return done.stdout.strip() or "not recorded"


def without_folders(message):
    """The page is kept: where this machine has its files is nobody's concern."""
    return re.sub(r"(?<![\w.])(/[^/\s:;,'\"]+)+/", ".../", message)


def saved_model(folder):
    return folder / "saved_model" if (folder / "saved_model").is_dir() else folder


# ------------------------------------------------------------------ signatures, loaders and outputs


def stored(model):
    """{signature: (inputs, outputs)} of NAME.io, as arrays by key."""
    result = {}
    for folder in sorted((model.parent / f"{model.name}.io").iterdir()):
        values = {f.name[:-4]: np.load(f) for f in folder.iterdir()}
        result[folder.name] = tuple(
            {k.split(".", 1)[1]: v for k, v in values.items() if k.startswith(side + ".")}
            for side in ("in", "out")
        )
    return result


def specs(signature):
    """What a caller sees: keys, dtypes and shapes, of inputs and outputs."""
    inputs = signature.structured_input_signature[1]
    return [
        {k: [s.dtype.name, str(s.shape)] for k, s in sorted(side.items())}
        for side in (inputs, signature.structured_outputs)
    ]


def fed(arrays, signature):
    import tensorflow as tf

    wanted = signature.structured_input_signature[1]
    return {
        k: tf.cast(a, wanted[k].dtype) if wanted[k].dtype.is_floating else tf.constant(a)
        for k, a in arrays.items()
    }


def difference(expected, found):
    """The largest difference, relative to the largest value; of text and integers 0 or infinity."""
    found = np.asarray(found)
    if found.dtype == object or expected.dtype.kind not in "fV":
        text = found.astype("S").astype("U") if found.dtype == object else found
        return 0.0 if np.array_equal(expected, text) else float("inf")
    expected, found = expected.astype(np.float64), found.astype(np.float64)
    if expected.shape != found.shape or not np.isfinite(found).all():
        return float("inf")
    return float(np.abs(expected - found).max() / max(np.abs(expected).max(), 1e-30))


def tensorflow2(folder):
    """tf.saved_model.load: signatures, outputs on the stored inputs, names of the variables."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(folder))
    return loaded, {key: specs(s) for key, s in loaded.signatures.items()}


def outputs_of(loaded, io):
    return {
        key: {k: v.numpy() for k, v in loaded.signatures[key](
            **fed(inputs, loaded.signatures[key])).items()}
        for key, (inputs, _) in io.items()
    }


def tensorflow1(folder, io):
    """The v1 loader, run by tensor names; outputs per signature."""
    import tensorflow as tf

    v1 = tf.compat.v1
    results = {}
    with tf.Graph().as_default(), v1.Session() as session:
        meta = v1.saved_model.load(session, ["serve"], str(folder))
        for key, (inputs, _) in io.items():
            signature = meta.signature_def[key]
            feed = {
                info.name: inputs[k].astype(tf.as_dtype(info.dtype).as_numpy_dtype)
                if tf.as_dtype(info.dtype).is_floating else inputs[k]
                for k, info in signature.inputs.items()
            }
            fetch = {k: info.name for k, info in signature.outputs.items()}
            results[key] = session.run(fetch, feed)
    return results


def keras_layer(folder, key, loaded, inputs):
    """TFSMLayer takes one input."""
    import keras

    (value,) = fed(inputs, loaded.signatures[key]).values()
    return keras.layers.TFSMLayer(str(folder), call_endpoint=key)(value)


def worst(io, outputs):
    return max(
        difference(expected, outputs[key][k])
        for key, (_, out) in io.items()
        for k, expected in out.items()
    )


def precision(signatures, name):
    types = {t for s in signatures.values() for side in s for t, _ in side.values()}
    if "bfloat16" in types or "bfloat16" in name:
        return "bfloat16"
    return "float16" if "float16" in name or name == "half" else "float32"


def check_python(name, original, written, rule, result):
    """Everything that Python says about one written model."""
    io = stored(original)
    before, wanted = tensorflow2(original)
    after, found = tensorflow2(written)
    problems = []
    if wanted != found:
        problems.append(f"signatures: expected {wanted}, found {found}")
    outputs = outputs_of(after, io)
    for key, (_, out) in io.items():
        for k, expected in out.items():
            if np.asarray(outputs[key][k]).shape != expected.shape:
                problems.append(f"{key}/{k}: shape {np.asarray(outputs[key][k]).shape}")
    drift = worst(io, outputs)
    if rule in ("flat", FULL):
        result["difference" if rule == "flat" else "full_difference"] = drift
        limit = TOLERANCE[precision(wanted, name)]
        if not drift <= limit:
            problems.append(f"outputs differ by {drift:.2g}, more than {limit:.0e}")
    elif not np.isfinite(drift) and not any(
        o.dtype.kind not in "f" for _, out in io.values() for o in out.values()
    ):
        problems.append("outputs are not finite")
    variables = [v.name for v in getattr(after, "variables", [])]
    if not variables and getattr(before, "variables", []):
        problems.append("m.variables is empty")
    try:
        v1_before = tensorflow1(original, io)
    except Exception:
        v1_before = None  # a model that the v1 loader does not take either way
    if v1_before is not None:
        v1_after = tensorflow1(written, io)
        again = max(
            difference(np.asarray(outputs[key][k]), v1_after[key][k])
            if np.asarray(outputs[key][k]).dtype.kind == "f" else 0.0
            for key in io for k in io[key][1]
        )
        if not again <= 1e-2:
            problems.append(f"the v1 loader's outputs differ by {again:.2g}")
    for key, (inputs, _) in io.items():
        if len(inputs) == 1:
            try:
                keras_layer(original, key, before, inputs)
            except Exception:
                continue  # Keras does not take the original either
            keras_layer(written, key, after, inputs)
    return problems


# -------------------------------------------------------------------------------------- conversions


def convert_tflite(folder, key):
    """The bytes of constants in the converted model."""
    import tensorflow as tf
    from tensorflow.lite.python import schema_py_generated as schema

    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=[key])
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    converted = schema.Model.GetRootAsModel(converter.convert(), 0)
    return sum(converted.Buffers(i).DataLength() for i in range(converted.BuffersLength()))


def convert_onnx(folder, key):
    """The bytes of initializers in the converted model."""
    import onnx
    import tf2onnx.convert

    with tempfile.TemporaryDirectory() as work:
        file = Path(work) / "model.onnx"
        sys.argv = ["tf2onnx", "--saved-model", str(folder), "--output", str(file), "--opset",
                    "17", "--signature_def", key, "--tag", "serve"]
        tf2onnx.convert.main()
        graph = onnx.load(file).graph
    return sum(weight.ByteSize() for weight in graph.initializer)


def converted_bytes(format, folders, key):
    """The weights' bytes of each after conversion in one process, as far as it came, and why."""
    command = [sys.executable, __file__, "--convert", format, key, *map(str, folders)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CONVERSION_SECONDS)
    except subprocess.TimeoutExpired:
        return [], f"no end after {CONVERSION_SECONDS} s"
    sizes = [int(x.split()[1]) for x in done.stdout.splitlines() if x.startswith("weights ")]
    lines = [line for line in done.stderr.splitlines() if "rror" in line] or ["crashed"]
    return sizes, lines[-1].strip()[:200]


def check_conversion(format, original, written, key, saved_bytes, problems):
    """How large beside the original; a problem if it is lost, or factors are multiplied back."""
    sizes, why = converted_bytes(format, [original, written], key)
    if not sizes:
        return "not the original", why
    if len(sizes) < 2:
        problems.append(f"{format}: the original converts, the compressed one not: {why}")
        return "FAILS", why
    before, after = sizes
    # Half of what was saved: a model of several signatures saves less in the one converted. A
    # kilobyte: converters add shapes and lists of axes.
    if before - after < saved_bytes / 2 - 1024:
        problems.append(f"{format}: {before} -> {after} bytes, with {saved_bytes} saved")
        return "FOLDED BACK", ""
    return f"{after / max(before, 1):.0%}", ""


def convert(format, key, *folders):
    converter = {"tflite": convert_tflite, "onnx": convert_onnx}[format]
    for folder in folders:
        print("weights", converter(folder, key), flush=True)


# -------------------------------------------------------------------------------------------- a run


def check(name, kind, original, work, conversions):
    result = {"name": name, "kind": kind, "commit": commit(), "problems": []}
    problems = result["problems"]
    try:
        keys = [key.name for key in sorted((original.parent / f"{original.name}.io").iterdir())]
        called = "serving_default" if "serving_default" in keys else keys[0]
        inspected = rankfold("inspect", original)
        rows = inspected["layers"]
        result["parameters"] = inspected["parameters"]
        result["layers"] = [r["layer"] for r in rows if not r.get("skipped_because")]
        result["skipped"] = [[r["layer"], r["skipped_because"]] for r in rows
                             if r.get("skipped_because")]
        rules = dict(RULES) | {INTERPOLATIVE: RULES["half"]}
        if any(r.get("kind") == "convolution" for r in rows):
            rules[TUCKER] = RULES["half"]
        for label, rule in rules.items():
            out = work / label
            form = {TUCKER: ["--convolution", "tucker"], INTERPOLATIVE: ["--interpolative"]}
            done = rankfold(
                "compress", original, "--rule", rule, "--out", out, *form.get(label, []))
            before, after = done["parameters_before"], done["parameters_after"]
            reached = rankfold("inspect", out)["parameters"] if label != "flat" else after
            kept = sum(1 for r in done["layers"]
                       if int(r["parameters_after"]) < int(r["parameters_before"]))
            result[label] = {"factored": kept, "parameters": after,
                             "formed": sum(1 for r in done["layers"] if r.get("form") == label)}
            if after != reached or (kept and after >= before) or after > before:
                problems.append(f"{label}: {before} -> {after} parameters, {reached} reachable")
            try:
                found = check_python(name, original, saved_model(out), label, result)
                problems.extend(f"{label}: {p}" for p in found)
            except Exception as e:
                problems.append(f"{label}: Python: {type(e).__name__}: {str(e)[:300]}")
        out = work / FULL
        result[FULL] = full_rank(original, out)
        found = check_python(name, original, saved_model(out), FULL, result)
        problems.extend(f"{FULL}: {p}" for p in found)
        limit = TOLERANCE[precision({}, name)]
        if not result[FULL]["difference"] <= limit:
            problems.append(f"{FULL}: in Java outputs differ by {result[FULL]['difference']:.2g}")
        shutil.rmtree(out)
        width = {"float16": 2, "bfloat16": 2}.get(precision({}, name), 4)
        for format in conversions:
            for label in (INTERPOLATIVE, "quarter"):
                saved = (result["parameters"] - result[label]["parameters"]) * width
                text, why = check_conversion(
                    format, original, saved_model(work / label), called, saved, problems)
                result[format] = text
                result[format + "_why"] = why
    except Exception as e:
        problems.append(f"{type(e).__name__}: {str(e)[:300]}")
        if not isinstance(e, RuntimeError):
            traceback.print_exc()
    problems[:] = [without_folders(problem) for problem in problems]
    return result


def fixture_kinds():
    """The table of the fixtures' README."""
    kinds = {}
    for line in (FIXTURES / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 2:
            kinds.update({name.strip(): cells[1] for name in cells[0].split(",")})
    return kinds


def model_of_java(work):
    """A network that rankfold itself trains and writes, with outputs that Python gives for it."""
    import make_models

    folder = work / "tf_java"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(work / "tf_java.io", ignore_errors=True)
    rankfold("train", "--data", "digits", "--network", "mlp:64x2", "--l2", "1e-3", "--epochs", "2",
             "--out", work / "run", "--overwrite")
    shutil.copytree(work / "run" / "saved_model", folder)
    make_models.store(folder, {"serving_default": [make_models.normal(4, 64)]})
    return folder


def models(made, work):
    """(name, kind, folder) of everything there is to check."""
    sys.path.insert(0, str(Path(__file__).parent))
    import make_models

    kinds = fixture_kinds()
    for io in sorted(FIXTURES.glob("*.io")):
        if not (made / io.stem).is_dir():
            yield io.stem, kinds.get(io.stem, ""), FIXTURES / io.stem
    for name, kind in make_models.DESCRIPTIONS.items():
        if (made / name).is_dir():
            yield name, kind, made / name
    yield "tf_java", "made by TensorFlow Java: rankfold train, mlp:64x2", None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("made", type=Path, help="the folder of make_models.py")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--table", type=Path, help="the page to write")
    parser.add_argument("--only", nargs="*", help="names of models")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    conversions = ["tflite"] + (["onnx"] if importlib.util.find_spec("tf2onnx") else [])
    results = []
    for name, kind, folder in models(options.made, options.work):
        file = options.work / f"{name}.json"
        if options.only is None or name in options.only:
            work = options.work / f"{name}.work"
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            result = check(name, kind, folder or model_of_java(options.work), work, conversions)
            file.write_text(json.dumps(result, indent=1))
            shutil.rmtree(work)
            print(f"{name}: {result['problems'] or 'as it must be'}", flush=True)
        if file.exists():
            results.append(json.loads(file.read_text()))
    if options.table:
        import saved_models_page

        options.table.parent.mkdir(exist_ok=True)
        options.table.write_text(saved_models_page.text(results))
    return 1 if any(r["problems"] for r in results) else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--convert"]:
        convert(*sys.argv[2:])
    else:
        sys.exit(main())
