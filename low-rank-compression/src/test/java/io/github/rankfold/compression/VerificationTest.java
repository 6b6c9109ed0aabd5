package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.live.VariableValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.SignatureDef;

class VerificationTest {
  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}: {1} signatures")
  @CsvSource({
    "cnn, 2",
    "trf, 2",
    "lstm, 2",
    "half, 2",
    "twosig, 2",
    "tied, 1",
    "frozen, 1",
    "training, 2"
  })
  void writtenFilesComputeWhatWasPlannedAndNotWhatWas(String name, int signatures)
      throws IOException {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.3));
      Verification verified = SavedModelCompressor.apply(model, plan, temporary.resolve("out"));
      assertEquals(signatures, verified.signatures());
      double rounding = name.equals("half") ? 1e-2 : 1e-5;
      assertTrue(verified.againstPlan() <= rounding, () -> "to the plan: " + verified);
      assertTrue(verified.againstOriginal() > rounding, () -> "to the original: " + verified);
    }
  }

  /** Both the verification and whoever had the model before call signatures that count calls. */
  @Test
  void variablesAreWrittenAsTheFilesHadThem() throws IOException {
    Path out = temporary.resolve("out");
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("training"))) {
      double[] bias = value(model, "bias");
      for (int i = 0; i < 3; i++) {
        Verification.original(model);
      }
      assertTrue(value(model, "calls")[0] > 0, "the signature counts");
      assertFalse(Arrays.equals(bias, value(model, "bias")), "and trains");
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fixed(2));
      SavedModelCompressor.apply(model, plan, out);
      try (LiveModel written = LiveModel.open(out)) {
        assertArrayEquals(new double[] {0}, value(written, "calls"));
        assertArrayEquals(bias, value(written, "bias"));
      }
    }
  }

  @Test
  void signaturesThatAreLeftOutAreNotWrittenNorWhatOnlyTheyNeed() throws IOException {
    Path out = temporary.resolve("out");
    Path training = StoredOutputs.MODELS.resolve("training");
    ModelOptions serving = ModelOptions.defaults().withOnly(Set.of("serving_default"));
    try (LiveModel model = LiveModel.open(training, serving)) {
      assertFalse(model.changesVariables());
      SavedModelCompressor.apply(model, CompressionPlanner.plan(model, new RankRule.Fixed(2)), out);
    }
    try (LiveModel written = LiveModel.open(out)) {
      assertEquals(Set.of("serving_default"), written.files().signatureKeys());
      assertFalse(written.flatGraph().variables().containsKey("calls"));
    }
    InvalidInputException refused =
        assertThrows(
            InvalidInputException.class,
            () -> LiveModel.open(training, serving.withOnly(Set.of("steps"))));
    assertEquals(
        training + ": expected a signature named steps, found [serving_default, step]",
        refused.getMessage());
  }

  private static double[] value(LiveModel model, String variable) {
    try (VariableValues values = model.variables()) {
      return TensorValues.toDoubles(Objects.requireNonNull(values.byName().get(variable)));
    }
  }

  @Test
  void valuesThatAreNotFiniteAreToBeTheSame() {
    double[] masked = {1, Double.NEGATIVE_INFINITY, Double.NaN, -4};
    Map<String, double[]> expected = Map.of("y", masked);
    assertEquals(0, Verification.difference(expected, Map.of("y", masked.clone())));
    double[] near = {1, Double.NEGATIVE_INFINITY, Double.NaN, -5};
    assertEquals(0.25, Verification.difference(expected, Map.of("y", near)));
    double[] other = {1, Double.POSITIVE_INFINITY, Double.NaN, -4};
    assertEquals(Double.POSITIVE_INFINITY, Verification.difference(expected, Map.of("y", other)));
    double[] finite = {1, 0, Double.NaN, -4};
    assertEquals(Double.POSITIVE_INFINITY, Verification.difference(expected, Map.of("y", finite)));
  }

  @Test
  void twoOutputsThatNameOneTensorAreBothCompared() throws IOException {
    Path twice = temporary.resolve("twice");
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("mlp"));
        VariableValues variables = model.variables()) {
      SignatureDef once = model.signature();
      SignatureDef both =
          once.toBuilder()
              .putOutputs("again", once.getOutputsMap().values().iterator().next())
              .build();
      SavedModelWriter.write(
          twice,
          FlatGraph.of(model.flatGraph().toGraphDef(), Map.of("serving_default", both)),
          List.of("serve"),
          variables.byName(),
          Optional.empty());
    }
    try (LiveModel model = LiveModel.open(twice)) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.3));
      Path out = temporary.resolve("out");
      Verification verified = SavedModelCompressor.apply(model, plan, out);
      assertEquals(1, verified.signatures());
      assertTrue(verified.againstPlan() <= 1e-5, verified::toString);
      assertTrue(verified.againstOriginal() > 1e-5, verified::toString);
      try (LiveModel written = LiveModel.open(out)) {
        assertEquals(
            model.signature().getOutputsMap().keySet(),
            written.signature().getOutputsMap().keySet());
      }
    }
  }
}
