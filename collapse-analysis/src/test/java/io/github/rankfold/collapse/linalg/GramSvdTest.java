package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bank of the SVD: what holds there in single precision has to hold here. */
class GramSvdTest {
  /** An eigenvalue is off by some 2^-52 s_1^2 (m + n), so a value by its root at the most. */
  private static double slack(Matrix a) {
    return 2 * Math.sqrt((a.rows() + a.cols()) * Precision.FLOAT64.epsilon());
  }

  private static List<SvdTest.Named> bank() {
    return SvdTest.bank();
  }

  private static Matrix truncated(Matrix a, GramSvd svd, int rank) {
    Matrix vectors = svd.vectors().leadingRows(rank);
    return svd.isOfColumns()
        ? a.timesTransposed(vectors).times(vectors)
        : vectors.transposedTimes(vectors.times(a));
  }

  @ParameterizedTest
  @MethodSource("bank")
  void valuesAreThoseOfLapacksSvd(SvdTest.Named named) {
    Matrix a = named.matrix();
    Spectrum expected = Spectrum.of(a, Precision.FLOAT64);
    Spectrum found = GramSvd.of(a).spectrum();
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.value(i), found.value(i), slack(a) * expected.largest());
    }
  }

  @ParameterizedTest
  @MethodSource("bank")
  void vectorsAreOrthonormalToDoublePrecision(SvdTest.Named named) {
    Matrix vectors = GramSvd.of(named.matrix()).vectors();
    Matrix product = vectors.timesTransposed(vectors);
    double off = product.minus(Matrix.identity(vectors.rows())).frobeniusNorm();
    assertTrue(off <= 1e-14 * (1 + vectors.rows()), () -> "off by " + off);
  }

  @ParameterizedTest
  @MethodSource("bank")
  void truncationErrorEqualsDiscardedEnergy(SvdTest.Named named) {
    Matrix a = named.matrix();
    GramSvd svd = GramSvd.of(a);
    Spectrum exact = Spectrum.of(a, Precision.FLOAT64);
    for (int rank = 0; rank <= exact.size(); rank += 1 + exact.size() / 8) {
      double error = a.minus(truncated(a, svd, rank)).frobeniusNorm();
      double least = exact.distanceToRank(rank);
      assertEquals(least, error, slack(a) * exact.largest() + 50 * Double.MIN_VALUE);
    }
  }

  @Test
  void valuesAreAtLeastAsExactAsThoseOfSinglePrecision() {
    Matrix a = SvdTest.gaussian(new Random(3), 200, 120);
    Spectrum exact = Spectrum.of(a, Precision.FLOAT64);
    double single = largestError(exact, Spectrum.of(a, Precision.FLOAT32));
    double found = largestError(exact, GramSvd.of(a).spectrum());
    assertTrue(found <= single, () -> found + " beside " + single);
  }

  private static double largestError(Spectrum exact, Spectrum other) {
    double largest = 0;
    for (int i = 0; i < exact.size(); i++) {
      largest = Math.max(largest, Math.abs(exact.value(i) - other.value(i)));
    }
    return largest;
  }

  @ParameterizedTest
  @MethodSource("bank")
  void whatStandsInWhereItDoesNotConvergeIsTheSame(SvdTest.Named named) {
    Matrix a = named.matrix();
    GramSvd other = GramSvd.of(a, Svd.of(a, Precision.FLOAT64));
    GramSvd svd = GramSvd.of(a);
    assertEquals(svd.isOfColumns(), other.isOfColumns());
    int rank = svd.spectrum().size();
    Matrix difference = truncated(a, svd, rank).minus(truncated(a, other, rank));
    assertEquals(
        0, difference.frobeniusNorm(), slack(a) * svd.spectrum().largest() + 50 * Double.MIN_VALUE);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void nonFiniteValuesAreNamed(double value) {
    Matrix a = Matrix.of(2, 3, 1, 2, 3, 4, value, 6);
    assertEquals(
        "no singular values: a 2 x 3 matrix holds " + value + " at row 1, column 1",
        assertThrows(InvalidInputException.class, () -> GramSvd.of(a)).getMessage());
  }
}
