package io.github.rankfold.cli.report;

import java.util.Optional;

/** Shapes and ranks of all layers, also of those that were passed over. */
final class LayersSection {
  private LayersSection() {}

  static Section of(ReportInputs inputs) {
    Optional<CheckedTable> found =
        inputs.table(ReportTable.LAYERS).filter(table -> table.size() > 0);
    if (found.isEmpty()) {
      return Section.leftOut("No layers.csv: shapes and ranks of the layers are not known.");
    }
    CheckedTable layers = found.get();
    HtmlTable table =
        new HtmlTable(
            "Shapes and ranks",
            2,
            "Layer",
            "Kind",
            "Matrix",
            "Parameters",
            "Rank, float32",
            "Rank, 10\u207b\u00b3",
            "Stable rank",
            "Effective rank",
            "Break-even rank",
            "Passed over because");
    for (int row = 0; row < layers.size(); row++) {
      table.row(
          layers.text(row, "layer"),
          layers.text(row, "kind"),
          layers.shown(row, "rows") + " \u00d7 " + layers.shown(row, "cols"),
          layers.shown(row, "parameters"),
          layers.shown(row, "rank_float32"),
          layers.shown(row, "rank_1e-3"),
          layers.shown(row, "stable_rank"),
          layers.shown(row, "effective_rank"),
          layers.shown(row, "break_even_rank"),
          Markup.format("<span class=\"words\">%s</span>", layers.text(row, "skipped_because")));
    }
    return Section.of(table.build());
  }
}
