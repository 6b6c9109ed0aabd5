package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.models.InvalidInputException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowBlocksTest {
  /** One block, several with a rest, and one row a block, which 131,073 columns make. */
  @ParameterizedTest(name = "{0}x{1} rank {2}")
  @CsvSource({"7, 5, 3", "3000, 97, 4", "97, 3000, 4", "3, 140000, 2", "5, 0, 2", "0, 5, 2"})
  void productsAreThoseOfTheWholeMatrix(int rows, int cols, int rank) {
    Matrix a = SvdTest.gaussian(new Random(rows), rows, cols);
    Matrix right = SvdTest.gaussian(new Random(1), rank, cols);
    Matrix left = SvdTest.gaussian(new Random(2), rows, rank);
    requireEqual(a.timesTransposed(right), RowBlocks.timesTransposed(a, right));
    requireEqual(left.transposedTimes(a), RowBlocks.transposedTimes(left, a));
  }

  private static void requireEqual(Matrix expected, CompactMatrix found) {
    double slack = Precision.FLOAT32.epsilon() * expected.frobeniusNorm();
    assertEquals(0, expected.minus(found.toMatrix()).frobeniusNorm(), slack);
  }

  /** The values' squares sum up to the squared norm, also over several blocks of rows. */
  @ParameterizedTest(name = "{0}x{1}")
  @CsvSource({"4000, 60", "60, 4000"})
  void decompositionSeesAllBlocks(int rows, int cols) {
    Matrix a = SvdTest.gaussian(new Random(5), rows, cols);
    Spectrum expected = Spectrum.of(a, Precision.FLOAT64);
    Spectrum found = GramSvd.of(a).spectrum();
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.value(i), found.value(i), 1e-10 * expected.largest());
    }
  }

  @Test
  void whereAValueIsNotFiniteIsToldOverAllBlocks() {
    double[] values = new double[3000 * 97];
    values[2999 * 97 + 4] = Double.NaN;
    Matrix a = Matrix.owning(3000, 97, values);
    String message = assertThrows(InvalidInputException.class, () -> GramSvd.of(a)).getMessage();
    assertEquals("no singular values: a 3000 x 97 matrix holds NaN at row 2999, column 4", message);
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    Matrix a = Matrix.zeros(3, 2);
    assertThrows(
        IllegalArgumentException.class, () -> RowBlocks.timesTransposed(a, Matrix.zeros(1, 3)));
    assertThrows(
        IllegalArgumentException.class, () -> RowBlocks.transposedTimes(Matrix.zeros(2, 1), a));
  }
}
