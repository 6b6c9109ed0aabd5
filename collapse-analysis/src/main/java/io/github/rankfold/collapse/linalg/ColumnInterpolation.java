package io.github.rankfold.collapse.linalg;

import static org.bytedeco.openblas.global.openblas.CblasLeft;
import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasNonUnit;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasUpper;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgeqp3;
import static org.bytedeco.openblas.global.openblas.LAPACK_ROW_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_dtrsm;

import java.util.Arrays;
import java.util.Optional;

/**
 * The columns of a wide matrix as combinations of some of them: {@code A = A[:, J] [I T] P}, J as
 * many columns as A has rows, P a permutation. An interpolative decomposition (Cheng, Gimbutas,
 * Martinsson and Rokhlin, SIAM J. Sci. Comput. 26, 2005), from QR factors with column pivoting.
 */
public final class ColumnInterpolation {
  private final int[] columns;
  private final Matrix others;

  private ColumnInterpolation(int[] columns, Matrix others) {
    this.columns = columns;
    this.others = others;
  }

  /**
   * By the first columns if they are independent enough, and else by those that are most.
   *
   * @param matrix A [r x n], r less than n; its rows need not be independent
   * @param largest of the entries of T that the first columns may have; with pivoting they are
   *     seldom above 2
   */
  public static ColumnInterpolation of(Matrix matrix, double largest) {
    if (matrix.rows() >= matrix.cols()) {
      throw new IllegalArgumentException("expected fewer rows than columns, found " + matrix);
    }
    return of(matrix, true)
        .filter(byFirst -> byFirst.others.largestMagnitude() <= largest)
        .or(() -> of(matrix, false))
        .orElseThrow();
  }

  /** Empty where the others are no combinations of the first ones. */
  private static Optional<ColumnInterpolation> of(Matrix matrix, boolean firstOnes) {
    int rows = matrix.rows();
    int cols = matrix.cols();
    double[] factors = matrix.toDoubles();
    int[] pivots = new int[cols];
    if (firstOnes) {
      Arrays.fill(pivots, 0, rows, 1); // keeps them in front
    }
    BlasThreads.use(rows > Lapack.LARGE);
    int info =
        LAPACKE_dgeqp3(LAPACK_ROW_MAJOR, rows, cols, factors, cols, pivots, new double[rows]);
    if (info != 0) {
      throw new IllegalStateException("LAPACK's geqp3 says " + info);
    }
    Matrix upper = Matrix.owning(rows, cols, factors);
    int rank = numericalRank(upper);
    if (firstOnes && rank < rows) {
      return Optional.empty();
    }
    // Columns beyond the rank are combinations of those before: no others need them.
    double[] solution = upper.block(0, rank, rows, cols).toDoubles();
    if (rank > 0) {
      cblas_dtrsm(
          CblasRowMajor,
          CblasLeft,
          CblasUpper,
          CblasNoTrans,
          CblasNonUnit,
          rank,
          cols - rows,
          1,
          factors,
          cols,
          solution,
          cols - rows);
    }
    double[] others = Arrays.copyOf(solution, rows * (cols - rows));
    for (int i = 0; i < cols; i++) {
      pivots[i]--; // LAPACK counts from 1
    }
    return Optional.of(new ColumnInterpolation(pivots, Matrix.owning(rows, cols - rows, others)));
  }

  private static int numericalRank(Matrix upper) {
    double largest = Math.abs(upper.get(0, 0));
    int rank = 0;
    while (rank < upper.rows()
        && Math.abs(upper.get(rank, rank)) > upper.cols() * 0x1p-52 * largest) {
      rank++;
    }
    return rank;
  }

  /** J, and the other columns behind them. */
  public int[] columns() {
    return columns.clone();
  }

  /** T [r x (n - r)]. */
  public Matrix others() {
    return others;
  }
}
