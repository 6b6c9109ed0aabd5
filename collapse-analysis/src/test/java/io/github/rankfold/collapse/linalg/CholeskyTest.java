package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CholeskyTest {
  private static Matrix gaussian(int rows, int cols, long seed) {
    Random random = new Random(seed);
    double[] values = new double[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Matrix.owning(rows, cols, values);
  }

  /** Of so many rows: of rank {@code min(rows, size)}. */
  private static Matrix moment(int rows, int size, double scale) {
    Matrix rowsOf = gaussian(rows, size, 31L * rows + size);
    return rowsOf.transposedTimes(rowsOf).scaled(scale);
  }

  private static Matrix damped(Matrix moment, double damping) {
    double trace = 0;
    for (int i = 0; i < moment.rows(); i++) {
      trace += moment.get(i, i);
    }
    return moment.plusScaled(damping * trace / moment.rows(), Matrix.identity(moment.rows()));
  }

  private static void assertNear(Matrix expected, Matrix actual, double slack) {
    double error = expected.minus(actual).frobeniusNorm();
    assertTrue(error <= slack * expected.frobeniusNorm(), () -> "relative error " + error);
  }

  @ParameterizedTest(name = "{1}x{1} of {0} rows, scaled by {2}, damped by {3}")
  @CsvSource({
    "40, 12, 1, 0", // regular
    "40, 12, 1, 1e-4",
    "5, 12, 1, 1e-4", // singular
    "5, 12, 1e-200, 1e-4", // tiny
    "40, 12, 1e200, 1e-4", // huge
    "3, 1, 1, 0"
  })
  void theRootTimesItsTransposeIsTheDampedMatrix(int rows, int size, double scale, double damping) {
    Matrix moment = moment(rows, size, scale);
    Matrix root = Cholesky.of(moment, damping).root();
    assertNear(
        damped(moment, damping).scaled(1 / scale),
        root.timesTransposed(root).scaled(1 / scale),
        1e-13);
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        assertEquals(0, root.get(i, j), "above the diagonal");
      }
    }
  }

  @ParameterizedTest(name = "{1}x{1} of {0} rows")
  @CsvSource({"40, 12", "12, 12", "5, 12", "3, 1"})
  void undoingGivesBackWhatWasMultiplied(int rows, int size) {
    Cholesky cholesky = Cholesky.of(moment(rows, size, 1), 1e-2);
    Matrix root = cholesky.root();
    Matrix tall = gaussian(size, 7, 1);
    Matrix wide = gaussian(7, size, 2);
    // The condition of the root is at most sqrt(size / damping), about 35.
    assertNear(tall, cholesky.undoTransposed(root.transposedTimes(tall)), 1e-12);
    assertNear(wide, cholesky.undoRight(wide.times(root)), 1e-12);
    assertNear(tall, cholesky.solve(root.timesTransposed(root).times(tall)), 1e-11);
  }

  @Test
  void aSingularMatrixWithoutDampingIsDampedAsFarAsRoundingAsks() {
    Matrix moment = moment(5, 12, 1);
    Matrix root = Cholesky.of(moment, 0).root();
    assertNear(moment, root.timesTransposed(root), 1e-9);
    for (int i = 0; i < 12; i++) {
      assertTrue(root.get(i, i) > 0, "the root can be undone");
    }
  }

  @Test
  void theRootOfNothingIsTheIdentity() {
    Matrix root = Cholesky.of(Matrix.zeros(4, 4), 1e-4).root();
    assertEquals(0, root.minus(Matrix.identity(4)).frobeniusNorm());
  }

  @Test
  void whatHasNoRootIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Cholesky.of(Matrix.zeros(2, 3), 0));
    assertThrows(IllegalArgumentException.class, () -> Cholesky.of(Matrix.identity(2), -1));
    assertThrows(IllegalArgumentException.class, () -> Cholesky.of(Matrix.identity(2), Double.NaN));
    Matrix notFinite = Matrix.of(2, 2, Double.NaN, 0, 0, 1);
    assertThrows(ArithmeticException.class, () -> Cholesky.of(notFinite, 0));
    Matrix indefinite = Matrix.of(2, 2, 1, 100, 100, 1);
    assertThrows(ArithmeticException.class, () -> Cholesky.of(indefinite, 0));
  }
}
