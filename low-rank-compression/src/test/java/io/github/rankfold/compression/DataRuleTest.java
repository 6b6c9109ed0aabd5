package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Subspace;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Result;

class DataRuleTest {
  @TempDir Path temporary;

  /** Samples around a mean for each class. */
  private static LabeledData clusters(
      int perClass, int classes, List<Integer> shape, double spread) {
    int width = shape.stream().reduce(1, Math::multiplyExact);
    Random random = new Random(5);
    Matrix means = DenseLayers.gaussian(classes, width, 11);
    float[] values = new float[perClass * classes * width];
    int[] labels = new int[perClass * classes];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % classes;
      for (int j = 0; j < width; j++) {
        values[i * width + j] = (float) (means.get(labels[i], j) + spread * random.nextGaussian());
      }
    }
    List<String> names = IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    return new LabeledData("clusters", Features.ofFloats(values, width), shape, labels, names);
  }

  private static CompressionPlan plan(LiveModel model, DataRule rule, LabeledData data) {
    return rule.plan(model, LayerSelection.all(), data, Penalties.everywhere(0.01), layer -> {});
  }

  @ParameterizedTest(name = "{0}x{1}, {2} directions")
  @CsvSource({"12, 9, 1", "12, 9, 4", "30, 50, 7"})
  void whatProjectingLosesIsTheDistanceToTheSpan(int rows, int cols, int directions) {
    Layer layer = DenseLayers.of("dense", rows, cols);
    Matrix kernel = DenseLayers.gaussian(rows, cols, 1);
    Subspace span = Subspace.spannedBy(DenseLayers.gaussian(directions, rows, 2), 1e-9);
    LayerDecision decision =
        DataRule.OnClassMeans.projected(
            layer, kernel, Spectrum.of(kernel, Precision.FLOAT64), span);
    Factorization factors = decision.factors().orElseThrow();
    Matrix lost = kernel.minus(factors.left().times(factors.right()));
    assertEquals(directions, decision.rank());
    assertEquals(lost.frobeniusNorm(), Math.sqrt(decision.discardedEnergy()), 1e-9);
    assertEquals(lost.frobeniusNorm() / kernel.frobeniusNorm(), decision.relativeError(), 1e-9);
    // The rest is orthogonal to the span, so that nothing in it is nearer.
    assertEquals(0, span.basis().times(lost).frobeniusNorm(), 1e-9);
    // No matrix of that rank is nearer than the truncated SVD.
    assertTrue(lost.frobeniusNorm() >= decision.spectrum().distanceToRank(directions) - 1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cnn", "mlp", "conv1d"})
  void classMeansOfWhatALayerGivesStay(String name) throws IOException {
    Path folder = StoredOutputs.MODELS.resolve(name);
    Path smaller = temporary.resolve("smaller");
    try (LiveModel model = LiveModel.open(folder)) {
      List<Integer> shape = shape(model);
      LabeledData data = clusters(40, 3, shape, 0.3);
      Layer first =
          model.layers().stream()
              .filter(layer -> layer.breakEvenRank() >= 3)
              .findFirst()
              .orElseThrow();
      CompressionPlan plan =
          new DataRule.OnClassMeans()
              .plan(
                  model,
                  new LayerSelection(List.of(first.name()), List.of()),
                  data,
                  Penalties.none(),
                  layer -> {});
      assertEquals(3, plan.factored().get(0).rank());
      SavedModelCompressor.apply(model, plan, smaller);
      TensorRef product = model.calledUses(first).get(0).preActivation();
      try (LiveModel compressed = LiveModel.open(smaller)) {
        Matrix before = classMeans(model, product, data);
        Matrix after = classMeans(compressed, product, data);
        assertEquals(
            0,
            before.minus(after).frobeniusNorm(),
            1e-5 * before.frobeniusNorm(),
            "the mean over a class of z P W is that of z W");
      }
    }
  }

  private static List<Integer> shape(LiveModel model) {
    long[] sizes = model.tensor(model.input()).shape().asArray();
    return IntStream.range(1, sizes.length).mapToObj(i -> (int) sizes[i]).toList();
  }

  private static Matrix classMeans(LiveModel model, TensorRef tensor, LabeledData data) {
    try (InputBatch input = model.inputOf(data, 0, data.size());
        Result result = model.feeding(input).fetch(model.tensor(tensor)).run()) {
      long[] shape = result.get(0).shape().asArray();
      int width = (int) shape[shape.length - 1];
      double[] values = TensorValues.toDoubles(result.get(0));
      int positions = values.length / width / data.size();
      Matrix sums = Matrix.zeros(data.classes(), width);
      double[] sum = new double[data.classes() * width];
      for (int i = 0; i < values.length; i++) {
        int sample = i / (width * positions);
        sum[data.label(sample) * width + i % width] += values[i];
      }
      return sums.plus(Matrix.owning(data.classes(), width, sum));
    }
  }

  @Test
  void aCollapsedNetworkIsLeftAsItWas() throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), Activation.RELU, true, 3);
    LabeledData data = clusters(20, 4, List.of(16), 0);
    try (LiveModel model = LiveModel.open(folder)) {
      CompressionPlan plan = plan(model, new DataRule.OnClassMeans(), data);
      assertEquals(2, plan.factored().size());
      SavedModelCompressor.apply(model, plan, temporary.resolve("smaller"));
      try (LiveModel compressed = LiveModel.open(temporary.resolve("smaller"))) {
        Matrix before = classMeans(model, model.logits(), data);
        Matrix after = classMeans(compressed, compressed.logits(), data);
        assertEquals(0, before.minus(after).frobeniusNorm(), 1e-5 * before.frobeniusNorm());
      }
    }
  }

  @ParameterizedTest(name = "certificate:{0}")
  @ValueSource(doubles = {0.9, 0.5, 0.1, 0.01})
  void noMoreThanTheCertifiedShareIsLost(double share) throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), Activation.TANH, true, 3);
    LabeledData data = clusters(20, 4, List.of(16), 0.05);
    try (LiveModel model = LiveModel.open(folder)) {
      CompressionPlan plan = plan(model, new DataRule.Certified(share), data);
      for (LayerDecision decision : plan.factored()) {
        double kernel = decision.spectrum().distanceToRank(0);
        assertTrue(Math.sqrt(decision.discardedEnergy()) <= share * kernel);
      }
      for (LayerDecision decision : plan.decisions()) {
        assertEquals(decision.keptBecause().isPresent(), decision.factors().isEmpty());
      }
    }
  }

  /** Trained to a nearly critical point with lambda = 1e-2. */
  @Test
  void aCollapsedNetworkIsCertifiedNearTheRankOfItsMeans() {
    Path digits = Path.of(System.getProperty("rankfold.fixtures"), "digits-tanh/savedmodel_f64");
    try (LiveModel model = LiveModel.open(digits)) {
      LabeledData data = Digits.load().primary();
      CompressionPlan plan = plan(model, new DataRule.Certified(0.9), data);
      assertTrue(!plan.factored().isEmpty(), plan.decisions().toString());
      for (LayerDecision decision : plan.factored()) {
        double kernel = decision.spectrum().distanceToRank(0);
        assertTrue(Math.sqrt(decision.discardedEnergy()) <= 0.9 * kernel);
      }
    }
  }

  @Test
  void withoutAPenaltyThereIsNoCertificate() throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), Activation.TANH, true, 3);
    LabeledData data = clusters(5, 4, List.of(16), 0.05);
    try (LiveModel model = LiveModel.open(folder)) {
      DataRule rule = new DataRule.Certified(0.5);
      assertEquals(
          folder
              + ": rule certificate:0.5: expected the L2 penalty that the kernels were trained"
              + " with, found none in a manifest (--l2 gives one)",
          assertThrows(
                  InvalidInputException.class,
                  () -> rule.plan(model, LayerSelection.all(), data, Penalties.none(), layer -> {}))
              .getMessage());
      String kernel = model.layers().get(0).variable();
      CompressionPlan plan =
          rule.plan(
              model, LayerSelection.all(), data, Penalties.of(Map.of(kernel, 0.1)), layer -> {});
      assertEquals(
          Optional.of("no certificate, as it has no penalty"),
          plan.decisions().get(1).keptBecause());
    }
  }

  @ParameterizedTest
  @CsvSource({"certificate:0.1", "class-means"})
  void textIsReadBackAsTheSameRule(String text) {
    assertEquals(text, DataRule.parse(text).orElseThrow().text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"certificate", "certificate:", "certificate:1", "certificate:0", "certificate:x"})
  void certificatesThatAreNone(String text) {
    assertThrows(IllegalArgumentException.class, () -> DataRule.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"class-means:3", "rank:2", "", "means"})
  void otherTextsAreNotOfThisKind(String text) {
    assertTrue(DataRule.parse(text).isEmpty());
  }
}
