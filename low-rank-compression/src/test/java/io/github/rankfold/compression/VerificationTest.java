package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerificationTest {
  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}: {1} signatures")
  @CsvSource({"cnn, 2", "trf, 2", "lstm, 2", "half, 2", "twosig, 2", "tied, 1", "frozen, 1"})
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
}
