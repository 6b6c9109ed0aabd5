package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import io.github.rankfold.models.live.StoredOutputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.DataType;

class WeightStorageTest {
  @TempDir Path temporary;

  private static WeightStorage both(WeightFormat format) {
    return new WeightStorage(Optional.of(format), Optional.of(format));
  }

  /** Half of the distance between neighbours, relative to the largest of a column. */
  private static double unit(WeightFormat format) {
    return switch (format) {
      case FLOAT16 -> 0x1p-11;
      case BFLOAT16 -> 0x1p-8;
      case INT8 -> 0.5 / 127;
    };
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void roundingIsWithinHalfAStepOfTheLargestOfEachColumn(WeightFormat format) {
    Matrix matrix = DenseLayers.gaussian(50, 4, 1).columnsScaled(new double[] {1, 1e-3, 1e4, 0});
    Matrix rounded = format.rounded(matrix, "here");
    for (int j = 0; j < matrix.cols(); j++) {
      double largest = 0;
      double error = 0;
      for (int i = 0; i < matrix.rows(); i++) {
        largest = Math.max(largest, Math.abs(matrix.get(i, j)));
        error = Math.max(error, Math.abs(matrix.get(i, j) - rounded.get(i, j)));
      }
      assertTrue(error <= 1.001 * unit(format) * largest, j + ": " + error + " of " + largest);
    }
    Matrix again = format.rounded(rounded, "here");
    assertEquals(0, again.minus(rounded).frobeniusNorm(), 1e-6 * rounded.frobeniusNorm());
  }

  /** At full rank only the error of rounding the larger factor is left, as if it were alone. */
  @ParameterizedTest(name = "{0}x{1} in {2}")
  @CsvSource({
    "60, 60, BFLOAT16",
    "200, 40, BFLOAT16",
    "40, 200, BFLOAT16",
    "200, 40, FLOAT16",
    "40, 200, INT8",
    "200, 40, INT8"
  })
  void oneFactorMakesUpForTheRoundingOfTheOther(int rows, int cols, WeightFormat format) {
    Matrix kernel = DenseLayers.gaussian(rows, cols, 1);
    Factorization exact =
        Factorization.of(kernel, Svd.of(kernel, Precision.FLOAT64), Math.min(rows, cols));
    Matrix left = format.rounded(exact.left(), "");
    Matrix right = format.rounded(exact.right().transpose(), "").transpose();
    double apart = kernel.minusProduct(left, right).frobeniusNorm();
    double alone =
        (rows > cols
                ? kernel.minusProduct(left, exact.right())
                : kernel.minusProduct(exact.left(), right))
            .frobeniusNorm();
    Factorization together = format.rounded(exact, "");
    double found = kernel.minusProduct(together.left(), together.right()).frobeniusNorm();
    assertEquals(alone, found, 0.05 * alone);
    assertTrue(found < 0.85 * apart, () -> found + " of " + apart);
    assertEquals(
        0, format.rounded(together.left(), "").minus(together.left()).frobeniusNorm(), 1e-6 * rows);
  }

  @Test
  void aFactorOfZerosStaysZero() {
    Matrix zero = Matrix.zeros(4, 3);
    Factorization none = Factorization.of(zero, Svd.of(zero, Precision.FLOAT64), 2);
    Factorization rounded = WeightFormat.BFLOAT16.rounded(none, "");
    assertEquals(0, rounded.left().frobeniusNorm() + rounded.right().frobeniusNorm());
  }

  @Test
  void valuesBeyondTheRangeOfHalfPrecisionAreRefused() {
    Matrix large = Matrix.of(1, 2, 1, 70_000);
    assertEquals(
        "layer fc: expected weights within the range of float16, found some beyond it (bfloat16 has"
            + " that of float32)",
        assertThrows(
                InvalidInputException.class, () -> WeightFormat.FLOAT16.rounded(large, "layer fc"))
            .getMessage());
    assertEquals(70_144, WeightFormat.BFLOAT16.rounded(large, "").get(0, 1));
  }

  /** Dense, convolutions of all kinds, einsum, embeddings, loops by handle and value, constants. */
  @ParameterizedTest(name = "{0} as {1}")
  @CsvSource({
    "mlp, FLOAT16",
    "mlp, BFLOAT16",
    "mlp, INT8",
    "cnn, FLOAT16",
    "cnn, INT8",
    "conv1d, INT8",
    "conv3d, INT8",
    "channels_first, BFLOAT16",
    "ein, INT8",
    "trf, FLOAT16",
    "trf, INT8",
    "tied, INT8",
    "lstm, FLOAT16",
    "lstm, INT8",
    "masked_lstm, INT8",
    "frozen, FLOAT16",
    "frozen, INT8",
    "tf1_ref, INT8",
    "tf1_res, INT8",
    "twosig, INT8"
  })
  void theWrittenFilesComputeWhatWasPlannedInFewerBytes(String name, WeightFormat format)
      throws IOException {
    Path plain = temporary.resolve("plain");
    Path small = temporary.resolve("small");
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.3));
      CompressionPlan stored = both(format).appliedTo(model, plan);
      assertTrue(
          stored.decisions().stream().anyMatch(decision -> decision.stored().isPresent()),
          "something is stored in fewer bits");
      Verification exact = SavedModelCompressor.apply(model, plan, plain);
      Verification rounded = SavedModelCompressor.apply(model, stored, small);
      assertTrue(rounded.againstPlan() < 1e-4, "as planned, to rounding of single precision");
      assertEquals(exact.signatures(), rounded.signatures());
      long before = sizeOf(plain).bytes();
      ModelSize after = sizeOf(small);
      assertEquals(stored.size(model).parameters(), after.parameters());
      long saved =
          stored.decisions().stream()
              .filter(decision -> decision.stored().isPresent())
              .mapToLong(
                  decision ->
                      plan.decisions().get(stored.decisions().indexOf(decision)).parametersAfter()
                              * ModelSize.widthOf(decision.layer().dtype())
                          - decision.bytesAfter().orElseThrow())
              .sum();
      assertEquals(before - saved, after.bytes());
      assertTrue(saved > 0);
    }
  }

  private static ModelSize sizeOf(Path folder) {
    try (LiveModel model = LiveModel.open(folder)) {
      return model.size();
    }
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void aStoredModelIsReadAndCompressedAgain(WeightFormat format) throws IOException {
    Path once = temporary.resolve("once");
    Path twice = temporary.resolve("twice");
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("mlp"))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.3));
      SavedModelCompressor.apply(model, both(format).appliedTo(model, plan), once);
    }
    try (LiveModel model = LiveModel.open(once)) {
      assertTrue(model.layers().size() >= 4, model.layers().toString());
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fixed(2));
      assertTrue(!plan.factored().isEmpty());
      SavedModelCompressor.apply(model, both(format).appliedTo(model, plan), twice);
      assertTrue(sizeOf(twice).bytes() < model.size().bytes());
    }
  }

  /** Halves stay halves: there is nothing to be saved. */
  @ParameterizedTest
  @ValueSource(strings = {"half"})
  void layersThatComputeInHalfPrecisionAreLeftAlone(String name) throws IOException {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.3));
      CompressionPlan stored =
          new WeightStorage(Optional.of(WeightFormat.INT8), Optional.empty())
              .appliedTo(model, plan);
      List<LayerDecision> halves =
          stored.factored().stream()
              .filter(decision -> decision.layer().dtype() == DataType.DT_HALF)
              .toList();
      assertTrue(!halves.isEmpty());
      assertTrue(halves.stream().allMatch(decision -> decision.stored().isEmpty()));
    }
  }

  @Test
  void theTableSaysWhatIsStoredHow() throws IOException {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("mlp"))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.3));
      CsvTable plainly = plan.table();
      CsvTable table = both(WeightFormat.INT8).appliedTo(model, plan).table();
      Consumer<String> check = text -> assertEquals("int8", text);
      for (int row = 0; row < table.rows().size(); row++) {
        check.accept(table.cell(row, "storage"));
        boolean factored = plainly.cell(row, "kept_because").isEmpty();
        assertEquals(factored ? "float32" : "", plainly.cell(row, "storage"));
        long weights = Long.parseLong(plainly.cell(row, "parameters_after"));
        long scales = Long.parseLong(table.cell(row, "parameters_after")) - weights;
        assertEquals(weights + 4 * scales, Long.parseLong(table.cell(row, "bytes_after")));
      }
    }
  }
}
