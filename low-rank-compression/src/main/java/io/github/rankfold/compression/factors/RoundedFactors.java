package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.Cholesky;
import io.github.rankfold.collapse.linalg.Matrix;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Two factors {@code W = A B^T}, A [m x r], B [n x r], rounded to fewer bits, where the larger one
 * makes up for what the smaller one lost.
 *
 * <p>Where {@code m <= n}, A is rounded to A'; then B' is the rounded solution of {@code min ||A'
 * X^T - A B^T||_F}. Of the error {@code (A' - A) B^T} what is in the span of A' is made up for so,
 * some r / m of its square, and all of it at full rank. The error of rounding the second factor
 * stays: half of the square of both. Where {@code m > n}, B is the first.
 */
final class RoundedFactors {
  /** Relative to a diagonal of 1; keeps the old factor where columns depend on one another. */
  private static final double DAMPING = 1e-9;

  private RoundedFactors() {}

  /**
   * @param pair factors without a core
   * @param rounding rounds columns, each for itself
   */
  static Factorization of(Factorization pair, UnaryOperator<Matrix> rounding) {
    Matrix a = pair.left();
    Matrix b = pair.right().transpose();
    boolean leftFirst = a.rows() <= b.rows();
    Matrix first = rounding.apply(leftFirst ? a : b);
    Matrix second = rounding.apply(leftFirst ? madeUpFor(a, first, b) : madeUpFor(b, first, a));
    return new Factorization(
        leftFirst ? first : second,
        (leftFirst ? second : first).transpose(),
        pair.form(),
        Optional.empty());
  }

  /**
   * {@code X = B + B (A - A')^T Q (Q^T Q + damping)^-1 D^-1} with {@code Q = A' D^-1}, columns of
   * length 1: the normal equations of what is still missing.
   */
  private static Matrix madeUpFor(Matrix a, Matrix rounded, Matrix b) {
    double[] inverses = new double[rounded.cols()];
    for (int j = 0; j < inverses.length; j++) {
      double length = Matrix.of(rounded.rows(), 1, rounded.column(j)).frobeniusNorm();
      inverses[j] = length == 0 ? 0 : 1 / length;
    }
    Matrix unit = rounded.columnsScaled(inverses);
    Cholesky gram = Cholesky.of(unit.transposedTimes(unit), DAMPING);
    Matrix missing = unit.transposedTimes(a.minus(rounded));
    return b.plus(b.timesTransposed(gram.solve(missing).rowsScaled(inverses)));
  }
}
