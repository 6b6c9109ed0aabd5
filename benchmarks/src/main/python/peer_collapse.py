"""Neural collapse by rhubarbwu/neural-collapse on torch, a peer of CollapseThroughput.

Loads features, labels and a classifier once, then answers each line on standard input with a line
of JSON: `all` measures TCV, NC1 (pinv and quotient), NC2, CDNV and NC4, `means` all but NC4.

    python peer_collapse.py FOLDER BATCH THREADS       FOLDER holds features.npy, labels.npy, classifier.npy

The features stay in memory and are accumulated in batches, as the package's examples do with the
batches of a network. Its NC4 computes the classifier's logits itself. Peak memory is that of the
process beyond what it held before the measurement (VmHWM, reset through /proc).
"""

import json
import sys
import time

import numpy as np
import torch
from neural_collapse.accumulate import (
    CovarAccumulator,
    DecAccumulator,
    MeanAccumulator,
    VarNormAccumulator,
)
from neural_collapse.measure import (
    clf_ncc_agreement,
    covariance_ratio,
    mean_norms,
    similarities,
    variability_cdnv,
)


def kilobytes(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))


def reset_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def measure(x, y, w, batch, decisions):
    classes, width = w.shape
    parts = list(zip(x.split(batch), y.split(batch)))
    accumulator = MeanAccumulator(classes, width)
    for features, labels in parts:
        accumulator.accumulate(features, labels)
    means, mean = accumulator.compute()
    norms = VarNormAccumulator(classes, width, M=means)
    covariance = CovarAccumulator(classes, width, M=means)
    for features, labels in parts:
        norms.accumulate(features, labels, means)
        covariance.accumulate(features, labels, means)
    variations, _ = norms.compute()
    within = covariance.compute()
    lengths = mean_norms(means, mean)
    centred = means - mean
    cosines = torch.nn.functional.cosine_similarity(centred[:, None], centred[None], dim=-1)
    pairs = torch.triu_indices(classes, classes, 1)
    result = {
        "tcv": (norms.totals.sum() / norms.ns_samples.sum()).item(),
        "nc1_pinv": covariance_ratio(within, means, mean, "pinv"),
        "nc1_quotient": covariance_ratio(within, means, mean, "quotient"),
        "nc2_equinorm": (lengths.std(unbiased=False) / lengths.mean()).item(),
        "nc2_equiangularity": (cosines[pairs[0], pairs[1]] + 1 / (classes - 1)).abs().mean().item(),
        "cdnv": variability_cdnv(variations, means),
    }
    if decisions:
        hits = DecAccumulator(classes, width, M=means, W=w)
        for features, labels in parts:
            hits.accumulate(features, labels, w, means)
        result["nc4_mismatch"] = 1 - clf_ncc_agreement(hits)
    return result


def main():
    folder, batch = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(int(sys.argv[3]))
    x, y, w = (
        torch.from_numpy(np.load(f"{folder}/{name}.npy"))
        for name in ("features", "labels", "classifier")
    )
    y = y.long()
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        before = kilobytes("VmRSS")
        reset_peak()
        clock, processor = time.perf_counter(), time.process_time()
        with torch.no_grad():
            result = measure(x, y, w, batch, line.strip() == "all")
        result["seconds"] = time.perf_counter() - clock
        result["processor_seconds"] = time.process_time() - processor
        result["peak_bytes"] = 1024 * (kilobytes("VmHWM") - before)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
