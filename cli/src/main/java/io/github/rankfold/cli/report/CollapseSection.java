package io.github.rankfold.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** How far the features of each class have fallen together, over depth and over epochs. */
final class CollapseSection {
  /** The row of the logits, which belong to no layer. */
  static final String OUTPUT = "output";

  private static final int SHOWN_PAIRS = 3;

  private CollapseSection() {}

  static Section of(ReportInputs inputs) {
    Optional<CheckedTable> found =
        inputs.table(ReportTable.COLLAPSE).filter(table -> table.size() > 0);
    if (found.isEmpty()) {
      return Section.leftOut("No collapse.csv: neural collapse was not measured.");
    }
    CheckedTable collapse = found.get();
    HtmlTable table =
        new HtmlTable(
            "Collapse in numbers, last epoch measured",
            1,
            "Measured at",
            "Width",
            "TCV",
            "TCV / TV",
            "NC1 pinv",
            "NC1 quotient",
            "CDNV",
            "NC2 equinorm",
            "NC2 equiangularity",
            "NC3",
            "NC4");
    for (int row : rowsOfLastEpoch(collapse)) {
      table.row(
          place(collapse.text(row, "layer")),
          collapse.shown(row, "width"),
          collapse.shown(row, "tcv"),
          collapse.shown(row, "normalized_tcv"),
          collapse.shown(row, "nc1_pinv"),
          collapse.shown(row, "nc1_quotient"),
          collapse.shown(row, "cdnv"),
          collapse.shown(row, "nc2_equinorm"),
          collapse.shown(row, "nc2_equiangularity"),
          collapse.shown(row, "nc3_self_duality"),
          collapse.shown(row, "nc4_mismatch"));
    }
    Markup charts =
        Section.charts(
            "collapse-charts",
            "One line chart for each collapse metric over the depth of the network; the numbers of"
                + " the last epoch are in the table below");
    List<Markup> parts = new ArrayList<>(List.of(charts, table.build()));
    inputs
        .table(ReportTable.CLASS_PAIRS)
        .filter(pairs -> pairs.size() > 0)
        .ifPresent(pairs -> parts.add(closestPairs(pairs)));
    inputs
        .table(ReportTable.IMBALANCE)
        .filter(imbalance -> imbalance.size() > 0)
        .ifPresent(imbalance -> parts.add(minorities(imbalance)));
    return Section.of(Markup.join(parts));
  }

  /** Which classes to look at: the worst separated pairs of every place. */
  private static Markup closestPairs(CheckedTable pairs) {
    HtmlTable table =
        new HtmlTable(
            "Classes that are separated worst",
            3,
            "Measured at",
            "Class",
            "And class",
            "CDNV",
            "Distance of means");
    String place = "";
    int shown = 0;
    for (int row = 0; row < pairs.size(); row++) {
      boolean counts =
          !pairs.text(row, "features").endsWith("_mean")
              && pairs.text(row, "split").equals(pairs.text(0, "split"));
      if (!counts) {
        continue;
      }
      shown = pairs.text(row, "layer").equals(place) ? shown + 1 : 1;
      place = pairs.text(row, "layer");
      if (shown <= SHOWN_PAIRS) {
        table.row(
            place(place),
            pairs.text(row, "class_a"),
            pairs.text(row, "class_b"),
            pairs.shown(row, "cdnv"),
            pairs.shown(row, "distance"));
      }
    }
    return table.build();
  }

  /** Classes with less than half of the largest one's samples, beside the others. */
  private static Markup minorities(CheckedTable imbalance) {
    HtmlTable table =
        new HtmlTable(
            "%s small classes beside the other %s; the smallest has %s times fewer samples than the largest"
                .formatted(
                    imbalance.shown(0, "minority_classes"),
                    imbalance.shown(0, "majority_classes"),
                    imbalance.shown(0, "ratio")),
            2,
            "Measured at",
            "Data",
            "Length of means, small",
            "Others",
            "Cosine of means, small",
            "Others",
            "Accuracy, small",
            "Others");
    for (int row = 0; row < imbalance.size(); row++) {
      if (!imbalance.text(row, "features").endsWith("_mean")) {
        table.row(
            place(imbalance.text(row, "layer")),
            imbalance.text(row, "split").equals("test") ? "held out" : "training",
            imbalance.shown(row, "minority_mean_norm"),
            imbalance.shown(row, "majority_mean_norm"),
            imbalance.shown(row, "minority_cosine"),
            imbalance.shown(row, "majority_cosine"),
            percent(imbalance, row, "minority_accuracy"),
            percent(imbalance, row, "majority_accuracy"));
      }
    }
    return table.build();
  }

  private static String percent(CheckedTable table, int row, String column) {
    OptionalDouble share = table.number(row, column);
    return share.isPresent()
        ? HumanNumber.percent(share.getAsDouble())
        : table.shown(row, column); // as every table shows what is not there
  }

  /**
   * The rows that a chart over the depth is made of: one a layer, of whole inputs rather than means
   * over positions, and of the part of the data that comes first.
   */
  static List<Integer> rowsOverDepth(CheckedTable collapse) {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < collapse.size(); row++) {
      if (!collapse.text(row, "features").endsWith("_mean")
          && collapse.text(row, "split").equals(collapse.text(0, "split"))) {
        rows.add(row);
      }
    }
    return rows;
  }

  /** Of those, the rows of the largest epoch, or all where the epoch is undefined. */
  static List<Integer> rowsOfLastEpoch(CheckedTable collapse) {
    OptionalDouble last = collapse.largest("epoch");
    List<Integer> rows = new ArrayList<>();
    for (int row : rowsOverDepth(collapse)) {
      if (collapse.number(row, "epoch").equals(last)) {
        rows.add(row);
      }
    }
    return rows;
  }

  /**
   * The column {@code layer} names the layer whose input is measured, {@code output} the logits.
   */
  static String place(String layer) {
    return layer.equals(OUTPUT) ? "the logits" : "the input of " + layer;
  }
}
