package io.github.rankfold.cli.report;

import java.util.Optional;

/** What was forecast of the spectra, beside what came out. */
final class ForecastSection {
  private ForecastSection() {}

  static Section of(ReportInputs inputs) {
    Optional<CheckedTable> found =
        inputs.table(ReportTable.FORECAST_SCORE).filter(table -> table.size() > 0);
    if (found.isEmpty()) {
      return Section.leftOut(
          "No forecast_score.csv: the spectra were not forecast, or not compared (train"
              + " --forecast).");
    }
    CheckedTable scores = found.get();
    HtmlTable table =
        new HtmlTable(
            "Forecast beside the outcome", 1, "Layer", "Error", "Rank forecast", "Rank found");
    for (int row = 0; row < scores.size(); row++) {
      table.row(
          scores.text(row, "layer"),
          scores.shown(row, "relative_error"),
          scores.shown(row, "forecast_rank_1e-2"),
          scores.shown(row, "rank_1e-2"));
    }
    return Section.of(table.build());
  }
}
