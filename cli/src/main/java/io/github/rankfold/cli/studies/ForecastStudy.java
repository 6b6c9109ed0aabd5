package io.github.rankfold.cli.studies;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.forecast.ForecastRivals;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.L2Penalty;
import java.util.List;

/** {@link ForecastRivals} on one network, as a table with the columns of the kernels. */
final class ForecastStudy {
  private static final double LAMBDA = 1e-2;

  private final LabeledData data;
  private final long seed;
  private final Progress progress;
  private int done;

  ForecastStudy(LabeledData data, long seed, Progress progress) {
    this.data = data;
    this.seed = seed;
    this.progress = progress;
  }

  CsvTable run() {
    NetworkSpec spec = NetworkSpec.parse("mlp:100x3", data.featureWidth(), data.classes());
    List<ForecastRivals.Row> rows =
        new ForecastRivals(spec, data, new L2Penalty(LAMBDA), seed)
            .run(row -> progress.reached(++done));
    double cost = rows.get(0).passes();
    CsvTable.Builder table =
        CsvTable.columns(
            "method",
            "points",
            "passes",
            "share_of_cost",
            "error_dense_1",
            "error_dense_2",
            "error_dense_3",
            "error_classifier",
            "rank_dense_1",
            "rank_dense_2",
            "rank_dense_3",
            "rank_classifier",
            "processor_seconds");
    for (ForecastRivals.Row row : rows) {
      List<SpectrumForecast.Score> scores = row.scores();
      table.row(
          row.method(),
          row.samples(),
          row.passes(),
          row.passes() / cost,
          scores.get(0).error(),
          scores.get(1).error(),
          scores.get(2).error(),
          scores.get(3).error(),
          scores.get(0).forecastRank(),
          scores.get(1).forecastRank(),
          scores.get(2).forecastRank(),
          scores.get(3).forecastRank(),
          row.processorSeconds());
    }
    return table.build();
  }
}
