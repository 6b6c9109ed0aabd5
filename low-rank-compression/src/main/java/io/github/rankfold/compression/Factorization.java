package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Two factors, or three, in place of a kernel: {@code W ~ left right}, {@code left} [m x r], {@code
 * right} [r x n].
 *
 * <p>From a truncated SVD {@code W = U S V^T} this is the nearest matrix of rank r in the Frobenius
 * norm (Eckart-Young-Mirsky), in the form {@code U_r (U_r^T W)}. The square roots of the singular
 * values go to both sides, so that neither factor's entries grow large: that matters in half
 * precision and in fine-tuning.
 *
 * @param form which matrix the kernel is taken as, where it is a convolution's
 * @param core what is between the two, [kh kw r1 x r2], in the form {@link ConvolutionForm#TUCKER}
 *     only: {@code left} is [Ci x r1] and {@code right} [r2 x Co] then
 */
public record Factorization(
    Matrix left, Matrix right, ConvolutionForm form, Optional<Matrix> core) {
  public Factorization {
    if (core.isPresent() != (form == ConvolutionForm.TUCKER)) {
      throw new IllegalArgumentException("expected a core in the form TUCKER only, was " + form);
    }
    if (core.isPresent()) {
      requireFit(left, core.get(), right);
    } else if (left.cols() != right.rows()) {
      throw new IllegalArgumentException(
          "expected factors that can be multiplied, found %dx%d and %dx%d"
              .formatted(left.rows(), left.cols(), right.rows(), right.cols()));
    }
  }

  private static void requireFit(Matrix left, Matrix core, Matrix right) {
    if (core.rows() % left.cols() != 0 || core.cols() != right.rows()) {
      throw new IllegalArgumentException(
          "expected a core between factors %dx%d and %dx%d, found %dx%d"
              .formatted(
                  left.rows(), left.cols(), right.rows(), right.cols(), core.rows(), core.cols()));
    }
  }

  /** Two factors. */
  public Factorization(Matrix left, Matrix right, ConvolutionForm form) {
    this(left, right, form, Optional.empty());
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
    Matrix left = orthonormal.transpose().rowsScaled(roots).transpose();
    Matrix right = orthonormal.transposedTimes(kernel).rowsScaled(inverses);
    return new Factorization(left, right);
  }

  /** r; with a core r2, the rank along the output channels. */
  public int rank() {
    return right.rows();
  }

  /** r1, the rank along the input channels, where there is a core. */
  public OptionalInt inputRank() {
    return core.isPresent() ? OptionalInt.of(left.cols()) : OptionalInt.empty();
  }

  /** {@code r (m + n)}; with a core {@code Ci r1 + kh kw r1 r2 + r2 Co}. */
  public long parameters() {
    return parameters(left) + core.map(Factorization::parameters).orElse(0L) + parameters(right);
  }

  private static long parameters(Matrix factor) {
    return (long) factor.rows() * factor.cols();
  }
}
