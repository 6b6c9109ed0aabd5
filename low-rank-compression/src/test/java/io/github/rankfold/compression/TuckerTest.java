package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.TuckerDecomposition;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.layers.MatrixView;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.DataType;

class TuckerTest {
  @TempDir Path temporary;

  private static Matrix gaussian(int rows, int cols, long seed) {
    Random random = new Random(seed);
    double[] values = new double[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Matrix.owning(rows, cols, values);
  }

  private static Layer convolution(int height, int width, int inputs, int outputs) {
    List<Integer> shape = List.of(height, width, inputs, outputs);
    TensorRef any = new TensorRef("any", 0);
    MatrixView view = new MatrixView(shape, List.of(0, 1, 2), List.of(3));
    KernelUse use = new KernelUse("conv", any, any, any, view, false, 25, 100, Optional.empty());
    return new Layer(
        "conv",
        LayerKind.CONVOLUTION,
        "conv/kernel",
        view.rows(),
        view.columns(),
        DataType.DT_FLOAT,
        List.of(use));
  }

  /** {@code core x_Ci A x_Co B} as patches, [kh kw Ci x Co], written out as the sum that it is. */
  private static Matrix product(Factorization factors, int filter) {
    Matrix core = factors.core().orElseThrow();
    int inputs = factors.left().rows();
    double[] values = new double[filter * inputs * factors.right().cols()];
    int next = 0;
    for (int position = 0; position < filter; position++) {
      for (int input = 0; input < inputs; input++) {
        for (int output = 0; output < factors.right().cols(); output++) {
          double sum = 0;
          for (int p = 0; p < factors.left().cols(); p++) {
            for (int q = 0; q < factors.rank(); q++) {
              sum +=
                  factors.left().get(input, p)
                      * core.get(position * factors.left().cols() + p, q)
                      * factors.right().get(q, output);
            }
          }
          values[next++] = sum;
        }
      }
    }
    return Matrix.owning(filter * inputs, factors.right().cols(), values);
  }

  @ParameterizedTest(name = "{0}x{1}, {2} -> {3} channels at ranks {4} and {5}")
  @CsvSource({
    "3, 3, 8, 6, 8, 6", // full
    "3, 3, 8, 6, 3, 2",
    "3, 2, 5, 9, 1, 4",
    "2, 2, 3, 40, 3, 7", // more outputs than a filter has values
    "2, 2, 40, 3, 9, 3",
    "2, 2, 6, 6, 6, 1" // the input rank is more than an output of rank 1 fills
  })
  void errorIsWhatTheCoreLacksAndBetweenTheUnfoldingsBounds(
      int height, int width, int inputs, int outputs, int inputRank, int outputRank) {
    Layer layer = convolution(height, width, inputs, outputs);
    Matrix kernel = gaussian(layer.rows(), layer.cols(), 100L * inputs + outputs);
    TuckerDecomposition tucker = new TuckerDecomposition(layer, kernel, Precision.FLOAT64);
    Factorization factors = tucker.factors(inputRank, outputRank);
    double norm = kernel.frobeniusNorm();
    double core = factors.core().orElseThrow().frobeniusNorm();
    double error = kernel.minus(product(factors, height * width)).frobeniusNorm();
    assertEquals(norm * norm - core * core, error * error, 1e-9 * norm * norm);
    double ofInputs = tucker.inputSpectrum().tailEnergy(factors.left().cols());
    double ofOutputs = tucker.outputSpectrum().tailEnergy(factors.rank());
    double slack = 1e-9 * norm * norm;
    // De Lathauwer et al. 2000: no nearer than either, no farther than both together.
    assertTrue(error * error >= Math.max(ofInputs, ofOutputs) - slack);
    assertTrue(error * error <= ofInputs + ofOutputs + slack);
  }

  @Test
  void kernelOfThoseRanksIsFoundAgain() {
    Layer layer = convolution(3, 3, 10, 12);
    Factorization true23 =
        new Factorization(
            gaussian(10, 2, 1),
            gaussian(3, 12, 2),
            ConvolutionForm.TUCKER,
            Optional.of(gaussian(9 * 2, 3, 3)));
    Matrix kernel = product(true23, 9);
    TuckerDecomposition tucker = new TuckerDecomposition(layer, kernel, Precision.FLOAT64);
    Factorization found = tucker.factors(2, 3);
    assertEquals(10 * 2 + 9 * 2 * 3 + 3 * 12, found.parameters());
    double error = kernel.minus(product(found, 9)).frobeniusNorm();
    assertTrue(error <= 1e-9 * kernel.frobeniusNorm(), () -> "error " + error);
    LayerDecision decision = LayerDecision.factored(layer, tucker.outputSpectrum(), found);
    // The first product is taken at all 100 positions, the others at the 25 that a stride leaves.
    assertEquals(100 * 10 * 2 + 25 * (9 * 2 * 3 + 3 * 12), decision.multiplyAddsAfter());
    assertEquals(Optional.of(2), decision.inputRank());
    assertEquals(3, decision.rank());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cnn", "channels_first"})
  void halfOfBothRanksLeavesFewerParametersAndNoFactoredKernel(String name) throws IOException {
    Path out = temporary.resolve("out");
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      CompressionPlan plan = plan(model, ConvolutionForm.TUCKER);
      assertTrue(
          plan.factored().stream().anyMatch(d -> d.form().equals(Optional.of("tucker"))),
          () -> "factored " + plan.factored());
      Verification verified = SavedModelCompressor.apply(model, plan, out);
      assertTrue(verified.againstPlan() <= 1e-5, verified::toString);
      try (LiveModel written = LiveModel.open(out)) {
        assertEquals(plan.size(model).parameters(), written.size().parameters());
        for (LayerDecision decision : plan.factored()) {
          String variable = decision.layer().variable();
          assertFalse(GraphRewriter.needs(written.flatGraph(), variable), variable);
        }
      }
    }
  }

  @Test
  void smallestIsAsSmallAsAnyFormForEveryLayer() {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("cnn"))) {
      List<LayerDecision> smallest = plan(model, ConvolutionForm.SMALLEST).decisions();
      for (ConvolutionForm form :
          List.of(ConvolutionForm.CHANNEL, ConvolutionForm.SPATIAL, ConvolutionForm.TUCKER)) {
        List<LayerDecision> other = plan(model, form).decisions();
        for (int i = 0; i < other.size(); i++) {
          assertTrue(smallest.get(i).parametersAfter() <= other.get(i).parametersAfter());
        }
      }
    }
  }

  private static CompressionPlan plan(LiveModel model, ConvolutionForm form) {
    return CompressionPlanner.plan(
        model, new RankRule.Fraction(0.5), LayerSelection.all(), form, layer -> {});
  }
}
