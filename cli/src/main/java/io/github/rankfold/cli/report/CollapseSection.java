package io.github.rankfold.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** How far the features of each class have fallen together, over depth and over epochs. */
final class CollapseSection {
  /** The row of the logits, which belong to no layer. */
  static final String OUTPUT = "output";

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
    return Section.of(Markup.join(List.of(charts, table.build())));
  }

  /** The rows of the largest epoch, or all rows where the epoch is undefined. */
  static List<Integer> rowsOfLastEpoch(CheckedTable collapse) {
    OptionalDouble last = collapse.largest("epoch");
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < collapse.size(); row++) {
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
