package io.github.rankfold.compression.trials;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.probe.OutputDirections;
import io.github.rankfold.compression.LinearNetworks;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Activation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputSensitivityTest {
  private static final int SAMPLES = 4000;

  @TempDir Path temporary;

  /** To first order is all there is in a linear network; random directions add their noise. */
  @ParameterizedTest(name = "{0}, bias: {1}")
  @CsvSource({"NONE, true", "INPUTS, true", "OUTPUTS, true", "OUTPUTS, false"})
  void inALinearNetworkThePredictedChangeIsTheMeasuredOne(Weighting weighting, boolean bias)
      throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), Activation.LINEAR, bias, 1);
    LabeledData data = LinearNetworks.samples(SAMPLES, List.of(16), 2);
    try (LiveModel model = LiveModel.open(folder);
        TrialGraph trial =
            LinearNetworks.trial(model, LinearNetworks.moments(model, data), weighting, data)) {
      assertEquals(3, trial.layers().size());
      Map<Layer, double[]> curves =
          new OutputSensitivity(trial, new OutputDirections(false, 5), data).of(data);
      Outputs original = trial.originalOutputs(data);
      for (Layer layer : trial.layers()) {
        double[] curve = requireNonNull(curves.get(layer));
        assertEquals(layer.fullRank() + 1, curve.length);
        for (int rank = 1; rank < layer.fullRank(); rank++) {
          trial.truncate(Map.of(layer, rank));
          double measured = halfSquaredChange(original, trial.outputs(data));
          // The square of a normal direction's component has a standard deviation of up to sqrt 8
          // times its mean here, over the root of the samples: 4.5%, and 4 of those.
          assertEquals(measured, curve[rank], 0.18 * measured, layer.name() + " at rank " + rank);
        }
        assertTrue(curve[layer.fullRank()] <= 1e-9 * curve[1], "nothing is lost at full rank");
      }
    }
  }

  private static double halfSquaredChange(Outputs before, Outputs after) {
    double sum = 0;
    for (int i = 0; i < before.samples(); i++) {
      for (int j = 0; j < before.width(); j++) {
        double change = (double) after.value(i, j) - before.value(i, j);
        sum += change * change;
      }
    }
    return sum / (2 * before.samples());
  }
}
