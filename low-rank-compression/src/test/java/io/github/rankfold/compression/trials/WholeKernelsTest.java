package io.github.rankfold.compression.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.LinearNetworks;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trials are run with the kernels that the files will have. */
class WholeKernelsTest {
  @TempDir Path temporary;

  @ParameterizedTest(name = "{0} as {1}, layers that can be truncated: {2}")
  @CsvSource({
    "mlp, INT8, true",
    "mlp, BFLOAT16, true",
    "mlp, INT8, false",
    "cnn, INT8, true",
    "conv1d, INT8, true",
    "channels_first, INT8, true",
    "lstm, INT8, true",
    "frozen, INT8, true",
    "frozen, FLOAT16, false"
  })
  void whatIsNotTruncatedIsAsInTheFiles(String name, WeightFormat format, boolean truncatable)
      throws IOException {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      LabeledData data = LinearNetworks.samples(20, sampleShape(model), 1);
      List<KernelApproximations> all =
          model.layers().stream()
              .filter(layer -> truncatable && layer.breakEvenRank() >= 1)
              .map(layer -> KernelApproximations.of(layer, KernelSpectra.kernel(model, layer)))
              .toList();
      CompressionPlan kept = CompressionPlanner.plan(model, new RankRule.Fraction(1));
      WeightStorage storage = new WeightStorage(Optional.empty(), Optional.of(format));
      SavedModelCompressor.apply(model, storage.appliedTo(model, kept), temporary.resolve("out"));
      try (TrialGraph trial = new TrialGraph(model, all, data, Optional.of(format));
          LiveModel written = LiveModel.open(temporary.resolve("out"))) {
        trial.assign(Map.of());
        Outputs tried = trial.outputs(data);
        Outputs files = Outputs.of(written, data);
        Outputs before = trial.originalOutputs(data);
        double rounding = distance(files, before);
        assertTrue(rounding > 0, "rounding changes something");
        assertEquals(
            0, distance(files, tried), Math.max(1e-2 * rounding, 1e-5 * size(files)), "in trials");
      }
    }
  }

  private static List<Integer> sampleShape(LiveModel model) {
    long[] dims = model.tensor(model.input()).shape().asArray();
    return Arrays.stream(dims).skip(1).mapToObj(dim -> dim < 0 ? 3 : (int) dim).toList();
  }

  private static double size(Outputs outputs) {
    return Math.sqrt(outputs.meanSquare());
  }

  private static double distance(Outputs one, Outputs other) {
    double sum = 0;
    for (int i = 0; i < one.samples(); i++) {
      for (int j = 0; j < one.width(); j++) {
        double difference = (double) one.value(i, j) - other.value(i, j);
        sum += difference * difference;
      }
    }
    return Math.sqrt(sum / one.samples());
  }
}
