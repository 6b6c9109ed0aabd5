package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.MarchenkoPastur;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.compression.factors.Factorization;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules that tell a kernel from noise. */
class NoiseRulesTest {
  private static RankRule rule(String text) {
    return RankRule.parse(text, OptionalInt.empty());
  }

  @Test
  void thresholdsOfASquareMatrix() {
    double known = RankRule.GavishDonoho.coefficient(1);
    assertEquals(4 / Math.sqrt(3), known, 1e-12);
    assertEquals(2.858, known / Math.sqrt(new MarchenkoPastur(1).median()), 5e-4);
  }

  /** By numerical quadrature in SciPy, and the paper's approximation, which is good to 0.02. */
  @ParameterizedTest(name = "omega({0}) = {1}")
  @CsvSource({"0.05, 1.5193", "0.1, 1.6088", "0.5, 2.1712", "0.75, 2.5014", "1, 2.8584"})
  void omegaIsThePapersAndItsApproximationNear(double beta, double omega) {
    double found =
        RankRule.GavishDonoho.coefficient(beta) / Math.sqrt(new MarchenkoPastur(beta).median());
    assertEquals(omega, found, 1e-4);
    double approximation = 0.56 * Math.pow(beta, 3) - 0.95 * beta * beta + 1.82 * beta + 1.43;
    assertEquals(approximation, found, 0.02 * found);
  }

  @ParameterizedTest(name = "rank {3} in noise {2}, {0}x{1}")
  @CsvSource({
    "100, 100, 0.01, 3",
    "100, 200, 0.01, 5",
    "200, 100, 0.01, 5",
    "40, 400, 0.05, 8",
    "120, 120, 1, 20"
  })
  void bothFindThePlantedRank(int rows, int cols, double sigma, int rank) {
    Spectrum spectrum = Spectrum.of(planted(rows, cols, sigma, rank), Precision.FLOAT64);
    assertEquals(rank, rule("gavish-donoho").rankFor(spectrum));
    assertEquals(rank, rule("gavish-donoho:" + sigma).rankFor(spectrum));
    assertEquals(rank, rule("marchenko-pastur:" + sigma).rankFor(spectrum), 1);
    assertEquals(rank, rule("marchenko-pastur").rankFor(spectrum), 1);
  }

  @ParameterizedTest(name = "{0}x{1}")
  @CsvSource({"150, 150", "100, 300", "300, 100", "20, 500"})
  void noiseAloneIsWithinTheBulk(int rows, int cols) {
    for (int seed = 0; seed < 10; seed++) {
      Spectrum spectrum = Spectrum.of(DenseLayers.gaussian(rows, cols, seed), Precision.FLOAT64);
      double edge = Math.sqrt(MarchenkoPastur.of(rows, cols).upperEdge());
      double longer = Math.sqrt(Math.max(rows, cols));
      assertEquals(edge, spectrum.largest() / longer, 0.05 * edge);
      assertTrue(rule("marchenko-pastur:1").rankFor(spectrum) <= 2);
      assertTrue(rule("marchenko-pastur").rankFor(spectrum) <= 2);
      assertEquals(1, rule("gavish-donoho").rankFor(spectrum)); // a rule keeps one at least
    }
  }

  @Test
  void theOptimalThresholdLosesLessThanTheEdgeAndThanTwiceIt() {
    Matrix signal = planted(100, 100, 0, 12);
    double best = 0;
    double edge = 0;
    double twice = 0;
    for (int seed = 0; seed < 10; seed++) {
      // Singular values from the noise's edge upward, where the threshold matters.
      Matrix weak = signal.scaled(0.09).plus(DenseLayers.gaussian(100, 100, 50 + seed));
      Svd svd = Svd.of(weak, Precision.FLOAT64);
      RankRule optimal = new RankRule.GavishDonoho(OptionalDouble.of(1));
      best += error(signal.scaled(0.09), weak, svd, optimal.rankFor(svd.spectrum()));
      edge +=
          error(
              signal.scaled(0.09), weak, svd, rule("marchenko-pastur:0.8").rankFor(svd.spectrum()));
      twice +=
          error(signal.scaled(0.09), weak, svd, rule("gavish-donoho:1.7").rankFor(svd.spectrum()));
    }
    assertTrue(best < edge && best < twice, best + ", " + edge + ", " + twice);
  }

  private static double error(Matrix signal, Matrix noisy, Svd svd, int rank) {
    Factorization kept = Factorization.of(noisy, svd, rank);
    return signal.minus(kept.left().times(kept.right())).frobeniusNorm();
  }

  /**
   * Singular values 1, 2, 3, ... times four times the noise's largest, or just so where there is
   * none.
   */
  private static Matrix planted(int rows, int cols, double sigma, int rank) {
    Svd left = Svd.of(DenseLayers.gaussian(rows, rank, 1), Precision.FLOAT64);
    Svd right = Svd.of(DenseLayers.gaussian(rank, cols, 2), Precision.FLOAT64);
    double unit = 4 * (sigma == 0 ? 25 : sigma * (Math.sqrt(rows) + Math.sqrt(cols)));
    double[] values = new double[rank];
    for (int i = 0; i < rank; i++) {
      values[i] = unit * (1 + i);
    }
    return left.u()
        .columnsScaled(values)
        .times(right.vt())
        .plus(DenseLayers.gaussian(rows, cols, 7).scaled(sigma));
  }
}
