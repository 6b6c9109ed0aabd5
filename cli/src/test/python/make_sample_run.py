"""Makes src/test/resources/sample-run and sample-compressed, the folders that the report's tests read.

    python3 make_sample_run.py REFERENCE_FOLDER RESOURCES_FOLDER

REFERENCE_FOLDER holds reference.json and certificates.json of a 64-64-64-48-32-10 tanh net on
scikit-learn's digits. Taken from there: spectra, ranks, certificates, the collapse metrics of the
last epoch and the accuracies before compression. MADE UP, because the reference has none of it:
the history, the pairs of classes, the collapse metrics of earlier epochs, latencies, bytes, the hashes, the trials of a
search, and the accuracy and loss after compression. The folders test how a report reads; they are no result.

Standard library only.
"""

import csv
import json
import math
import sys
from pathlib import Path

SHAPES = [(64, 64), (64, 64), (64, 48), (48, 32), (32, 10)]
LAYERS = [f"dense_{i}" for i in range(1, 6)]
CLASSES = 10
LAMBDA = 1e-3
EPOCHS = 200
COLLAPSE_EPOCHS = [0, 25, 50, 100, 150, 200]


def write_csv(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns.split(", "))
        writer.writerows(["" if cell is None else cell for cell in row] for row in rows)


def short(value, digits=8):
    return None if value is None else float(f"{value:.{digits}g}")


def history():
    for epoch in range(1, EPOCHS + 1):
        done = epoch / EPOCHS
        wiggle = 1 + 0.06 * math.sin(epoch * 1.7) * (1 - done)
        loss = (0.006937564 + 2.2 * math.exp(-9 * done)) * wiggle
        test_loss = (0.085 + 2.2 * math.exp(-9 * done)) * wiggle
        accuracy = min(1.0, 1 - 0.9 * math.exp(-14 * done))
        test_accuracy = 0.9777777777777777 - 0.88 * math.exp(-13 * done)
        objective = loss + 0.06302709688925799 + 0.08 * math.exp(-5 * done)
        rate = 0.05 if epoch <= 120 else 0.005
        yield [epoch, short(objective), short(loss), short(accuracy), short(test_loss),
               short(round(test_accuracy * 360) / 360), rate, short(0.021 + 0.002 * (epoch % 3))]


def layers(reference):
    for i, (rows, cols) in enumerate(SHAPES):
        w = reference["weights"][f"W{i}"]
        break_even = rows * cols // (rows + cols)
        skipped = None if i < 4 else "rank 10 is not below the break-even rank 7"
        yield [LAYERS[i], "dense", rows, cols, rows * cols, w["numerical_rank_eps32"],
               w["rank_rel_0.001"], short(w["stable_rank"]),
               short(w["effective_rank_roy_vetterli"]), break_even, skipped]


def spectra(reference):
    for i, name in enumerate(LAYERS):
        for index, value in enumerate(reference["weights"][f"W{i}"]["singular_values"], start=1):
            yield [name, index, short(value, 9)]


def class_pairs():
    """Made up: which digits are separated worst, and by how much."""
    for depth, layer in enumerate(LAYERS + ["output"]):
        for a, b, cdnv in ((1, 8, 0.62), (5, 9, 0.48), (8, 9, 0.45), (3, 5, 0.41)):
            yield ["train", layer, "vector", a, b, short(cdnv / (depth + 1)), short(1.5 + depth)]


def collapse(reference):
    widths = [64, 64, 64, 48, 32, 10]
    self_duality = reference["layers"]["h4"]["neural_collapse_torch_float64"]["nc3_dual_error"]
    for epoch in COLLAPSE_EPOCHS:
        for depth, name in enumerate(LAYERS + ["output"]):
            key = "logits" if depth == 5 else f"h{depth}"
            m = reference["layers"][key]["numpy_float64"]
            # The input never changes; deeper features start near the input's variation.
            early = 1 if depth == 0 else math.exp((1 - epoch / EPOCHS) ** 2 * (0.4 + 0.35 * depth))
            normalized = min(0.62, m["tcv_over_total"] * early)
            last = depth == 4  # NC3 and NC4 compare the last kernel with its input
            yield [epoch, name, widths[depth], 1437, CLASSES,
                   short(m["tcv_total_within"] * early), short(normalized),
                   short(m["nc1_unweighted_topKm1"] * early), short(m["nc1_quotient_unweighted"] * early),
                   short(m["cdnv_mean"] * early), short(m["nc2_equinorm_cv_means"] * early ** 0.5),
                   short(m["nc2_maxangle_means"] * early ** 0.2),
                   short(self_duality * early) if last else None,
                   short(m["nc4_ncc_mismatch_vs_network"] * early) if last else None]


def certificates(found):
    for i, c in enumerate(found):
        yield [LAYERS[i], "labels", CLASSES, LAMBDA, short(c["measured_distance"]), short(c["exact_bound"]),
               short(c["tcv_bound"]), short(c["projected_bound"]), short(c["projected_tcv_bound"]),
               short(c["stationarity"])]


def compression(reference):
    for i, (rows, cols) in enumerate(SHAPES):
        full = min(rows, cols)
        rank = CLASSES if i < 4 else full
        before = rows * cols
        after = rank * (rows + cols) if i < 4 else before
        s = reference["weights"][f"W{i}"]["singular_values"]
        total = sum(x * x for x in s)
        yield [LAYERS[i], "dense", "classes", full, rank, before, after, before, after,
               short(sum(x * x for x in s[rank:]) / total)]


def search():
    """Made up: four trials of a search for ranks."""
    for trial, (rank, refinement, drop, chosen) in enumerate(
            ((24, "none", 0.0, False), (5, "none", 3.1, False), (10, "none", 0.7, False),
             (10, "fitted", 0.4, True)), start=1):
        after = sum(c for _, c in SHAPES) + sum(
            min(r * c, rank * (r + c)) for r, c in SHAPES)
        ranks = " ".join(f"{name}={rank}" for name, (r, c) in zip(LAYERS, SHAPES) if rank * (r + c) < r * c)
        yield [trial, after, 4 * after, after - sum(c for _, c in SHAPES), refinement, drop,
               short(drop + 0.9), str(chosen).lower(), ranks]


def wilson(right, n, z=1.959963984540054):
    p = right / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [short(p), short(centre - half), short(centre + half)]


def main():
    reference_folder, resources = Path(sys.argv[1]), Path(sys.argv[2])
    reference = json.loads((reference_folder / "reference.json").read_text())
    found = json.loads((reference_folder / "certificates.json").read_text())
    run, compressed = resources / "sample-run", resources / "sample-compressed"
    for folder in (run, compressed):
        folder.mkdir(parents=True, exist_ok=True)
    write_csv(run / "history.csv", "epoch, objective, loss, accuracy, test_loss, test_accuracy, learning_rate, seconds", history())
    write_csv(run / "layers.csv", "layer, kind, rows, cols, parameters, rank_float32, rank_1e-3, stable_rank, effective_rank, break_even_rank, skipped_because", layers(reference))
    write_csv(run / "spectra.csv", "layer, index, singular_value", spectra(reference))
    write_csv(run / "collapse.csv", "epoch, layer, width, samples, classes, tcv, normalized_tcv, nc1_pinv, nc1_quotient, cdnv, nc2_equinorm, nc2_equiangularity, nc3_self_duality, nc4_mismatch", collapse(reference))
    write_csv(run / "class_pairs.csv", "split, layer, features, class_a, class_b, cdnv, distance", class_pairs())
    write_csv(run / "certificates.csv", "layer, partition, clusters, lambda, measured_distance, exact_bound, tcv_bound, projected_bound, projected_tcv_bound, stationarity", certificates(found))
    write_csv(compressed / "compression.csv", "layer, kind, rule, full_rank, rank, parameters_before, parameters_after, multiply_adds_before, multiply_adds_after, discarded_energy", compression(reference))
    write_csv(compressed / "search.csv", "trial, parameters, bytes, multiply_adds, refinement, drop, promised_drop, chosen, ranks", search())
    biases = sum(cols for _, cols in SHAPES)
    before = biases + sum(r * c for r, c in SHAPES)
    after = biases + sum(row[6] for row in compression(reference))
    write_csv(compressed / "evaluation.csv", "model, samples, accuracy, accuracy_low, accuracy_high, loss, parameters, bytes, latency_ms",
              [["original", 360, *wilson(352, 360), 0.085, before, before * 4 + 9600, 0.118],
               ["compressed", 360, *wilson(350, 360), 0.0973, after, after * 4 + 10900, 0.131]])
    digest = "5f3a9c0e" * 8
    (run / "manifest.json").write_text(json.dumps({
        "tool": "rankfold", "version": "0.1.0", "kind": "training", "created": "2026-01-15T09:30:00Z",
        "data": {"source": "digits", "samples": 1437, "classes": CLASSES, "sha256": digest},
        "network": "mlp:64x2,48,32", "settings": {"lambda": LAMBDA, "seed": 7, "epochs": EPOCHS,
        "batchSize": 1437, "optimizer": "momentum", "learningRate": 0.05, "activation": "tanh"},
        "penalized": {f"{name}/kernel": LAMBDA for name in LAYERS}}, indent=2) + "\n")
    (run / "summary.json").write_text(json.dumps({
        "data": "digits", "network": "mlp:64x2,48,32", "lambda": LAMBDA, "seed": 7,
        "versions": {"rankfold": "0.1.0", "tensorflow": "2.18.0"}, "threads": 2,
        "parameters_before": before, "parameters_after": after, "ratio": short(before / after, 4)}, indent=2) + "\n")
    (compressed / "manifest.json").write_text(json.dumps({
        "tool": "rankfold", "version": "0.1.0", "kind": "compression", "created": "2026-01-15T09:31:00Z",
        "parent": {"sha256": "a1b2c3d4" * 8}, "settings": {"rule": "classes"}}, indent=2) + "\n")


main()
