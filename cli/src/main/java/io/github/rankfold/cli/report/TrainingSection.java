package io.github.rankfold.cli.report;

import java.util.List;
import java.util.Optional;

/** The curves of the training, and a thinned table of them. */
final class TrainingSection {
  /** A thousand epochs are a chart; the table shows about this many of them. */
  private static final int ROWS_SHOWN = 100;

  private static final List<String> COLUMNS = ReportTable.HISTORY.numberColumns();

  private TrainingSection() {}

  static Section of(ReportInputs inputs) {
    Optional<CheckedTable> found =
        inputs.table(ReportTable.HISTORY).filter(table -> table.size() > 0);
    if (found.isEmpty()) {
      return Section.leftOut("No history.csv: how the model was trained is not known.");
    }
    CheckedTable history = found.get();
    int step = (history.size() + ROWS_SHOWN - 1) / ROWS_SHOWN;
    HtmlTable table =
        new HtmlTable(
            step == 1 ? "Training in numbers" : "Training in numbers, every " + step + " epochs",
            1,
            COLUMNS.stream().map(column -> column.replace('_', ' ')).toArray(String[]::new));
    int last = history.size() - 1;
    for (int row = 0; row <= last; row++) {
      if (row % step == 0 || row == last) {
        int shown = row;
        table.row(COLUMNS.stream().map(column -> history.shown(shown, column)).toArray());
      }
    }
    String inWords =
        "Training curves over %d epochs: objective ends at %s, loss at %s, accuracy at %s"
            .formatted(
                history.size(),
                history.shown(last, "objective"),
                history.shown(last, "loss"),
                history.shown(last, "accuracy"));
    return Section.of(
        Markup.join(List.of(Section.charts("training-charts", inWords), table.folded())));
  }
}
