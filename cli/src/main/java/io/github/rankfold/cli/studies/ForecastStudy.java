package io.github.rankfold.cli.studies;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.forecast.ForecastSettings;
import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.Finish;
import io.github.rankfold.training.L2Penalty;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingRun;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Forecasts beside the two rivals of anyone who wants to know early: a tenth of the training, and
 * training on a tenth of the data. The outcome is 500 iterations of L-BFGS on all data.
 */
final class ForecastStudy {
  private static final double LAMBDA = 1e-2;
  private static final int ITERATIONS = 500;

  private final LabeledData data;
  private final long seed;
  private final Progress progress;
  private final NetworkSpec spec;
  private final List<Map<String, Spectrum>> outcome = new ArrayList<>();
  private final CsvTable.Builder table =
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
          "rank_classifier");
  private double cost;
  private int done;

  ForecastStudy(LabeledData data, long seed, Progress progress) {
    this.data = data;
    this.seed = seed;
    this.progress = progress;
    this.spec = NetworkSpec.parse("mlp:100x3:tanh", data.featureWidth(), data.classes());
  }

  CsvTable run() {
    TrainingRun training = trained(data, seed, ITERATIONS);
    outcome.add(ForecastStage.spectra(spec, training.weights()));
    cost = training.samplesPassed();
    row("training", data.size(), training);
    row("another seed", data.size(), trained(data, seed + 1, ITERATIONS));
    for (int points : new int[] {60, 120, 240}) {
      forecast("points", points, ITERATIONS / 2, 0);
    }
    for (int points : new int[] {60, 120, 240}) {
      forecast("points, then refined", points, ITERATIONS / 4, 25);
    }
    row("a tenth of the training", data.size(), trained(data, seed, ITERATIONS / 10));
    LabeledData tenth = data.select(drawn(data.size(), data.size() / 10));
    row("a tenth of the data", tenth.size(), trained(tenth, seed, ITERATIONS));
    row("a twentieth of the training", data.size(), trained(data, seed, ITERATIONS / 20));
    return table.build();
  }

  private TrainingRun trained(LabeledData samples, long from, int iterations) {
    return Trainer.train(
        spec,
        samples,
        TrainingConfig.defaults()
            .withBatchSize(0)
            .withL2(LAMBDA)
            .withSeed(from)
            .withFinish(new Finish(1, iterations))
            .withEpochs(0));
  }

  private void forecast(String method, int points, int iterations, int refinement) {
    ForecastSettings settings =
        new ForecastSettings(new L2Penalty(LAMBDA), points, iterations, refinement, 1, seed, 0);
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    Console quiet = new Console(nowhere, nowhere, false, true);
    ForecastStage.Result result = ForecastStage.run(spec, data, settings, quiet);
    row(method, result.points(), result.samplesPassed(), result.forecast());
  }

  private void row(String method, int points, TrainingRun run) {
    SpectrumForecast found = new SpectrumForecast(ForecastStage.spectra(spec, run.weights()));
    row(method, points, run.samplesPassed(), found);
  }

  private void row(String method, int points, long passed, SpectrumForecast forecast) {
    List<SpectrumForecast.Score> scores = forecast.score(outcome.get(0));
    table.row(
        method,
        points,
        (double) passed / data.size(),
        passed / cost,
        scores.get(0).error(),
        scores.get(1).error(),
        scores.get(2).error(),
        scores.get(3).error(),
        scores.get(0).forecastRank(),
        scores.get(1).forecastRank(),
        scores.get(2).forecastRank(),
        scores.get(3).forecastRank());
    progress.reached(++done);
  }

  private int[] drawn(int samples, int count) {
    return new SplittableRandom(seed).ints(0, samples).distinct().limit(count).toArray();
  }
}
