package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CompactMatrixTest {
  @Test
  void floatsAreTheNearestAndDoublesAreTheSame() {
    Matrix matrix = Matrix.of(2, 3, 1, 1.0 / 3, -2, 1e-30, 0, 7);
    Matrix floats = CompactMatrix.of(matrix, Precision.FLOAT32).toMatrix();
    Matrix doubles = CompactMatrix.of(matrix, Precision.FLOAT64).toMatrix();
    assertArrayEquals(Matrix.fromFloats(2, 3, matrix.toFloats()).toDoubles(), floats.toDoubles());
    assertArrayEquals(matrix.toDoubles(), doubles.toDoubles());
    for (Precision precision : Precision.values()) {
      assertArrayEquals(matrix.toFloats(), CompactMatrix.of(matrix, precision).floats());
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void scaledRowsAndColumnsAreThoseOfTheMatrix(Precision precision) {
    Matrix matrix = Matrix.of(2, 3, 1, 2, 3, 4, 5, 6);
    CompactMatrix compact = CompactMatrix.of(matrix, precision);
    double[] two = {-2, 0.5};
    double[] three = {3, 0, 1};
    assertArrayEquals(matrix.rowsScaled(two).toDoubles(), compact.rowsScaled(two).toDoubles());
    assertArrayEquals(
        matrix.columnsScaled(three).toDoubles(), compact.columnsScaled(three).toDoubles());
  }

  @Test
  void leadingRowsAreScaledAndRounded() {
    Matrix matrix = Matrix.of(3, 2, 1, 2, 1.0 / 3, 4, 5, 6);
    double[] factors = {10, 0.1};
    Matrix expected = matrix.leadingRows(2).rowsScaled(factors);
    assertArrayEquals(expected.toFloats(), CompactMatrix.ofScaledRows(matrix, factors).floats());
    CompactMatrix columns = CompactMatrix.ofScaledRowsAsColumns(matrix, factors);
    assertArrayEquals(expected.transpose().toFloats(), columns.floats());
    assertEquals(2, columns.rows());
  }

  @ParameterizedTest(name = "{0}x{1} as {2}")
  @CsvSource({"0, 3, FLOAT32", "4, 0, FLOAT64", "2, 5, FLOAT32"})
  void sizesStay(int rows, int cols, Precision precision) {
    CompactMatrix compact = CompactMatrix.of(Matrix.zeros(rows, cols), precision);
    assertEquals(rows, compact.rows());
    assertEquals(cols, compact.cols());
    assertEquals(rows, compact.toMatrix().rows());
    assertEquals(cols, compact.toMatrix().cols());
  }
}
