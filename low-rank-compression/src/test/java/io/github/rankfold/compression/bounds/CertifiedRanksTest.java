package io.github.rankfold.compression.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.RankedKernels;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a network that was trained on the digits: 64-64-64-48-32-10, tanh. */
class CertifiedRanksTest {
  private static final Path MODEL =
      Path.of(System.getProperty("rankfold.fixtures"), "digits-tanh", "savedmodel_f32");

  @Test
  void keepsTheShareAndSavesMoreTheLessIsAsked() {
    LabeledData digits = Digits.load().test().orElseThrow();
    try (LiveModel model = LiveModel.open(MODEL)) {
      NetworkPath path = NetworkPath.of(model);
      RankedKernels kernels = RankedKernels.of(model, LayerSelection.all(), layer -> {});
      CertifiedRanks search = CertifiedRanks.measure(model, path, kernels, digits);
      long before = model.size().parameters();
      for (double share : new double[] {0.95, 0.8, 0.5}) {
        CertifiedRanks.Found found = search.search(share);
        CompressionPlan plan = kernels.plan(CertifiedRanks.rule(share), found.ranks());
        double certified =
            OutputBound.of(model, path, plan).onData(digits, 0, Optional.empty()).certifiedShare();
        assertEquals(certified, found.share());
        assertTrue(certified >= share, certified + " < " + share);
        long after = plan.size(model).parameters();
        assertTrue(after < before, after + " parameters at " + share + ", before " + before);
        before = after;
      }
    }
  }

  /** Random kernels have no small singular values, and random inputs no margins to speak of. */
  @Test
  void aShareThatCannotBeKeptGivesNoRanksButTheBestReachable(@TempDir Path folder)
      throws IOException {
    RandomNetwork.write(RandomNetwork.Kind.DENSE, 1, folder);
    float[] values = new float[400 * 12];
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    LabeledData data =
        new LabeledData(
            "random inputs",
            Features.ofFloats(values, 12),
            List.of(12),
            new int[400],
            List.of("a", "b", "c", "d", "e"));
    try (LiveModel model = LiveModel.open(folder)) {
      RankedKernels kernels = RankedKernels.of(model, LayerSelection.all(), layer -> {});
      CertifiedRanks.Found found =
          CertifiedRanks.measure(model, NetworkPath.of(model), kernels, data).search(1);
      assertTrue(found.ranks().isEmpty(), found::toString);
      assertTrue(found.share() < 1, found::toString);
    }
  }
}
