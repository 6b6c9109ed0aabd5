package io.github.rankfold.cli.forecast;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.Finish;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingRun;
import java.nio.DoubleBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Trains a {@link NarrowNetwork} for a few epochs of mini-batches, then, where the training would
 * go on long, with an L-BFGS that needs few passes, on some of the samples and at last on all; and
 * reads the spectra off.
 */
public final class ForecastStage {
  /** Epochs of mini-batches, at most: they find the region where the training ends. */
  private static final int EPOCHS = 5;

  /** The most of all passes that mini-batches may have. */
  private static final double EPOCHS_SHARE = 0.17;

  /** The part of the samples, and the least number, on which the L-BFGS begins. */
  private static final int PART = 6;

  private static final int LEAST_PART = 10_000;

  /** What that may cost of the passes left. */
  private static final double PART_SHARE = 0.3;

  /** Multiply-adds that a sample takes forward and backward, for each parameter. */
  private static final double MULTIPLY_ADDS = 3;

  /** What an iteration of L-BFGS costs in evaluations, its line search included, as seen. */
  private static final double EVALUATIONS = 1.06;

  /** Rows of the progress of an L-BFGS; each costs a pass of its own. */
  private static final int ROWS = 3;

  /** Samples read at a time for the variation of the data. */
  private static final int CHUNK = 1024;

  private final NarrowNetwork network;
  private final TrainingConfig config;
  private final Console console;
  private NetworkWeights weights;
  private long passed;

  private ForecastStage(NarrowNetwork network, ForecastSettings settings, Console console) {
    this.network = network;
    this.console = console;
    config =
        TrainingConfig.defaults()
            .withL2(network.penalty(settings.penalty()))
            .withSeed(settings.seed())
            .withThreads(settings.threads())
            .withDevice(settings.device());
    weights = NetworkWeights.initial(network.narrow(), settings.seed());
  }

  /**
   * Forecasts, telling how far it has come.
   *
   * @throws io.github.rankfold.models.InvalidInputException where a class has no sample
   */
  public static ForecastResult run(
      NetworkSpec spec, LabeledData data, ForecastSettings settings, Console console) {
    data.requireEveryClass();
    long started = System.nanoTime();
    PrincipalInputs inputs =
        spec.residual() ? new PrincipalInputs(data, 0) : PrincipalInputs.of(data);
    double before = inputs.multiplyAdds() / MULTIPLY_ADDS / spec.parameters() / data.size();
    int width = settings.width(data.classes());
    NarrowNetwork network = NarrowNetwork.of(spec, width, inputs.samples().featureWidth());
    ForecastStage stage = new ForecastStage(network, settings, console);
    stage.run(inputs.samples(), Math.max(0, settings.passes() - before) / network.share());
    double seconds = (System.nanoTime() - started) * 1e-9;
    NetworkWeights start = NetworkWeights.initial(spec, settings.seed());
    return new ForecastResult(
        spec,
        network.narrow(),
        settings,
        new SpectrumForecast(network.spectra(stage.weights)),
        data.size(),
        stage.passed,
        before + (double) stage.passed / data.size() * network.share(),
        seconds,
        Trainer.objective(spec, start, data, stage.config.withL2(settings.penalty())),
        tcv(data));
  }

  /**
   * @param passes of the narrow network over all samples
   */
  private void run(LabeledData data, double passes) {
    int epochs = (int) Math.min(EPOCHS, EPOCHS_SHARE * passes);
    if (epochs > 0) {
      train("mini-batches", data, config.withEpochs(epochs), epochs);
    }
    double left = (passes - epochs) * data.size();
    int part = Math.max(data.size() / PART, LEAST_PART);
    if (part <= data.size() / 2) {
      long before = passed;
      LabeledData some = data.select(PrincipalInputs.spread(data.size(), part));
      finish(some, PART_SHARE * left);
      left -= passed - before;
    }
    finish(data, left);
  }

  private void finish(LabeledData samples, double mayPass) {
    double curvature = Finish.curvatureCost(samples.size());
    double iteration = EVALUATIONS * samples.size() + curvature;
    // The start, the end of each row and the first look at the curvature cost beside iterations.
    double iterations = (mayPass - (1.0 + ROWS) * samples.size() - curvature) / iteration;
    int each = (int) Math.max(1, iterations / ROWS);
    Finish finish = new Finish(ROWS, each, Finish.Curvature.KRONECKER);
    train(
        "%,d samples".formatted(samples.size()),
        samples,
        config.withFinish(finish).withEpochs(0),
        ROWS);
  }

  private void train(String what, LabeledData samples, TrainingConfig how, int rows) {
    try (Progress progress = console.progress(what, rows)) {
      TrainingRun run =
          Trainer.train(
              network.narrow(),
              weights,
              samples,
              Optional.empty(),
              how,
              (summary, found) -> {
                progress.reached(summary.epoch());
                return new EpochListener.Response.Continue();
              });
      weights = run.weights();
      passed += run.samplesPassed();
    }
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
  private static double tcv(LabeledData data) {
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
