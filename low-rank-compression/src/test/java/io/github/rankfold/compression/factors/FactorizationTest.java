package io.github.rankfold.compression.factors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.GramSvd;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.MatrixRows;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FactorizationTest {
  private static Matrix gaussian(int rows, int cols, long seed) {
    Random random = new Random(seed);
    double[] values = new double[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Matrix.owning(rows, cols, values);
  }

  private static Matrix product(Factorization factors) {
    return factors.left().times(factors.right());
  }

  @ParameterizedTest(name = "{0}x{1} kept at rank {2}, {3}")
  @CsvSource({
    "6, 6, 1, FLOAT64",
    "6, 6, 6, FLOAT64",
    "20, 5, 3, FLOAT64",
    "5, 20, 3, FLOAT64",
    "30, 40, 12, FLOAT32",
    "1, 7, 1, FLOAT64",
    "7, 1, 1, FLOAT32",
    "2500, 6, 4, FLOAT64"
  })
  void truncationErrorEqualsDiscardedEnergy(int rows, int cols, int rank, Precision precision) {
    Matrix kernel = gaussian(rows, cols, rows + 31L * cols);
    Svd svd = Svd.of(kernel, precision);
    Factorization factors = Factorization.of(kernel, svd, rank);
    assertEquals(rank, factors.rank());
    assertEquals((long) rank * (rows + cols), factors.parameters());
    double error = kernel.minus(product(factors)).frobeniusNorm();
    // An angle of epsilon between the subspaces costs epsilon ||W||.
    double slack = 8 * precision.epsilon() * kernel.frobeniusNorm();
    assertEquals(svd.spectrum().distanceToRank(rank), error, slack);
  }

  @Test
  void bothFactorsHaveTheSameColumnAndRowNorms() {
    Matrix kernel = gaussian(12, 9, 3).plusScaled(1e4, gaussian(12, 1, 4).times(gaussian(1, 9, 5)));
    Svd svd = Svd.of(kernel, Precision.FLOAT64);
    Factorization factors = Factorization.of(kernel, svd, 5);
    for (int i = 0; i < 5; i++) {
      double root = Math.sqrt(svd.spectrum().value(i));
      assertEquals(root, norm(factors.left().column(i)), 1e-9 * root);
      assertEquals(root, norm(factors.right().row(i)), 1e-9 * root);
    }
  }

  @Test
  void atFullRankTheProductIsTheKernelToItsOwnPrecision() {
    Matrix kernel = gaussian(40, 25, 6);
    Factorization factors = Factorization.of(kernel, Svd.of(kernel, Precision.FLOAT32), 25);
    double error = kernel.minus(product(factors)).frobeniusNorm();
    assertTrue(error < 1e-6 * kernel.frobeniusNorm(), () -> "error " + error);
  }

  @Test
  void directionsThatTheKernelDoesNotHaveAreZeroAndFinite() {
    Matrix kernel = gaussian(8, 2, 7).times(gaussian(2, 6, 8));
    Factorization factors = Factorization.of(kernel, Svd.of(kernel, Precision.FLOAT64), 4);
    assertEquals(0, kernel.minus(product(factors)).frobeniusNorm(), 1e-12);
    Matrix zero = Matrix.zeros(4, 3);
    Factorization nothing = Factorization.of(zero, Svd.of(zero, Precision.FLOAT64), 2);
    assertEquals(0, nothing.left().frobeniusNorm() + nothing.right().frobeniusNorm());
  }

  @ParameterizedTest(name = "{0}x{1} kept at rank {2}")
  @CsvSource({"6, 6, 1", "6, 6, 6", "20, 5, 3", "5, 20, 3", "30, 40, 12", "1, 7, 1", "7, 1, 1"})
  void factorsOfOneSidesVectorsAreTheSame(int rows, int cols, int rank) {
    Matrix kernel = gaussian(rows, cols, rows + 31L * cols);
    GramSvd svd = GramSvd.of(kernel);
    Factorization factors = Factorization.of(kernel, svd, rank);
    assertEquals((long) rank * (rows + cols), factors.parameters());
    Factorization expected = Factorization.of(kernel, Svd.of(kernel, Precision.FLOAT64), rank);
    double off = product(factors).minus(product(expected)).frobeniusNorm();
    assertEquals(0, off, 4 * Precision.FLOAT32.epsilon() * kernel.frobeniusNorm());
    for (int i = 0; i < rank; i++) {
      double root = Math.sqrt(svd.spectrum().value(i));
      assertEquals(root, norm(factors.left().column(i)), 1e-5 * root);
      assertEquals(root, norm(factors.right().row(i)), 1e-5 * root);
    }
  }

  @Test
  void theLargerFactorIsComputedFromTheKernelWhenItIsAskedFor() {
    Matrix kernel = gaussian(9, 7, 11);
    AtomicInteger read = new AtomicInteger();
    MatrixRows counted =
        new MatrixRows() {
          @Override
          public int rows() {
            return kernel.rows();
          }

          @Override
          public int cols() {
            return kernel.cols();
          }

          @Override
          public void read(int from, int to, double[] target) {
            read.addAndGet(to - from);
            kernel.read(from, to, target);
          }
        };
    Factorization factors = Factorization.of(counted, GramSvd.of(kernel), 3);
    assertEquals(3 * (9 + 7), factors.parameters());
    assertEquals(7, factors.right().cols());
    assertEquals(0, read.get());
    assertEquals(9, factors.left().rows());
    assertEquals(9, read.get());
  }

  @ParameterizedTest(name = "{0}x{1}")
  @CsvSource({"8, 6", "6, 8"})
  void oneSidesVectorsOfAKernelOfLowRankGiveIt(int rows, int cols) {
    Matrix kernel = gaussian(rows, 2, 7).times(gaussian(2, cols, 8));
    Factorization factors = Factorization.of(kernel, GramSvd.of(kernel), 4);
    double off = kernel.minus(product(factors)).frobeniusNorm();
    assertEquals(0, off, 4 * Precision.FLOAT32.epsilon() * kernel.frobeniusNorm());
    Matrix zero = Matrix.zeros(rows, cols);
    Factorization nothing = Factorization.of(zero, GramSvd.of(zero), 2);
    assertEquals(0, nothing.left().frobeniusNorm() + nothing.right().frobeniusNorm());
  }

  @Test
  void factorsThatCannotBeMultipliedAreRefused() {
    assertEquals(
        "expected factors that can be multiplied, found 3x2 and 4x5",
        assertThrows(
                IllegalArgumentException.class,
                () -> new Factorization(Matrix.zeros(3, 2), Matrix.zeros(4, 5)))
            .getMessage());
  }

  private static double norm(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  @ParameterizedTest(name = "{0}x{1} at rank {2}, entries of at most {3}")
  @CsvSource({
    "6, 6, 1, 1e9",
    "6, 6, 5, 1e9",
    "20, 5, 3, 1e9",
    "5, 20, 5, 1e9",
    "30, 40, 12, 0",
    "1, 7, 1, 0"
  })
  void interpolativeFactorsHaveTheSameProductAndFewerParameters(
      int rows, int cols, int rank, double largest) {
    Matrix kernel = gaussian(rows, cols, rows + 31L * cols);
    Factorization plain = Factorization.of(kernel, Svd.of(kernel, Precision.FLOAT64), rank);
    Factorization same = plain.interpolative(largest, Precision.FLOAT64);
    assertTrue(same.isInterpolative() && !plain.isInterpolative());
    assertEquals(largest > 0, same.placesOfColumns().isEmpty(), "in order by the first columns");
    assertEquals(rank, same.rank());
    assertEquals((long) rank * (rows + cols - rank), same.parameters());
    assertEquals(cols - rank, same.compactRight().cols());
    double error = product(plain).minus(product(same)).frobeniusNorm();
    assertEquals(0, error, 1e-10 * kernel.frobeniusNorm());
    assertThrows(
        IllegalArgumentException.class, () -> same.interpolative(1, Precision.FLOAT64), "twice");
  }

  /** Dead neurons are columns of zeros. */
  @Test
  void firstColumnsThatAreDeadArePassedOver() {
    Matrix live = gaussian(8, 6, 1);
    Matrix kernel = Matrix.zeros(8, 3).beside(live);
    Factorization plain = Factorization.of(kernel, Svd.of(kernel, Precision.FLOAT64), 4);
    Factorization same = plain.interpolative(1e9, Precision.FLOAT64);
    int[] places = same.placesOfColumns().orElseThrow();
    for (int dead = 0; dead < 3; dead++) {
      assertTrue(places[dead] >= 4, "no combination needs a dead one");
    }
    double error = product(plain).minus(product(same)).frobeniusNorm();
    assertEquals(0, error, 1e-12 * kernel.frobeniusNorm());
  }

  @Test
  void interpolativeFactorsOfFullRankOrOfOtherFormsAreRefused() {
    Matrix kernel = gaussian(12, 6, 1);
    Factorization plain = Factorization.of(kernel, Svd.of(kernel, Precision.FLOAT64), 6);
    assertThrows(IllegalArgumentException.class, () -> plain.interpolative(10, Precision.FLOAT64));
    Factorization spatial =
        Factorization.of(kernel, Svd.of(kernel, Precision.FLOAT64), 2).in(ConvolutionForm.SPATIAL);
    assertThrows(
        IllegalArgumentException.class, () -> spatial.interpolative(10, Precision.FLOAT64));
  }
}
