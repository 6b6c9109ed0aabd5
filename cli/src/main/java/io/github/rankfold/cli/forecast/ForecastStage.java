package io.github.rankfold.cli.forecast;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.collapse.statistics.WeightedPoints;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains on few points, then on more, then shortly on all data, what would be trained long on all
 * data, and reads the spectra off.
 */
public final class ForecastStage {
  /** Rows of the progress of one training; each costs a pass of its own. */
  private static final int STEPS = 5;

  /** At least so many iterations for a row of the progress. */
  private static final int ITERATIONS_SHOWN = 8;

  /** What an iteration of L-BFGS costs in evaluations, its line search included, as seen. */
  private static final double EVALUATIONS = 1.06;

  /** Samples read at a time for the variation of the data. */
  private static final int CHUNK = 1024;

  private final NetworkSpec spec;
  private final LabeledData data;
  private final ForecastSettings settings;
  private final TrainingConfig config;
  private final Console console;
  private long passed;

  private ForecastStage(
      NetworkSpec spec, LabeledData data, ForecastSettings settings, Console console) {
    this.spec = spec;
    this.data = data;
    this.settings = settings;
    this.console = console;
    this.config =
        TrainingConfig.defaults()
            .withBatchSize(0)
            .withL2(settings.penalty())
            .withSeed(settings.seed())
            .withThreads(settings.threads());
  }

  /** Refuses more points than samples, and fewer than classes. */
  public static void check(LabeledData data, ForecastSettings settings) {
    ForecastLevel.of(data, settings);
  }

  /**
   * Forecasts, telling of its levels as they go on.
   *
   * @throws io.github.rankfold.models.InvalidInputException where a class has no sample
   */
  public static ForecastResult run(
      NetworkSpec spec, LabeledData data, ForecastSettings settings, Console console) {
    data.requireEveryClass();
    return new ForecastStage(spec, data, settings, console).run(ForecastLevel.of(data, settings));
  }

  private ForecastResult run(List<ForecastLevel> levels) {
    long started = System.nanoTime();
    NetworkWeights start = NetworkWeights.initial(spec, settings.seed());
    NetworkWeights weights = start;
    for (int l = 0; l < levels.size(); l++) {
      weights = trained(levels.get(l), weights, l == 0 ? settings.starts() : 1);
    }
    double seconds = (System.nanoTime() - started) * 1e-9;
    return new ForecastResult(
        spec,
        settings,
        new SpectrumForecast(spectra(spec, weights)),
        levels.get(0).points(),
        data.size(),
        passed,
        seconds,
        Trainer.objective(spec, start, data, config),
        tcv());
  }

  private NetworkWeights trained(ForecastLevel level, NetworkWeights from, int starts) {
    LabeledData samples = data;
    SampleWeights weights = SampleWeights.equal(data.size());
    if (level.points() < data.size()) {
      WeightedPoints points = WeightedPoints.of(data, level.points());
      samples = labeled(points);
      weights =
          SampleWeights.of(points.weights().stream().mapToDouble(Double::doubleValue).toArray());
    }
    TrainingConfig finishing = finishing(samples.size(), level.passes() / starts);
    int steps = finishing.finish().map(Finish::epochs).orElse(1);
    TrainingRun best = null;
    try (Progress progress =
        console.progress("%,d points".formatted(samples.size()), (long) steps * starts)) {
      for (int start = 0; start < starts; start++) {
        int before = start * steps;
        TrainingRun run =
            Trainer.train(
                spec,
                start == 0 ? from : NetworkWeights.initial(spec, settings.seed() + start),
                samples,
                weights,
                Optional.empty(),
                finishing,
                (summary, found) -> {
                  progress.reached(before + summary.epoch());
                  return new EpochListener.Response.Continue();
                });
        passed += run.samplesPassed();
        if (best == null || objective(run) < objective(best)) {
          best = run;
        }
      }
    }
    if (best == null) {
      throw new IllegalStateException("no start of " + starts);
    }
    return best.weights();
  }

  private TrainingConfig finishing(int points, double passes) {
    double samples = passes * data.size();
    double curvature = Finish.curvatureCost(points);
    double iteration = EVALUATIONS * points + curvature;
    int steps = (int) Math.max(1, Math.min(STEPS, samples / iteration / ITERATIONS_SHOWN));
    // The start, the end of each step and the first look at the curvature cost beside iterations.
    double left = samples - (1.0 + steps) * points - curvature;
    int iterations = (int) Math.max(1, left / iteration / steps);
    return config
        .withFinish(new Finish(steps, iterations, Finish.Curvature.KRONECKER))
        .withEpochs(0);
  }

  private static double objective(TrainingRun run) {
    return run.history().last().objective();
  }

  private LabeledData labeled(WeightedPoints points) {
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

  /** A kernel of a network on the heap, [inputs x outputs]. */
  public static Matrix kernel(NetworkWeights weights, DenseLayer layer) {
    float[] values = weights.get(layer.kernelName()).values();
    return Matrix.fromFloats(layer.inputs(), layer.outputs(), values);
  }

  /** The variation of the data itself inside its classes. */
  private double tcv() {
    int width = data.featureWidth();
    ClassMoments moments = new ClassMoments(width, data.classes());
    for (int from = 0; from < data.size(); from += CHUNK) {
      int to = Math.min(data.size(), from + CHUNK);
      DoubleBuffer rows = DoubleBuffer.allocate((to - from) * width);
      data.copyFeatures(from, to, rows);
      int[] labels = new int[to - from];
      for (int i = from; i < to; i++) {
        labels[i - from] = data.label(i);
      }
      moments.add(FeatureBatch.of(width, rows.array()), labels);
    }
    return moments.statistics().tcv();
  }
}
