package io.github.rankfold.cli.report;

import java.util.List;
import java.util.stream.Stream;

/** The tables a report is made from: where each lies, which columns it has, which hold text. */
public enum ReportTable {
  HISTORY(
      Folder.RUN,
      "history.csv",
      "",
      "epoch, objective, loss, accuracy, test_loss, test_accuracy, learning_rate, seconds"),
  LAYERS(
      Folder.RUN,
      "layers.csv",
      "layer, kind, skipped_because",
      "rows, cols, parameters, rank_float32, rank_1e-3, stable_rank, "
          + "effective_rank, break_even_rank"),
  SPECTRA(Folder.RUN, "spectra.csv", "layer", "index, singular_value"),
  COLLAPSE(
      Folder.RUN,
      "collapse.csv",
      "layer",
      "epoch, width, samples, classes, tcv, normalized_tcv, nc1_pinv, "
          + "nc1_quotient, cdnv, nc2_equinorm, nc2_equiangularity, "
          + "nc3_self_duality, nc4_mismatch",
      "features, split",
      ""),
  CERTIFICATES(
      Folder.RUN,
      "certificates.csv",
      "layer, partition",
      "clusters, lambda, measured_distance, exact_bound, tcv_bound, "
          + "projected_bound, projected_tcv_bound, stationarity",
      "",
      "two_sided_bound, classes, classes_distance, classes_bound"),
  FORECAST_SCORE(
      Folder.RUN, "forecast_score.csv", "layer", "relative_error, forecast_rank_1e-2, rank_1e-2"),
  CLASS_PAIRS(
      Folder.RUN, "class_pairs.csv", "split, layer, features, class_a, class_b", "cdnv, distance"),
  IMBALANCE(
      Folder.RUN,
      "imbalance.csv",
      "split, layer, features",
      "minority_classes, majority_classes, ratio, minority_mean_norm, majority_mean_norm, "
          + "minority_cosine, majority_cosine, minority_accuracy, majority_accuracy"),
  COMPRESSION(
      Folder.COMPRESSED,
      "compression.csv",
      "layer, kind, rule",
      "full_rank, rank, parameters_before, parameters_after, "
          + "multiply_adds_before, multiply_adds_after, discarded_energy",
      "kept_because",
      "relative_error"),
  SEARCH(
      Folder.COMPRESSED,
      "search.csv",
      "refinement, chosen, ranks",
      "trial, parameters, bytes, multiply_adds, drop, promised_drop"),
  EVALUATION(
      Folder.COMPRESSED,
      "evaluation.csv",
      "model",
      "samples, accuracy, accuracy_low, accuracy_high, loss, parameters, bytes, latency_ms",
      "",
      "bytes_on_disk, agreement, relative_error");

  /** Which of the two folders of a report holds a file. */
  enum Folder {
    RUN,
    COMPRESSED
  }

  private final Folder folder;
  private final String fileName;
  private final String textColumns;
  private final String numberColumns;
  private final String laterTextColumns;
  private final String laterNumberColumns;

  ReportTable(Folder folder, String fileName, String textColumns, String numberColumns) {
    this(folder, fileName, textColumns, numberColumns, "", "");
  }

  ReportTable(
      Folder folder,
      String fileName,
      String textColumns,
      String numberColumns,
      String laterTextColumns,
      String laterNumberColumns) {
    this.folder = folder;
    this.fileName = fileName;
    this.textColumns = textColumns;
    this.numberColumns = numberColumns;
    this.laterTextColumns = laterTextColumns;
    this.laterNumberColumns = laterNumberColumns;
  }

  Folder folder() {
    return folder;
  }

  public String fileName() {
    return fileName;
  }

  /** Columns whose cells are taken as they are. */
  List<String> textColumns() {
    return split(textColumns);
  }

  /** Columns whose cells are numbers or empty. Columns named in no list are passed over. */
  List<String> numberColumns() {
    return split(numberColumns);
  }

  /** Columns of numbers that came later, so that older files lack them. */
  List<String> laterNumberColumns() {
    return split(laterNumberColumns);
  }

  /** All columns that came later. */
  List<String> laterColumns() {
    return Stream.concat(split(laterTextColumns).stream(), split(laterNumberColumns).stream())
        .toList();
  }

  // Kept as text, because an enum holds nothing that could change.
  private static List<String> split(String columns) {
    return columns.isEmpty() ? List.of() : List.of(columns.split(", ", -1));
  }
}
