package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.collapse.DigitsTanh;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels of a trained network against NumPy and WeightWatcher. */
class ReferenceSpectraTest {
  @ParameterizedTest(name = "kernel {0}")
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void singularValuesAgreeWithNumpy(int layer) {
    JsonNode expected = DigitsTanh.expectedSpectrum(layer).get("singular_values");
    Spectrum doubles = Spectrum.of(DigitsTanh.kernel(layer), Precision.FLOAT64);
    Spectrum floats = Spectrum.of(DigitsTanh.kernel(layer), Precision.FLOAT32);
    assertEquals(expected.size(), doubles.size());
    for (int i = 0; i < doubles.size(); i++) {
      double value = expected.get(i).asDouble();
      assertEquals(value, doubles.value(i), 1e-10 * doubles.largest());
      assertEquals(value, floats.value(i), 1e-6 * doubles.largest());
    }
  }

  @ParameterizedTest(name = "kernel {0}")
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void ranksAgreeWithNumpy(int layer) {
    JsonNode expected = DigitsTanh.expectedSpectrum(layer);
    Spectrum spectrum = Spectrum.of(DigitsTanh.kernel(layer), Precision.FLOAT64);
    assertEquals(
        expected.get("numerical_rank_eps32").asInt(), spectrum.rank(RankTolerance.float32()));
    assertEquals(
        expected.get("numerical_rank_eps64").asInt(), spectrum.rank(RankTolerance.float64()));
    for (String t : new String[] {"0.1", "0.01", "0.001", "0.0001"}) {
      assertEquals(
          expected.get("rank_rel_" + t).asInt(),
          spectrum.rank(RankTolerance.relative(Double.parseDouble(t))));
    }
    for (String f : new String[] {"0.9", "0.99", "0.999"}) {
      assertEquals(
          expected.get("energy_rank_" + f).asInt(), spectrum.keptEnergyRank(Double.parseDouble(f)));
    }
    assertClose(expected, "stable_rank", spectrum.stableRank());
    assertClose(expected, "effective_rank_roy_vetterli", spectrum.effectiveRank());
    assertClose(expected, "frobenius_norm", spectrum.distanceToRank(0));
    assertClose(expected, "frobenius_norm", DigitsTanh.kernel(layer).frobeniusNorm());
  }

  @ParameterizedTest(name = "kernel {0}")
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void stableRankAgreesWithWeightWatcher(int layer) {
    JsonNode expected = DigitsTanh.json("weightwatcher.json").get(layer);
    Spectrum spectrum = Spectrum.of(DigitsTanh.kernel(layer), Precision.FLOAT64);
    assertEquals(expected.get("stable_rank").asDouble(), spectrum.stableRank(), 1e-9);
    assertEquals(expected.get("sv_max").asDouble(), spectrum.largest(), 1e-9);
    assertEquals(expected.get("norm").asDouble(), spectrum.totalEnergy(), 1e-9);
  }

  private static void assertClose(JsonNode expected, String name, double actual) {
    double value = expected.get(name).asDouble();
    assertEquals(value, actual, 1e-10 * value, name);
  }
}
