package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpectrumTest {
  private static final double SLACK = 1e-14;

  /** Squares 16, 4, 4, 1: every quantity can be checked by hand. */
  private final Spectrum spectrum = Spectrum.ofValues(5, 4, 4, 2, 2, 1);

  @Test
  void energiesAndDistances() {
    assertEquals(25, spectrum.totalEnergy(), SLACK);
    assertEquals(9, spectrum.tailEnergy(1), SLACK);
    assertEquals(3, spectrum.distanceToRank(1), SLACK);
    assertEquals(0, spectrum.distanceToRank(4));
    assertEquals(0, spectrum.distanceToRank(9), "no matrix is further than its own rank");
  }

  @Test
  void stableAndEffectiveRank() {
    assertEquals(25.0 / 16, spectrum.stableRank(), SLACK);
    double entropy = 4 * Math.log(9 / 4.0) / 9 + 2 * 2 * Math.log(9 / 2.0) / 9 + Math.log(9.0) / 9;
    assertEquals(Math.exp(entropy), spectrum.effectiveRank(), SLACK);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0.6, 1", "0.64, 1", "0.65, 2", "0.95, 3", "0.97, 4", "1, 4"})
  void keptEnergyRankIsTheLeastThatKeepsTheFraction(double fraction, int rank) {
    assertEquals(rank, spectrum.keptEnergyRank(fraction));
  }

  @Test
  void keptEnergyOfExactlyLowRankIsThatRank() {
    assertEquals(2, Spectrum.ofValues(3, 3, 3, 1, 0).keptEnergyRank(1));
  }

  @Test
  void tolerancesCountDifferently() {
    assertEquals(4, spectrum.rank(RankTolerance.float32()));
    assertEquals(3, spectrum.rank(RankTolerance.absolute(1)), "a value at the tolerance is out");
    assertEquals(1, spectrum.rank(RankTolerance.relative(0.5)));
    assertEquals(3, spectrum.rank(RankTolerance.relative(0.26)));
    assertEquals(1, spectrum.rank(RankTolerance.frobenius(0.41)), "2 / 5 is below 0.41");
    assertEquals(3, spectrum.rank(RankTolerance.frobenius(0.39)));
  }

  @Test
  void float32ToleranceGrowsWithTheLongerSide() {
    double above = 1000 * 0x1p-23 * 1.001;
    double below = 1000 * 0x1p-23 * 0.999;
    assertEquals(2, Spectrum.ofValues(2, 1000, 1, above).rank(RankTolerance.float32()));
    assertEquals(1, Spectrum.ofValues(2, 1000, 1, below).rank(RankTolerance.float32()));
  }

  @Test
  void zeroMatrixHasEveryRankZero() {
    Spectrum zero = Spectrum.ofValues(3, 2, 0, 0);
    assertEquals(0, zero.rank(RankTolerance.float32()));
    assertEquals(0, zero.rank(RankTolerance.frobenius(1e-3)));
    assertEquals(0, zero.stableRank());
    assertEquals(0, zero.effectiveRank());
    assertEquals(0, zero.keptEnergyRank(1));
  }

  @ParameterizedTest
  @CsvSource({"1e-200", "1", "1e200"})
  void ranksDoNotDependOnTheUnit(double unit) {
    Matrix a = SvdTest.gaussian(new Random(3), 7, 5).scaled(unit);
    Spectrum scaled = Spectrum.of(a, Precision.FLOAT64);
    Spectrum plain = Spectrum.of(a.scaled(1 / unit), Precision.FLOAT64);
    assertEquals(plain.stableRank(), scaled.stableRank(), 1e-13);
    assertEquals(plain.effectiveRank(), scaled.effectiveRank(), 1e-13);
    assertEquals(plain.keptEnergyRank(0.9), scaled.keptEnergyRank(0.9));
    assertEquals(plain.distanceToRank(2), scaled.distanceToRank(2) / unit, 1e-13);
  }

  @Test
  void refusesWhatIsNoSpectrum() {
    assertThrows(IllegalArgumentException.class, () -> Spectrum.ofValues(2, 2, 1, 2));
    assertThrows(IllegalArgumentException.class, () -> Spectrum.ofValues(2, 2, 1, -1));
    assertThrows(IllegalArgumentException.class, () -> Spectrum.ofValues(2, 2, 1, Double.NaN));
    assertEquals(
        "expected 2 singular values for a 2 x 3 matrix, found 1",
        assertThrows(IllegalArgumentException.class, () -> Spectrum.ofValues(2, 3, 1))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> RankTolerance.relative(-1));
    assertThrows(IllegalArgumentException.class, () -> spectrum.keptEnergyRank(1.1));
  }
}
