package io.github.rankfold.cli.forecast;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.rank.AprioriBounds;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.collapse.statistics.WeightedPoints;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.Finish;
import io.github.rankfold.training.SampleWeights;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingRun;
import java.nio.DoubleBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Trains on a few points what would be trained on all data, and reads the spectra off. */
public final class ForecastStage {
  /** Rows of the progress of one start. */
  private static final int STEPS = 10;

  private ForecastStage() {}

  /**
   * What a forecast found.
   *
   * @param points that were trained on
   * @param samplesPassed what it cost, in samples passed forward and backward
   * @param startObjective of the initial weights on all data, from which training would start
   * @param tcv of the data itself
   */
  public record Result(
      NetworkSpec network,
      ForecastSettings settings,
      SpectrumForecast forecast,
      int points,
      long samplesPassed,
      double seconds,
      double startObjective,
      double tcv) {
    /** B: the most that the squared norms of all kernels sum to. */
    public double squaredNorms() {
      return AprioriBounds.squaredNorms(startObjective, settings.penalty().lambda());
    }

    /** The table of forecast_layers.csv. */
    public CsvTable layers() {
      CsvTable.Builder table =
          CsvTable.columns(
              "layer",
              "rows",
              "cols",
              "rank_1e-2",
              "largest",
              "squared_norm",
              "squared_norms_bound",
              "tcv_bound",
              "tcv_bound_by_forecast");
      double byForecast = tcv;
      int before = 0;
      for (DenseLayer layer : network.layers()) {
        Spectrum spectrum = forecast.byLayer().get(layer.name());
        if (spectrum == null) {
          throw new IllegalStateException("no forecast of layer " + layer.name());
        }
        double lipschitz = network.activation().lipschitz();
        table.row(
            layer.name(),
            layer.inputs(),
            layer.outputs(),
            spectrum.rank(SpectrumForecast.TOLERANCE),
            spectrum.largest(),
            spectrum.totalEnergy(),
            squaredNorms(),
            tcv * AprioriBounds.tcvFactor(lipschitz, squaredNorms(), network.residual(), before),
            byForecast);
        byForecast *= AprioriBounds.tcvFactor(lipschitz, spectrum.largest(), layer.residual());
        before++;
      }
      return table.build();
    }
  }

  public static Result run(
      NetworkSpec spec, LabeledData data, ForecastSettings settings, Console console) {
    data.requireEveryClass();
    long started = System.nanoTime();
    int[] labels = labels(data);
    Matrix rows = rows(data);
    WeightedPoints points =
        WeightedPoints.of(rows, labels, data.classes(), settings.points(), settings.seed());
    TrainingConfig config =
        TrainingConfig.defaults()
            .withBatchSize(0)
            .withL2(settings.penalty())
            .withThreads(settings.threads());
    Optional<TrainingRun> best = Optional.empty();
    long passed = 0;
    for (int start = 0; start < settings.starts(); start++) {
      TrainingConfig one = config.withSeed(settings.seed() + start);
      TrainingRun run = trainOnPoints(spec, data, points, one, settings.iterations(), console);
      passed += run.samplesPassed();
      if (best.isEmpty() || objective(run) < objective(best.get())) {
        best = Optional.of(run);
      }
    }
    NetworkWeights weights = best.orElseThrow().weights();
    if (settings.refinement() > 0) {
      TrainingConfig refining = finishing(config, 1, settings.refinement());
      TrainingRun run =
          Trainer.train(spec, weights, data, Optional.empty(), refining, EpochListener.NONE);
      passed += run.samplesPassed();
      weights = run.weights();
    }
    double seconds = (System.nanoTime() - started) * 1e-9;
    NetworkWeights start = NetworkWeights.initial(spec, settings.seed());
    return new Result(
        spec,
        settings,
        new SpectrumForecast(spectra(spec, weights)),
        points.size(),
        passed,
        seconds,
        Trainer.objective(spec, start, data, config),
        tcv(rows, labels, data.classes()));
  }

  private static double objective(TrainingRun run) {
    return run.history().last().objective();
  }

  private static TrainingRun trainOnPoints(
      NetworkSpec spec,
      LabeledData data,
      WeightedPoints points,
      TrainingConfig config,
      int iterations,
      Console console) {
    int steps = Math.min(STEPS, iterations);
    TrainingConfig finishing = finishing(config, steps, iterations / steps);
    try (Progress progress = console.progress("Forecast", steps)) {
      return Trainer.train(
          spec,
          NetworkWeights.initial(spec, config.seed()),
          labeled(data, points),
          SampleWeights.of(points.weights().stream().mapToDouble(Double::doubleValue).toArray()),
          Optional.empty(),
          finishing,
          (summary, weights) -> {
            progress.reached(summary.epoch());
            return new EpochListener.Response.Continue();
          });
    }
  }

  private static TrainingConfig finishing(TrainingConfig config, int epochs, int iterations) {
    return config.withFinish(new Finish(epochs, iterations)).withEpochs(0);
  }

  private static LabeledData labeled(LabeledData data, WeightedPoints points) {
    return new LabeledData(
        "%d points for %s".formatted(points.size(), data.name()),
        Features.ofFloats(points.points().toFloats(), data.featureWidth()),
        data.featureShape(),
        points.labels().stream().mapToInt(Integer::intValue).toArray(),
        data.classNames());
  }

  /** The singular values of the kernels of a network on the heap, by layer. */
  public static Map<String, Spectrum> spectra(NetworkSpec spec, NetworkWeights weights) {
    Map<String, Spectrum> spectra = new LinkedHashMap<>();
    for (DenseLayer layer : spec.layers()) {
      spectra.put(layer.name(), Spectrum.of(kernel(weights, layer), Precision.FLOAT32));
    }
    return spectra;
  }

  public static Matrix kernel(NetworkWeights weights, DenseLayer layer) {
    float[] values = weights.get(layer.kernelName()).values();
    return Matrix.fromFloats(layer.inputs(), layer.outputs(), values);
  }

  private static Matrix rows(LabeledData data) {
    DoubleBuffer buffer =
        DoubleBuffer.allocate(Math.multiplyExact(data.size(), data.featureWidth()));
    data.copyFeatures(0, data.size(), buffer);
    return Matrix.owning(data.size(), data.featureWidth(), buffer.array());
  }

  private static int[] labels(LabeledData data) {
    int[] labels = new int[data.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = data.label(i);
    }
    return labels;
  }

  private static double tcv(Matrix rows, int[] labels, int classes) {
    ClassMoments moments = new ClassMoments(rows.cols(), classes);
    moments.add(FeatureBatch.of(rows.cols(), rows.toDoubles()), labels);
    return moments.statistics().tcv();
  }
}
