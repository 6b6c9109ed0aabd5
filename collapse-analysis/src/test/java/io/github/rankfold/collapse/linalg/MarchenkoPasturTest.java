package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarchenkoPasturTest {
  @ParameterizedTest
  @ValueSource(doubles = {1e-4, 0.01, 0.1, 0.3, 0.5, 0.9, 0.999, 1})
  void isADistributionWithItsMedianInTheMiddle(double beta) {
    MarchenkoPastur noise = new MarchenkoPastur(beta);
    assertEquals(0, noise.cumulative(noise.lowerEdge()), 1e-12);
    assertEquals(1, noise.cumulative(noise.upperEdge()), 1e-9);
    assertEquals(0.5, noise.cumulative(noise.median()), 1e-9);
  }

  /** The density itself, summed up by the midpoint rule. */
  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.09, 0.11, 0.5, 0.9, 1})
  void isTheIntegralOfTheDensity(double beta) {
    MarchenkoPastur noise = new MarchenkoPastur(beta);
    double from = noise.lowerEdge();
    int intervals = 200_000;
    double step = (noise.upperEdge() - from) / intervals;
    double sum = 0;
    for (int i = 0; i < intervals; i++) {
      double t = from + (i + 0.5) * step;
      sum += step * Math.sqrt((noise.upperEdge() - t) * (t - from)) / (2 * Math.PI * beta * t);
      if (i % 10_000 == 9_999) { // the square case grows without end towards 0
        assertEquals(sum, noise.cumulative(from + (i + 1) * step), 2e-3);
      }
    }
  }

  @ParameterizedTest(name = "{0}x{1}")
  @CsvSource({"300, 300", "200, 400", "60, 600"})
  void isHowSquaredSingularValuesOfNoiseAreSpread(int rows, int cols) {
    Random random = new Random(3);
    double[] values = new double[rows * cols];
    Arrays.setAll(values, i -> random.nextGaussian() / Math.sqrt(Math.max(rows, cols)));
    Spectrum spectrum = Spectrum.of(Matrix.owning(rows, cols, values), Precision.FLOAT64);
    MarchenkoPastur noise = MarchenkoPastur.of(rows, cols);
    int size = spectrum.size();
    for (int i = 0; i < size; i++) {
      double value = spectrum.value(i);
      // Singular values repel each other: the empirical distribution is off by a few places only.
      assertEquals(1 - (i + 0.5) / size, noise.cumulative(value * value), 4.0 / size);
    }
  }

  @Test
  void sidesMayComeInAnyOrder() {
    assertEquals(MarchenkoPastur.of(20, 50), MarchenkoPastur.of(50, 20));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.1, Double.NaN})
  void ratiosThatAreNone(double beta) {
    assertEquals(
        "beta must be in (0, 1], was " + beta,
        assertThrows(IllegalArgumentException.class, () -> new MarchenkoPastur(beta)).getMessage());
  }
}
