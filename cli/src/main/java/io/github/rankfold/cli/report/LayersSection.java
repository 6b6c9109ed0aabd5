package io.github.rankfold.cli.report;

import java.util.ArrayList;
import java.util.List;
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
    boolean some = layers.says("skipped_because");
    List<String> columns =
        new ArrayList<>(
            List.of(
                "Layer",
                "Kind",
                "Matrix",
                "Parameters",
                "Rank, float32",
                "Rank, 10\u207b\u00b3",
                "Stable rank",
                "Effective rank",
                "Break-even rank"));
    if (some) {
      columns.add("Passed over because");
    }
    HtmlTable table = new HtmlTable("Shapes and ranks", 2, columns);
    if (some) {
      table.lastInWords();
    }
    for (int row = 0; row < layers.size(); row++) {
      List<Object> cells =
          new ArrayList<>(
              List.of(
                  layers.text(row, "layer"),
                  layers.text(row, "kind"),
                  matrix(layers, row),
                  layers.shown(row, "parameters"),
                  layers.shown(row, "rank_float32"),
                  layers.shown(row, "rank_1e-3"),
                  layers.shown(row, "stable_rank"),
                  layers.shown(row, "effective_rank"),
                  layers.shown(row, "break_even_rank")));
      if (some) {
        cells.add(HtmlTable.words(layers.text(row, "skipped_because")));
      }
      table.row(cells);
    }
    return Section.of(table.build());
  }

  private static String matrix(CheckedTable layers, int row) {
    return layers.text(row, "rows").isEmpty()
        ? HumanNumber.UNDEFINED
        : layers.shown(row, "rows") + " \u00d7 " + layers.shown(row, "cols");
  }
}
