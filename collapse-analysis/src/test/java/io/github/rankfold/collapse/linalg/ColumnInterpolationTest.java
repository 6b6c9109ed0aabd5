package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnInterpolationTest {
  private static Matrix gaussian(int rows, int cols, Random random) {
    double[] values = new double[rows * cols];
    Arrays.setAll(values, i -> random.nextGaussian());
    return Matrix.owning(rows, cols, values);
  }

  /** {@code A[:, J] [I T]} with its columns back in their places. */
  private static Matrix rebuilt(Matrix matrix, ColumnInterpolation found) {
    int[] columns = found.columns();
    Matrix chosen = matrix.columns(Arrays.copyOf(columns, matrix.rows()));
    int[] places = new int[columns.length];
    for (int i = 0; i < columns.length; i++) {
      places[columns[i]] = i;
    }
    return chosen.beside(chosen.times(found.others())).columns(places);
  }

  @ParameterizedTest(name = "{0}x{1} of rank {2}, seed {3}")
  @CsvSource({"1, 2, 1, 1", "5, 9, 5, 2", "40, 300, 40, 3", "8, 20, 3, 4", "6, 7, 0, 5"})
  void combinationsOfTheChosenColumnsAreTheOthers(int rows, int cols, int rank, long seed) {
    Random random = new Random(seed);
    Matrix matrix = gaussian(rows, rank, random).times(gaussian(rank, cols, random));
    for (double largest : new double[] {1e6, 0}) {
      ColumnInterpolation found = ColumnInterpolation.of(matrix, largest);
      int[] sorted = found.columns();
      Arrays.sort(sorted);
      assertArrayEquals(IntStream.range(0, cols).toArray(), sorted, "a permutation");
      double error = matrix.minus(rebuilt(matrix, found)).frobeniusNorm();
      assertEquals(0, error, 1e-9 * matrix.frobeniusNorm());
    }
  }

  @Test
  void theFirstColumnsAreTakenIfTheyAreIndependentEnough() {
    // The second column is the first one and a little: combinations of the two have large entries.
    Matrix matrix = Matrix.of(2, 4, 1, 1, 0, 3, 0, 0.01, 1, 4);
    assertArrayEquals(
        new int[] {0, 1, 2, 3}, ColumnInterpolation.of(matrix, 500).columns(), "100 and 400");
    ColumnInterpolation others = ColumnInterpolation.of(matrix, 300);
    assertEquals(3, others.columns()[0], "the longest one first");
    assertTrue(others.others().largestMagnitude() < 2, others.others()::toString);
  }

  @Test
  void aMatrixThatIsNotWideIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> ColumnInterpolation.of(Matrix.identity(3), 1));
  }
}
