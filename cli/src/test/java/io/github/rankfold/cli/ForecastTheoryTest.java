package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.forecast.ForecastResult;
import io.github.rankfold.cli.forecast.ForecastSettings;
import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.probe.LayerReport;
import io.github.rankfold.collapse.rank.AprioriBounds;
import io.github.rankfold.models.Device;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.L2Penalty;
import io.github.rankfold.training.LearningRateSchedule;
import io.github.rankfold.training.Optimizer;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is known of trained networks before training, on networks that were really trained. */
class ForecastTheoryTest {
  @TempDir Path folder;

  /**
   * The deep linear optimum of balanced orthonormal classes [F][J]: with L layers and K classes
   * every kernel has K - 1 singular values {@code c^(1/L)}, and c minimizes {@code ln(1 + (K-1)
   * e^-c) + lambda/2 L (K-1) c^(2/L)}. Found with half of the neurons.
   */
  @ParameterizedTest(name = "{0} classes, {1} hidden layers, lambda {2}")
  @CsvSource({"4, 1, 1e-2", "4, 2, 5e-3", "6, 2, 2e-3", "3, 3, 2e-3"})
  void deepLinearNetworksReachTheClosedForm(int classes, int hidden, double lambda) {
    LabeledData data = oneHot(classes, 12);
    NetworkSpec spec =
        NetworkSpec.parse("mlp:16x%d:linear:nobias".formatted(hidden), classes, classes);
    ForecastSettings settings =
        new ForecastSettings(new L2Penalty(lambda), Optional.of(8), 150, 3, 1, Device.CPU);
    ForecastResult result = ForecastStage.run(spec, data, settings, silent());
    double expected = Math.pow(closedForm(classes, hidden + 1, lambda), 1.0 / (hidden + 1));
    result
        .forecast()
        .byLayer()
        .forEach(
            (layer, spectrum) -> {
              for (int i = 0; i < classes - 1; i++) {
                assertEquals(expected, spectrum.value(i), 0.01 * expected, layer);
              }
              for (int i = classes - 1; i < spectrum.size(); i++) {
                assertEquals(0, spectrum.value(i), 0.01 * expected, layer);
              }
            });
  }

  /** Squared norms, and variation inside the classes at every layer, of SGD and of L-BFGS. */
  @ParameterizedTest(name = "{0}, lambda {1}, seed {2}")
  @CsvSource({
    "mlp:12x3, 1e-2, 1",
    "mlp:12x2:tanh, 1e-2, 2",
    "mlp:9:gelu, 1e-3, 3",
    "resmlp:10x3:tanh, 1e-3, 4",
    "mlp:12x2:linear, 3e-2, 5"
  })
  void trainedNetworksAreWithinTheBounds(String network, double lambda, long seed)
      throws IOException {
    LabeledData data = clusters(90, 7, 3, seed);
    NetworkSpec spec = NetworkSpec.parse(network, 7, 3);
    TrainingConfig config =
        TrainingConfig.defaults()
            .withBatchSize(16)
            .withEpochs(20)
            .withL2(lambda)
            .withSeed(seed)
            .withThreads(1);
    TrainingRun run = Trainer.train(spec, data, config);
    NetworkWeights start = NetworkWeights.initial(spec, seed);
    double startObjective = Trainer.objective(spec, start, data, config);
    assertTrue(run.history().last().objective() <= startObjective, "the bound's premise");
    double norms = AprioriBounds.squaredNorms(startObjective, lambda);
    Map<String, Spectrum> spectra = ForecastStage.spectra(spec, run.weights());
    double found = spectra.values().stream().mapToDouble(Spectrum::totalEnergy).sum();
    assertTrue(found <= norms * (1 + 1e-6), found + " <= " + norms);

    Path written = folder.resolve("saved_model");
    NetworkExport.write(spec, run.weights(), written);
    List<LayerReport> layers;
    try (LiveModel model = LiveModel.open(written)) {
      layers = CollapseAnalysis.of(model, data, Penalties.none()).layers();
    }
    double tcv = layers.get(0).collapse().tcv();
    double byNorms = tcv;
    double lipschitz = spec.activation().lipschitz();
    for (int l = 0; l < spec.layers().size(); l++) {
      double measured = layers.get(l).collapse().tcv();
      assertTrue(measured <= byNorms * (1 + 1e-4) + 1e-9, l + ": " + measured + " " + byNorms);
      double blind = tcv * AprioriBounds.tcvFactor(lipschitz, norms, spec.residual(), l);
      assertTrue(byNorms <= blind * (1 + 1e-6), l + ": " + byNorms + " <= " + blind);
      String layer = spec.layers().get(l).name();
      byNorms *=
          AprioriBounds.tcvFactor(
              lipschitz, spectrum(spectra, layer).largest(), spec.layers().get(l).residual());
    }
  }

  /**
   * arXiv 2206.05794 on plain SGD: after every k steps the kernel is within {@code (1 - mu
   * lambda)^k ||W_{T-k}||} of rank {@code B k}, with batches of one sample.
   */
  @Test
  void plainSgdIsNearTheRankOfItsLastSteps() {
    int steps = 8;
    double rate = 0.5;
    double lambda = 0.25;
    LabeledData data = clusters(steps, 30, 2, 3);
    NetworkSpec spec = NetworkSpec.parse("mlp:25:tanh", 30, 2);
    List<NetworkWeights> seen = new ArrayList<>();
    seen.add(NetworkWeights.initial(spec, 6));
    TrainingConfig config =
        TrainingConfig.defaults()
            .withOptimizer(new Optimizer.Sgd(0, false))
            .withSchedule(new LearningRateSchedule.Constant())
            .withLearningRate(rate)
            .withBatchSize(1)
            .withEpochs(4)
            .withL2(lambda)
            .withSeed(6)
            .withThreads(1);
    Trainer.train(
        spec,
        data,
        Optional.empty(),
        config,
        (summary, weights) -> {
          seen.add(weights.get());
          return new EpochListener.Response.Continue();
        });
    double factor = Math.pow(1 - rate * lambda, steps);
    for (int epoch = 1; epoch < seen.size(); epoch++) {
      Spectrum before = spectrum(ForecastStage.spectra(spec, seen.get(epoch - 1)), "dense_1");
      Spectrum after = spectrum(ForecastStage.spectra(spec, seen.get(epoch)), "dense_1");
      double bound = factor * before.distanceToRank(0);
      assertTrue(after.distanceToRank(steps) <= bound * (1 + 1e-4), "epoch " + epoch);
      assertTrue(bound < after.distanceToRank(0), "the bound says something");
    }
    double eps = 2 * factor;
    assertTrue(AprioriBounds.sgdRank(1, 1, rate, lambda, eps) >= steps);
    assertTrue(
        Math.pow(1 - rate * lambda, (double) AprioriBounds.sgdSteps(rate, lambda, eps)) <= eps / 2);
  }

  private static Spectrum spectrum(Map<String, Spectrum> spectra, String layer) {
    return Optional.ofNullable(spectra.get(layer)).orElseThrow();
  }

  private static double closedForm(int classes, int layers, double lambda) {
    double best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (double c = 0; c < 20; c += 1e-3) {
      double value =
          Math.log1p((classes - 1) * Math.exp(-c))
              + lambda / 2 * layers * (classes - 1) * Math.pow(c, 2.0 / layers);
      if (value < least) {
        least = value;
        best = c;
      }
    }
    assertTrue(best > 1, "not the trivial optimum");
    return best;
  }

  private static LabeledData oneHot(int classes, int each) {
    double[] values = new double[classes * each * classes];
    int[] labels = new int[classes * each];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % classes;
      values[i * classes + labels[i]] = 1;
    }
    return data("one-hot", values, classes, labels, classes);
  }

  private static LabeledData clusters(int samples, int width, int classes, long seed) {
    Random random = new Random(seed);
    double[] values = new double[samples * width];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = i % classes;
      for (int j = 0; j < width; j++) {
        values[i * width + j] = (j % classes == labels[i] ? 1 : 0) + 0.4 * random.nextGaussian();
      }
    }
    return data("clusters", values, width, labels, classes);
  }

  private static LabeledData data(
      String name, double[] values, int width, int[] labels, int classes) {
    return new LabeledData(
        name,
        Features.ofDoubles(values, width),
        List.of(width),
        labels,
        IntStream.range(0, classes).mapToObj(Integer::toString).toList());
  }

  private static Console silent() {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    return new Console(nowhere, nowhere, false, true);
  }
}
