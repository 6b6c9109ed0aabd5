package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixTest {
  private final Matrix a = Matrix.of(2, 3, 1, 2, 3, 4, 5, 6);

  @Test
  void productsByHand() {
    Matrix b = Matrix.of(3, 2, 1, 0, 0, 1, 1, 1);
    double[] expected = {4, 5, 10, 11};
    assertArrayEquals(expected, a.times(b).toDoubles());
    assertArrayEquals(expected, a.timesTransposed(b.transpose()).toDoubles());
    assertArrayEquals(expected, a.transpose().transposedTimes(b).toDoubles());
  }

  @Test
  void emptyProductsAreZero() {
    assertArrayEquals(
        new double[4], Matrix.zeros(2, 0).times(Matrix.zeros(0, 2)).toDoubles(), "inner size 0");
    assertEquals(0, Matrix.zeros(0, 3).times(Matrix.zeros(3, 2)).rows());
  }

  @Test
  void partsAreCopies() {
    double[] values = {1, 2};
    Matrix copied = Matrix.of(1, 2, values);
    values[0] = 9;
    copied.row(0)[1] = 9;
    copied.toDoubles()[1] = 9;
    assertArrayEquals(new double[] {1, 2}, copied.toDoubles());
    assertArrayEquals(new double[] {2, 5}, a.column(1));
    assertArrayEquals(new double[] {1, 2, 4, 5}, a.leadingColumns(2).toDoubles());
    assertArrayEquals(new double[] {1, 2, 3}, a.leadingRows(1).toDoubles());
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, a.toFloats());
  }

  @Test
  void sizesThatDoNotFitAreNamed() {
    assertEquals(
        "cannot multiply 2 x 3 by 2 x 3: the inner sizes differ",
        assertThrows(IllegalArgumentException.class, () -> a.times(a)).getMessage());
    assertEquals(
        "expected 4 values for a 2 x 2 matrix, found 3",
        assertThrows(IllegalArgumentException.class, () -> Matrix.of(2, 2, 1, 2, 3)).getMessage());
  }

  @ParameterizedTest
  @CsvSource({"1e-300", "1e-160", "1", "1e160", "1e300"})
  void frobeniusNormNeitherVanishesNorOverflows(double unit) {
    assertEquals(5, Matrix.of(1, 2, 3 * unit, 4 * unit).frobeniusNorm() / unit, 1e-14);
  }

  @Test
  void frobeniusNormOfNonFiniteValuesIsNonFinite() {
    assertEquals(Double.NaN, Matrix.of(1, 2, 1, Double.NaN).frobeniusNorm());
    assertEquals(
        Double.POSITIVE_INFINITY, Matrix.of(1, 2, 1, Double.NEGATIVE_INFINITY).frobeniusNorm());
  }

  @Test
  void subspaceProjectsAndLeavesTheRest() {
    Random random = new Random(5);
    Matrix vectors = SvdTest.gaussian(random, 3, 3).times(SvdTest.gaussian(random, 3, 20));
    Matrix dependent = SvdTest.gaussian(random, 5, 3).times(vectors); // 5 rows, rank 3
    Subspace span = Subspace.spannedBy(dependent, 1e-10);
    Matrix x = SvdTest.gaussian(random, 7, 20);
    assertEquals(3, span.dimension());
    assertEquals(0, span.residual(dependent).frobeniusNorm(), 1e-12, "the span stays");
    assertEquals(0, span.project(span.residual(x)).frobeniusNorm(), 1e-12, "P (I - P) is nothing");
    assertEquals(
        0,
        span.residualOfColumns(x.transpose()).minus(span.residual(x).transpose()).frobeniusNorm(),
        1e-12,
        "P is symmetric");
    assertEquals(
        Math.pow(x.frobeniusNorm(), 2),
        Math.pow(span.project(x).frobeniusNorm(), 2)
            + Math.pow(span.residual(x).frobeniusNorm(), 2),
        1e-11,
        "Pythagoras");
  }

  @Test
  void zeroRowsSpanNothing() {
    Subspace nothing = Subspace.spannedBy(Matrix.zeros(3, 4), 1e-10);
    assertEquals(0, nothing.dimension());
    assertArrayEquals(
        a.toDoubles(), Subspace.spannedBy(Matrix.zeros(2, 3), 1e-10).residual(a).toDoubles());
  }

  @Test
  void scalingColumnsIsScalingTheRowsOfTheTranspose() {
    Matrix matrix = Matrix.of(2, 3, 1, 2, 3, 4, 5, 6);
    double[] factors = {2, 0, -1};
    assertArrayEquals(
        matrix.transpose().rowsScaled(factors).transpose().toDoubles(),
        matrix.columnsScaled(factors).toDoubles());
    assertEquals(
        "expected 3 factors for 3 columns, found 2",
        assertThrows(
                IllegalArgumentException.class, () -> matrix.columnsScaled(new double[] {1, 2}))
            .getMessage());
  }
}
