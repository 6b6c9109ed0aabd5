package io.github.rankfold.collapse.rank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.models.InvalidInputException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpectrumForecastTest {
  private static final Spectrum OUTCOME = Spectrum.ofValues(3, 5, 4, 3, 0);

  @Test
  void identicalSpectraScoreZero() {
    SpectrumForecast.Score score =
        new SpectrumForecast(Map.of("a", OUTCOME)).score(Map.of("a", OUTCOME)).get(0);
    SpectrumForecast.RankRange range = new SpectrumForecast.RankRange(2, 2);
    assertEquals(new SpectrumForecast.Score("a", 0, 2, 2, range), score);
    assertEquals("2", range.text());
  }

  @Test
  void theErrorIsRelativeToTheOutcome() {
    SpectrumForecast forecast =
        new SpectrumForecast(Map.of("a", Spectrum.ofValues(3, 5, 4, 0.03, 0)));
    SpectrumForecast.Score score = forecast.score(Map.of("a", OUTCOME)).get(0);
    assertEquals(2.97 / 5, score.error(), 1e-12);
    assertEquals(1, score.forecastRank());
    assertEquals(2, score.rank());
  }

  /** A value counts on both sides of the threshold while it is within a factor of two of it. */
  @ParameterizedTest(name = "a value of {0} beside 1")
  @CsvSource({"0.03, 2-3, 2, 3", "0.011, 1-3, 2, 3"})
  void ranksNearTheThresholdAreARange(double value, String text, int rank, int most) {
    Spectrum spectrum = Spectrum.ofValues(3, 5, 1, value, 0.006);
    SpectrumForecast.RankRange range = SpectrumForecast.RankRange.of(spectrum);
    assertEquals(text, range.text());
    assertEquals(most, range.most());
    assertEquals(rank, spectrum.rank(SpectrumForecast.TOLERANCE));
  }

  @Test
  void anotherNetworkIsRefused() {
    SpectrumForecast forecast = new SpectrumForecast(Map.of("a", OUTCOME));
    assertEquals(
        "expected a layer a as in the forecast, found b",
        assertThrows(InvalidInputException.class, () -> forecast.score(Map.of("b", OUTCOME)))
            .getMessage());
    assertEquals(
        "layer a: expected a 3 x 5 kernel as in the forecast, found 1 x 5",
        assertThrows(
                InvalidInputException.class,
                () -> forecast.score(Map.of("a", Spectrum.ofValues(1, 5, 1))))
            .getMessage());
  }

  /** Random tanh networks: what passed l layers varies at most as much as both bounds say. */
  @ParameterizedTest(name = "kernels scaled by {0}, residual {1}")
  @CsvSource({"0.1, false", "1, false", "3, false", "0.3, true", "1, true"})
  void variationIsWithinTheBounds(double scale, boolean residual) {
    Random random = new Random(4);
    Matrix z = gaussian(random, 30, 6, 1);
    double start = variation(z);
    double factor = 1;
    double squares = 0;
    Matrix[] kernels = new Matrix[4];
    for (int l = 0; l < kernels.length; l++) {
      kernels[l] = gaussian(random, 6, 6, scale);
      squares += Math.pow(kernels[l].frobeniusNorm(), 2);
    }
    for (int l = 0; l < kernels.length; l++) {
      double norm = Spectrum.of(kernels[l], Precision.FLOAT64).largest();
      factor *= AprioriBounds.tcvFactor(1, norm, residual);
      double[] next = z.times(kernels[l]).toDoubles();
      for (int i = 0; i < next.length; i++) {
        next[i] = Math.tanh(next[i]) + (residual ? z.toDoubles()[i] : 0);
      }
      z = Matrix.owning(30, 6, next);
      assertTrue(variation(z) <= start * factor * (1 + 1e-9));
      assertTrue(
          factor <= AprioriBounds.tcvFactor(1, squares, residual, l + 1) * (1 + 1e-9),
          "the bound from B alone is the looser one");
    }
  }

  @Test
  void normsAreBoundedByTheStart() {
    assertEquals(400, AprioriBounds.squaredNorms(2, 1e-2), 1e-12);
    assertThrows(IllegalArgumentException.class, () -> AprioriBounds.squaredNorms(2, 0));
  }

  private static Matrix gaussian(Random random, int rows, int cols, double scale) {
    double[] values = new double[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = scale * random.nextGaussian();
    }
    return Matrix.owning(rows, cols, values);
  }

  /** Mean squared distance to the mean of one class. */
  private static double variation(Matrix rows) {
    double sum = 0;
    for (int j = 0; j < rows.cols(); j++) {
      double mean = java.util.Arrays.stream(rows.column(j)).average().orElseThrow();
      sum += java.util.Arrays.stream(rows.column(j)).map(v -> (v - mean) * (v - mean)).sum();
    }
    return sum / rows.rows();
  }
}
