package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.LinearNetworks;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricTest {
  private static final LabeledData TWO = LinearNetworks.samples(2, List.of(3), 1);

  /** Two samples of three positions with two classes: a third of the first sample's change. */
  @Test
  void ofSequencesTheShareOfTheirPositionsCounts() {
    Outputs before =
        Outputs.of(2, 3, new float[] {1, 0, 1, 0, 0, 1, /* second */ 0, 9, 0, 1, 1, 0});
    Outputs after = Outputs.of(2, 3, new float[] {1, 0, 0, 1, 0, 1, /* second */ 0, 1, 0, 1, 5, 0});
    Difference difference = Metric.AGREEMENT.difference(before, after, TWO);
    assertEquals(100.0 / 6, Metric.AGREEMENT.drop(difference.mean()), 1e-9);
    // As one row of six values, the second sample's largest would have moved and the first's not.
    assertEquals(3, before.positions());
  }

  @ParameterizedTest(name = "{0} of {1} outputs, {2} positions: {3}")
  @CsvSource({
    "ACCURACY, 2, 1, true",
    "ACCURACY, 1, 1, false",
    "ACCURACY, 4, 3, false",
    "AGREEMENT, 2, 1, true",
    "AGREEMENT, 2, 3, true",
    "AGREEMENT, 1, 1, false",
    "TOP5, 6, 1, true",
    "TOP5, 5, 1, false",
    "RELATIVE_ERROR, 1, 1, true",
    "SQUARED_ERROR, 1, 3, true",
  })
  void whatAMetricSaysNothingOfIsRefused(Metric metric, int classes, int positions, boolean fits) {
    Outputs outputs = Outputs.of(2, positions, new float[2 * positions * classes]);
    Path model = Path.of("model");
    if (fits) {
      assertDoesNotThrow(() -> metric.requireOutputs(outputs, model));
    } else {
      InvalidInputException refused =
          assertThrows(InvalidInputException.class, () -> metric.requireOutputs(outputs, model));
      assertTrue(String.valueOf(refused.getMessage()).contains("--metric " + metric));
    }
  }
}
