package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One bank of matrices against every precision and every driver. */
class SvdTest {
  /** LAPACK's backward error is a small multiple of (m + n) epsilon s_1: this multiple. */
  private static final double ROUNDINGS = 10;

  private static double slack(Matrix a, Precision precision) {
    return ROUNDINGS * (a.rows() + a.cols()) * precision.epsilon();
  }

  record Named(String name, Matrix matrix) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Shared with the tests of other decompositions. */
  static List<Named> bank() {
    Random random = new Random(7);
    Matrix square = gaussian(random, 6, 6);
    return List.of(
        new Named("zero", Matrix.zeros(4, 3)),
        new Named("identity: all values repeated", Matrix.identity(5)),
        new Named("repeated in pairs", repeatedInPairs(random)),
        new Named("wide", gaussian(random, 3, 40)),
        new Named("tall", gaussian(random, 40, 3)),
        new Named("row", gaussian(random, 1, 9)),
        new Named("column", gaussian(random, 9, 1)),
        new Named("1 x 1 negative", Matrix.of(1, 1, -2.5)),
        new Named("1 x 1 zero", Matrix.of(1, 1, 0)),
        new Named("rank one", gaussian(random, 12, 1).times(gaussian(random, 1, 8))),
        new Named("tiny", square.scaled(1e-200)),
        new Named("subnormal", square.scaled(1e-310)),
        new Named("huge", square.scaled(1e200)),
        new Named(
            "of tiny and huge rows", square.rowsScaled(new double[] {1e20, 1, 1, 1, 1, 1e-20})),
        new Named("no rows", Matrix.zeros(0, 4)),
        new Named("no columns", Matrix.zeros(4, 0)),
        new Named("300 x 200", gaussian(random, 300, 200)));
  }

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (Named named : bank()) {
      for (Precision precision : Precision.values()) {
        for (Lapack.Driver driver : Lapack.Driver.values()) {
          cases.add(Arguments.of(named, precision, driver));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("cases")
  void productOfTheFactorsIsTheMatrix(Named named, Precision precision, Lapack.Driver driver) {
    Matrix a = named.matrix();
    Svd svd = Svd.of(a, precision, driver);
    Matrix back = svd.truncated(svd.spectrum().size());
    double slack =
        slack(named.matrix(), precision) * svd.spectrum().largest() + Double.MIN_VALUE * 50;
    assertTrue(back.minus(a).frobeniusNorm() <= slack, () -> "off by " + back.minus(a));
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("cases")
  void vectorsAreOrthonormal(Named named, Precision precision, Lapack.Driver driver) {
    Svd svd = Svd.of(named.matrix(), precision, driver);
    Matrix identity = Matrix.identity(svd.spectrum().size());
    double slack = slack(named.matrix(), precision);
    assertEquals(0, svd.u().transposedTimes(svd.u()).minus(identity).frobeniusNorm(), slack);
    assertEquals(0, svd.vt().timesTransposed(svd.vt()).minus(identity).frobeniusNorm(), slack);
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("cases")
  void valuesDescendAndNeedNoVectors(Named named, Precision precision, Lapack.Driver driver) {
    Matrix a = named.matrix();
    Spectrum full = Svd.of(a, precision, driver).spectrum();
    Spectrum alone = Lapack.decompose(a, precision, false, driver).spectrum();
    assertEquals(Math.min(a.rows(), a.cols()), alone.size());
    double slack = slack(named.matrix(), precision) * full.largest();
    for (int i = 0; i < alone.size(); i++) {
      assertTrue(i == 0 || alone.value(i) <= alone.value(i - 1), "descending");
      assertEquals(full.value(i), alone.value(i), slack);
    }
    assertEquals(a.frobeniusNorm(), alone.distanceToRank(0), slack);
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("cases")
  void truncationErrorEqualsDiscardedEnergy(
      Named named, Precision precision, Lapack.Driver driver) {
    Svd svd = Svd.of(named.matrix(), precision, driver);
    double slack =
        slack(named.matrix(), precision) * svd.spectrum().largest() + Double.MIN_VALUE * 50;
    for (int rank = 0; rank <= svd.spectrum().size(); rank += 1 + svd.spectrum().size() / 8) {
      double error = named.matrix().minus(svd.truncated(rank)).frobeniusNorm();
      assertEquals(svd.spectrum().distanceToRank(rank), error, slack);
    }
  }

  @ParameterizedTest
  @MethodSource("nonFinite")
  void nonFiniteValuesAreNamed(double value, Precision precision) {
    Matrix a = Matrix.of(2, 3, 1, 2, 3, 4, value, 6);
    String message = "no singular values: a 2 x 3 matrix holds " + value + " at row 1, column 1";
    assertEquals(
        message,
        assertThrows(InvalidInputException.class, () -> Svd.of(a, precision)).getMessage());
    assertEquals(
        message,
        assertThrows(InvalidInputException.class, () -> Spectrum.of(a, precision)).getMessage());
  }

  static Stream<Arguments> nonFinite() {
    return Stream.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)
        .flatMap(v -> Stream.of(Precision.values()).map(p -> Arguments.of(v, p)));
  }

  @Test
  void knownValuesOfATriangularMatrix() {
    // [[1, 1], [0, 1]]: the golden ratio and its inverse.
    Spectrum spectrum = Spectrum.of(Matrix.of(2, 2, 1, 1, 0, 1), Precision.FLOAT64);
    assertEquals((1 + Math.sqrt(5)) / 2, spectrum.value(0), 1e-15);
    assertEquals((Math.sqrt(5) - 1) / 2, spectrum.value(1), 1e-15);
  }

  private static Matrix repeatedInPairs(Random random) {
    Matrix u = Svd.of(gaussian(random, 9, 6), Precision.FLOAT64).u();
    Matrix vt = Svd.of(gaussian(random, 6, 7), Precision.FLOAT64).vt();
    return u.times(vt.rowsScaled(new double[] {3, 3, 2, 2, 1e-3, 1e-3}));
  }

  static Matrix gaussian(Random random, int rows, int cols) {
    double[] values = new double[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Matrix.owning(rows, cols, values);
  }
}
