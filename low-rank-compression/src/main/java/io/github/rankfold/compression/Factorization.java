package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.CompactMatrix;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.Arrays;

/**
 * Two factors in place of a kernel: {@code W ~ left right}, {@code left} [m x r], {@code right} [r
 * x n].
 *
 * <p>From a truncated SVD {@code W = U S V^T} this is the nearest matrix of rank r in the Frobenius
 * norm (Eckart-Young-Mirsky), in the form {@code U_r (U_r^T W)}. The square roots of the singular
 * values go to both sides, so that neither factor's entries grow large: that matters in half
 * precision and in fine-tuning. Immutable.
 */
public final class Factorization {
  private final CompactMatrix left;
  private final CompactMatrix right;
  private final ConvolutionForm form;

  private Factorization(CompactMatrix left, CompactMatrix right, ConvolutionForm form) {
    if (left.cols() != right.rows()) {
      throw new IllegalArgumentException(
          "expected factors that can be multiplied, found %dx%d and %dx%d"
              .formatted(left.rows(), left.cols(), right.rows(), right.cols()));
    }
    this.left = left;
    this.right = right;
    this.form = form;
  }

  public Factorization(Matrix left, Matrix right, ConvolutionForm form) {
    this(
        CompactMatrix.of(left, Precision.FLOAT64),
        CompactMatrix.of(right, Precision.FLOAT64),
        form);
  }

  /** Factors of a layer's own matrix. */
  public Factorization(Matrix left, Matrix right) {
    this(left, right, ConvolutionForm.CHANNEL);
  }

  /** These factors, as those of a convolution's kernel in another form. */
  Factorization in(ConvolutionForm newForm) {
    return new Factorization(left, right, newForm);
  }

  /**
   * These factors in the precision in which they will be written: a plan for a large model holds
   * them all, and need not hold them twice as long.
   */
  Factorization roundedTo(Precision precision) {
    return new Factorization(
        CompactMatrix.of(left(), precision), CompactMatrix.of(right(), precision), form);
  }

  /**
   * The factors of the first {@code rank} singular triples of {@code kernel}.
   *
   * <p>An SVD in single precision is only orthogonal to a few of its own units, which shows in the
   * outputs of a deep model. One Newton-Schulz step, {@code U (3 I - U^T U) / 2}, in double makes
   * up for it at the price of three products; taking the right factor from the kernel itself does
   * not inherit the rounding of V.
   */
  public static Factorization of(Matrix kernel, Svd svd, int rank) {
    Matrix u = svd.u().leadingColumns(rank);
    Matrix correction = Matrix.identity(rank).scaled(1.5).plusScaled(-0.5, u.transposedTimes(u));
    Matrix orthonormal = u.times(correction);
    double[] roots = Arrays.stream(svd.spectrum().toArray()).limit(rank).map(Math::sqrt).toArray();
    // A direction that the kernel does not have is left out of both factors.
    double[] inverses = Arrays.stream(roots).map(root -> root == 0 ? 0 : 1 / root).toArray();
    Matrix left = orthonormal.columnsScaled(roots);
    Matrix right = orthonormal.transposedTimes(kernel).rowsScaled(inverses);
    return new Factorization(left, right);
  }

  public int rank() {
    return left.cols();
  }

  /** [m x r] */
  public Matrix left() {
    return left.toMatrix();
  }

  /** [r x n] */
  public Matrix right() {
    return right.toMatrix();
  }

  /** Which matrix the kernel is taken as, where it is a convolution's. */
  public ConvolutionForm form() {
    return form;
  }

  /** {@code r (m + n)}. */
  public long parameters() {
    return (long) rank() * (left.rows() + right.cols());
  }
}
