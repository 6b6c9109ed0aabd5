package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.Weighting;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchSettingsTest {
  private static String refusal(int epochs, double rate) {
    return String.valueOf(
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new SearchSettings(
                        Budget.maxDrop(1),
                        Metric.ACCURACY,
                        Weighting.OUTPUTS,
                        true,
                        epochs,
                        rate,
                        LayerSelection.all(),
                        OptionalInt.empty(),
                        0,
                        WeightStorage.unchanged()))
            .getMessage());
  }

  @Test
  void epochsAreNotNegative() {
    assertEquals("fine-tune must be >= 0, was -3", refusal(-3, 1e-3));
    SearchSettings settings = SearchSettings.of(Budget.maxDrop(1), Metric.ACCURACY);
    assertThrows(IllegalArgumentException.class, () -> settings.withFineTuning(-1));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1e-3, Double.NaN, Double.POSITIVE_INFINITY})
  void theRateIsAboveZeroAndFinite(double rate) {
    assertEquals("fine-tune-rate must be > 0 and finite, was " + rate, refusal(3, rate));
  }
}
