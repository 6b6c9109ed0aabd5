package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.Speed;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The tables of the files as a terminal of 80 columns shows them: fewer columns, short headings,
 * what they mean in a text for underneath. Whatever is left out here stands in the CSV file and in
 * {@code --json}.
 */
final class ForReading {
  /** Under {@link #layers}. */
  static final String ABOUT_LAYERS =
      """
      rank: singular values above float32 rounding; 1e-3: above a thousandth of the
      largest; stable: sum of squares by the largest squared; break-even: the highest
      rank at which two factors have fewer parameters than the kernel.
      """;

  /** Under {@link #collapse}. */
  static final String ABOUT_COLLAPSE =
      """
      0 is full collapse in every column. TCV/TV: share of the variation that is
      inside the classes; NC1, CDNV: that variation against the distances of the
      class means; NC2: class means of unequal lengths, angles; NC3: classifier
      against class means; NC4: share of the samples whose nearest class mean is not
      what the network predicts.
      """;

  /** Under {@link #certificates}. */
  static final String ABOUT_CERTIFICATES =
      """
      distance: of the kernel to the nearest matrix of that rank (Frobenius). The
      columns after it are upper bounds, valid at any point of training: best is the
      least of all partitions tried, and by is its partition with its number of
      clusters; the others are by the labels. gradient: of the objective by lambda,
      0 at a critical point; every bound contains its share.
      """;

  private static final int SHOWN_PAIRS = 3;

  /** A call that takes more than this share of the original's time is not called faster. */
  private static final double WORTH_IT = 0.95;

  private ForReading() {}

  /** Layers and their ranks, then what is left alone and why: {@code layers.csv}. */
  static String layers(CsvTable table) {
    TextTable shown =
        TextTable.headed(
            "layer", "kind", "matrix", "parameters", "rank", "1e-3", "stable", "break-even");
    TextTable alone = TextTable.headed("left alone", "parameters", "because");
    for (int row = 0; row < table.rows().size(); row++) {
      Row cells = new Row(table, row);
      if (!cells.raw("skipped_because").isEmpty()) {
        alone.row(cells.raw("layer"), cells.at("parameters"), cells.raw("skipped_because"));
        continue;
      }
      shown.row(
          cells.raw("layer"),
          cells.raw("kind"),
          cells.raw("rows") + "x" + cells.raw("cols"),
          cells.at("parameters"),
          cells.at("rank_float32"),
          cells.at("rank_1e-3"),
          cells.at("stable_rank"),
          cells.at("break_even_rank"));
    }
    List<String> parts = new ArrayList<>();
    if (!shown.isEmpty()) {
      parts.add(shown.text());
    }
    if (!alone.isEmpty()) {
      parts.add(alone.text());
    }
    return String.join("%n%n".formatted(), parts);
  }

  /** The measures of collapse: {@code collapse.csv}. */
  static String collapse(CsvTable table) {
    TextTable shown =
        TextTable.headed(
            "input of", "TCV/TV", "NC1", "CDNV", "NC2 norms", "NC2 angles", "NC3", "NC4");
    for (int row = 0; row < table.rows().size(); row++) {
      Row cells = new Row(table, row);
      String layer = cells.raw("layer");
      String features = cells.raw("features");
      shown.row(
          (layer.equals("output") ? "(logits)" : layer)
              + (features.equals("vector") ? "" : " " + features.replace('_', ' '))
              + (cells.raw("split").equals("test") ? ", held out" : ""),
          cells.at("normalized_tcv"),
          cells.at("nc1_pinv"),
          cells.at("cdnv"),
          cells.at("nc2_equinorm"),
          cells.at("nc2_equiangularity"),
          cells.at("nc3_self_duality"),
          cells.at("nc4_mismatch"));
    }
    return shown.text();
  }

  /** Measured distances and their bounds: {@code certificates.csv}, a row a kernel. */
  static String certificates(CsvTable table) {
    TextTable shown =
        TextTable.headed(
            "kernel",
            "rank",
            "distance",
            "best",
            "by",
            "two-sided",
            "projected",
            "exact",
            "gradient");
    for (int row = 0; row < table.rows().size(); row++) {
      Row cells = new Row(table, row);
      if (cells.raw("partition").equals("labels")) {
        Row best = new Row(table, bestOf(table, cells.raw("layer")));
        shown.row(
            cells.raw("layer"),
            cells.at("clusters"),
            cells.at("measured_distance"),
            best.at("classes_bound"),
            best.raw("partition").replace("_in_class", "/class") + " " + best.at("clusters"),
            cells.at("two_sided_bound"),
            cells.at("projected_bound"),
            cells.at("exact_bound"),
            cells.at("stationarity"));
      }
    }
    return shown.text();
  }

  /** The row of a layer with the least bound on the distance to the rank of the classes. */
  private static int bestOf(CsvTable table, String layer) {
    int best = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int row = 0; row < table.rows().size(); row++) {
      String bound = table.cell(row, "classes_bound");
      if (table.cell(row, "layer").equals(layer)
          && (best < 0 || (!bound.isEmpty() && Double.parseDouble(bound) < least))) {
        best = row;
        least = bound.isEmpty() ? least : Double.parseDouble(bound);
      }
    }
    return best;
  }

  /** The worst separated pairs at the last place that is measured: {@code class_pairs.csv}. */
  static String pairs(CsvTable table) {
    TextTable shown = TextTable.headed("class", "and class", "CDNV", "distance of means");
    int last = table.rows().size() - 1;
    if (last < 0) {
      return "(none: all class means are equal)";
    }
    String split = table.cell(0, "split");
    String layer = "";
    for (int row = 0; row <= last; row++) {
      boolean output = table.cell(row, "layer").equals("output");
      if (table.cell(row, "split").equals(split) && !output) {
        layer = table.cell(row, "layer");
      }
    }
    int count = 0;
    for (int row = 0; row <= last && count < SHOWN_PAIRS; row++) {
      Row cells = new Row(table, row);
      if (cells.raw("layer").equals(layer) && cells.raw("split").equals(split)) {
        shown.row(
            cells.raw("class_a"), cells.raw("class_b"), cells.at("cdnv"), cells.at("distance"));
        count++;
      }
    }
    return shown.text();
  }

  /** What was not measured: {@code analysis_notes.csv}; once where it is so of all data. */
  static String notes(CsvTable table) {
    TextTable shown = TextTable.headed("layer", "not measured", "because");
    Set<List<String>> said = new LinkedHashSet<>();
    for (int row = 0; row < table.rows().size(); row++) {
      Row cells = new Row(table, row);
      if (said.add(table.rows().get(row).subList(0, 3))) {
        // The data that comes first is read first: what is new in held-out data is of that alone.
        String where = cells.raw("split").equals("test") ? "held out: " : "";
        shown.row(cells.raw("layer"), cells.raw("about"), where + cells.raw("because"));
      }
    }
    return shown.text();
  }

  /** What is done with each layer: {@code compression.csv}. */
  static String compression(CsvTable table) {
    TextTable shown = TextTable.headed("layer", "kind", "rank", "parameters", "relative error");
    TextTable kept = TextTable.headed("kept whole", "because");
    for (int row = 0; row < table.rows().size(); row++) {
      Row cells = new Row(table, row);
      if (!cells.raw("kept_because").isEmpty()) {
        kept.row(cells.raw("layer"), cells.raw("kept_because"));
        continue;
      }
      shown.row(
          cells.raw("layer"),
          cells.raw("kind"),
          cells.at("full_rank") + " -> " + cells.at("rank"),
          cells.at("parameters_before") + " -> " + cells.at("parameters_after"),
          cells.share("relative_error"));
    }
    List<String> parts = new ArrayList<>();
    if (!shown.isEmpty()) {
      parts.add(shown.text());
    }
    if (!kept.isEmpty()) {
      parts.add(kept.text());
    }
    return String.join("%n%n".formatted(), parts);
  }

  /**
   * One or more models on the same data: {@code evaluation.csv}. How far one is from another stands
   * in columns where nothing else is known, and else underneath.
   */
  static String evaluation(CsvTable table) {
    boolean labelled = !table.cell(0, "accuracy").isEmpty();
    TextTable shown =
        labelled
            ? TextTable.headed(
                "model", "accuracy", "95% interval", "loss", "parameters", "weights", "latency")
            : TextTable.headed(
                "model", "agreement", "outputs differ", "parameters", "weights", "latency");
    for (int row = 0; row < table.rows().size(); row++) {
      Row cells = new Row(table, row);
      List<String> quality =
          labelled
              ? List.of(
                  cells.percent("accuracy", 2) + "%",
                  cells.percent("accuracy_low", 1)
                      + " - "
                      + cells.percent("accuracy_high", 1)
                      + "%",
                  cells.at("loss"))
              : List.of(cells.share("agreement"), cells.share("relative_error"));
      List<String> line = new ArrayList<>(List.of(cells.raw("model")));
      line.addAll(quality);
      line.add(cells.at("parameters"));
      line.add(bytes(Long.parseLong(cells.raw("bytes"))));
      line.add(String.format(Locale.ROOT, "%.2g ms", Double.parseDouble(cells.raw("latency_ms"))));
      shown.row(line.toArray(String[]::new));
    }
    return labelled ? shown.text() + differences(table) : shown.text();
  }

  private static String differences(CsvTable table) {
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < table.rows().size(); row++) {
      Row cells = new Row(table, row);
      String change = cells.share("relative_error");
      if (!change.isEmpty()) {
        text.append(
            "%n%nThe outputs of the %s model are %s from the original's"
                .formatted(cells.raw("model"), change));
        if (!cells.raw("agreement").isEmpty()) {
          text.append(
              ", and predict its class for%n%s of the samples".formatted(cells.share("agreement")));
        }
        text.append('.');
      }
    }
    return text.toString();
  }

  /** Whether compression pays in speed, in one sentence. */
  static String speed(Speed speed, CompressionPlan plan) {
    long adds = plan.decisions().stream().mapToLong(d -> d.layer().multiplyAdds()).sum();
    long left = plan.decisions().stream().mapToLong(LayerDecision::multiplyAddsAfter).sum();
    String fewer =
        String.format(
            Locale.ROOT,
            "%.2f times %s multiply-adds",
            (double) Math.max(adds, left) / Math.max(1, Math.min(adds, left)),
            left > adds ? "as many" : "fewer");
    return speed.share() > WORTH_IT
        ? String.format(
            Locale.ROOT,
            "Compression does not pay in speed here: %.2f of the original's time for a call%nwith"
                + " one sample, with %s.",
            speed.share(),
            fewer)
        : String.format(
            Locale.ROOT,
            "A call with one sample is %.2f times faster, with %s.",
            1 / speed.share(),
            fewer);
  }

  /** {@code 1,000 parameters -> 500 (2.00 times fewer)}. */
  static String parameters(long before, long after) {
    return "%,d parameters -> %,d (%.2f times fewer)"
        .formatted(before, after, (double) before / after);
  }

  /** The same of weights that are stored in fewer bits, with whose scales parameters say little. */
  static String bytes(long before, long after) {
    return "%s of weights -> %s (%.2f times fewer)"
        .formatted(bytes(before), bytes(after), (double) before / after);
  }

  /** Bytes in decimal units: {@code 68304 -> 68.3 kB}. */
  static String bytes(long bytes) {
    String[] units = {"B", "kB", "MB", "GB"};
    int unit = 0;
    double scaled = bytes;
    while (scaled >= 1000 && unit < units.length - 1) {
      scaled /= 1000;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", scaled, units[unit]);
  }

  /** One row of a table. */
  private record Row(CsvTable table, int row) {
    String raw(String column) {
      return table.cell(row, column);
    }

    String at(String column) {
      return TextTable.forReading(raw(column));
    }

    /** As percent, or nothing where there is nothing to compare. */
    String share(String column) {
      return raw(column).isEmpty() ? "" : percent(column, 2) + "%";
    }

    String percent(String column, int digits) {
      double share = Double.parseDouble(raw(column));
      return String.format(Locale.ROOT, "%." + digits + "f", 100 * share);
    }
  }
}
