"""Models of TensorFlow for Python, a peer of LatencyComparison.

    python peer_latency.py SIGNATURE OPEN_SIZE NAME=FOLDER ...

Loads each model twice and says how long the second time took, then answers each line on standard
input, `NAME BATCH`, with a line of JSON: one call of the signature on made-up inputs, through
`tf.function`. Called as it is, a signature of a model without an object graph first fails with a
message that prints its inputs, inside TensorFlow, which costs milliseconds for each call.
"""

import json
import sys
import time

import numpy as np
import tensorflow as tf


def load(folder):
    tf.saved_model.load(folder)
    clock, processor = time.perf_counter(), time.process_time()
    model = tf.saved_model.load(folder)
    return model, {
        "seconds": time.perf_counter() - clock,
        "processor_seconds": time.process_time() - processor,
    }


def inputs(signature, batch, open_size):
    random = np.random.default_rng(1)
    made = {}
    for key, spec in signature.structured_input_signature[1].items():
        shape = [
            size if size is not None else batch if axis == 0 else open_size
            for axis, size in enumerate(spec.shape.as_list())
        ]
        values = random.random(shape) if spec.dtype.is_floating else random.integers(0, 2, shape)
        made[key] = tf.constant(values, dtype=spec.dtype)
    return made


def traced(signature):
    return tf.function(lambda **values: signature(**values))


def main():
    key, open_size = sys.argv[1], int(sys.argv[2])
    folders = dict(argument.split("=", 1) for argument in sys.argv[3:])
    models = {name: load(folder) for name, folder in folders.items()}
    print(
        json.dumps(
            {"tensorflow": tf.__version__, "load": {name: times for name, (_, times) in models.items()}}
        ),
        flush=True,
    )
    calls = {name: traced(model.signatures[key]) for name, (model, _) in models.items()}
    made = {}
    for line in sys.stdin:
        name, batch = line.split()
        if batch not in made:
            made[batch] = inputs(models[name][0].signatures[key], int(batch), open_size)
        clock, processor = time.perf_counter(), time.process_time()
        for output in calls[name](**made[batch]).values():
            output.numpy()
        seconds, processor = time.perf_counter() - clock, time.process_time() - processor
        print(json.dumps({"seconds": seconds, "processor_seconds": processor}), flush=True)


if __name__ == "__main__":
    main()
