package io.github.rankfold.compression.trials;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.compression.LinearNetworks;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Activation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerReconstructionTest {
  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}, bias: {1}, seed {2}")
  @CsvSource({
    "LINEAR, true, 1",
    "LINEAR, false, 2",
    "RELU, true, 3",
    "RELU, false, 4",
    "TANH, true, 5"
  })
  void theOutputsOfItsOwnSamplesAreNearerToTheOriginals(
      Activation activation, boolean bias, long seed) throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), activation, bias, seed);
    LabeledData data = LinearNetworks.samples(500, List.of(16), seed);
    try (LiveModel model = LiveModel.open(folder)) {
      Map<Layer, KernelMoments> moments = LinearNetworks.moments(model, data);
      Map<Layer, Matrix> sensitivities = sensitivities(moments);
      try (TrialGraph trial = LinearNetworks.trial(model, moments, Weighting.OUTPUTS, data)) {
        Map<Layer, Integer> ranks = new HashMap<>();
        trial.layers().forEach(layer -> ranks.put(layer, Math.max(1, layer.breakEvenRank() / 2)));
        Outputs original = trial.originalOutputs(data);
        trial.truncate(ranks);
        double truncated = squaredError(original, trial.outputs(data));
        Map<Layer, LayerDecision> fitted =
            new LayerReconstruction(trial, data, sensitivities).at(ranks);
        double reconstructed = squaredError(original, trial.outputs(data));
        // The fit's damping may cost a little where there is nothing to be won.
        assertTrue(
            reconstructed <= 1.01 * truncated,
            () -> "%s fitted, %s truncated".formatted(reconstructed, truncated));
        assertEquals(ranks.keySet(), fitted.keySet());
        fitted.forEach((layer, decision) -> assertEquals(ranks.get(layer), decision.rank()));
        trial.assign(fitted);
        assertEquals(reconstructed, squaredError(original, trial.outputs(data)));
      }
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @CsvSource({"RELU, 1", "RELU, 2", "RELU, 3", "TANH, 1"})
  void whatAReluLetsThroughIsFittedInTheFirstLayerToo(Activation activation, long seed)
      throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), activation, true, seed);
    LabeledData data = LinearNetworks.samples(500, List.of(16), seed);
    try (LiveModel model = LiveModel.open(folder)) {
      Map<Layer, KernelMoments> moments = LinearNetworks.moments(model, data);
      Map<Layer, Matrix> sensitivities = sensitivities(moments);
      try (TrialGraph trial = LinearNetworks.trial(model, moments, Weighting.OUTPUTS, data)) {
        Layer first = trial.layers().get(0);
        Map<Layer, Integer> ranks = Map.of(first, 3);
        Outputs original = trial.originalOutputs(data);
        trial.truncate(ranks);
        double truncated = squaredError(original, trial.outputs(data));
        new LayerReconstruction(trial, data, sensitivities).at(ranks);
        double reconstructed = squaredError(original, trial.outputs(data));
        if (activation == Activation.RELU) {
          assertTrue(
              reconstructed < 0.98 * truncated,
              () -> "%s fitted, %s truncated".formatted(reconstructed, truncated));
        } else {
          assertEquals(truncated, reconstructed, "nothing to be fitted to");
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"LINEAR", "RELU"})
  void layersWithoutSensitivityAreTruncatedOnly(Activation activation) throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), activation, true, 1);
    LabeledData data = LinearNetworks.samples(100, List.of(16), 1);
    try (LiveModel model = LiveModel.open(folder)) {
      Map<Layer, KernelMoments> moments = LinearNetworks.moments(model, data);
      try (TrialGraph trial = LinearNetworks.trial(model, moments, Weighting.OUTPUTS, data)) {
        Layer layer = trial.layers().get(0);
        LayerDecision fitted =
            requireNonNull(
                new LayerReconstruction(trial, data, Map.of()).at(Map.of(layer, 2)).get(layer));
        LayerDecision truncated = trial.truncated(layer, 2);
        assertEquals(
            0,
            truncated
                .factors()
                .orElseThrow()
                .left()
                .minus(fitted.factors().orElseThrow().left())
                .frobeniusNorm());
      }
    }
  }

  private static Map<Layer, Matrix> sensitivities(Map<Layer, KernelMoments> moments) {
    Map<Layer, Matrix> sensitivities = new HashMap<>();
    moments.forEach((layer, known) -> sensitivities.put(layer, known.sensitivity().orElseThrow()));
    return sensitivities;
  }

  private static double squaredError(Outputs before, Outputs after) {
    double sum = 0;
    for (int i = 0; i < before.samples(); i++) {
      for (int j = 0; j < before.width(); j++) {
        double change = (double) after.value(i, j) - before.value(i, j);
        sum += change * change;
      }
    }
    return sum / before.samples();
  }
}
