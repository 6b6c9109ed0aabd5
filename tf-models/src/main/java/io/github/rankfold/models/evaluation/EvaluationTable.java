package io.github.rankfold.models.evaluation;

import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import java.util.Optional;
import java.util.OptionalDouble;

/** The rows of evaluation.csv: models, and what was measured of them. */
final class EvaluationTable {
  private final CsvTable.Builder table =
      CsvTable.columns(
          "model",
          "samples",
          "accuracy",
          "accuracy_low",
          "accuracy_high",
          "loss",
          "parameters",
          "bytes",
          "latency_ms",
          "bytes_on_disk",
          "agreement",
          "relative_error");

  /** A model that was judged by labels. */
  void add(String name, Evaluation e, Optional<OutputChange> change) {
    table.row(
        name,
        e.accuracy().samples(),
        e.accuracy().value(),
        e.accuracy().low(),
        e.accuracy().high(),
        e.loss(),
        e.size().parameters(),
        e.size().bytes(),
        e.latencyMillis(),
        e.bytesOnDisk(),
        agreement(change),
        relativeError(change));
  }

  /** A model whose outputs are all that is known. */
  void add(
      String name,
      LiveModel model,
      int samples,
      double latencyMillis,
      Optional<OutputChange> change) {
    table.row(
        name,
        samples,
        null,
        null,
        null,
        null,
        model.size().parameters(),
        model.size().bytes(),
        latencyMillis,
        model.files().bytesOnDisk(),
        agreement(change),
        relativeError(change));
  }

  private static OptionalDouble agreement(Optional<OutputChange> change) {
    return change.map(OutputChange::agreement).orElse(OptionalDouble.empty());
  }

  private static OptionalDouble relativeError(Optional<OutputChange> change) {
    return change
        .map(known -> OptionalDouble.of(known.relativeError()))
        .orElse(OptionalDouble.empty());
  }

  CsvTable build() {
    return table.build();
  }
}
