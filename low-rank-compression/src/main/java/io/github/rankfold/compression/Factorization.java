package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.CompactMatrix;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Two factors, or three, in place of a kernel: {@code W ~ left right}, {@code left} [m x r], {@code
 * right} [r x n].
 *
 * <p>From a truncated SVD {@code W = U S V^T} this is the nearest matrix of rank r in the Frobenius
 * norm (Eckart-Young-Mirsky), in the form {@code U_r (U_r^T W)}. The square roots of the singular
 * values go to both sides, so that neither factor's entries grow large: that matters in half
 * precision and in fine-tuning. Immutable.
 */
public final class Factorization {
  /** As many as make a product efficient. */
  private static final int ROWS = 1024;

  private final CompactMatrix left;
  private final CompactMatrix right;
  private final ConvolutionForm form;
  private final Optional<CompactMatrix> core;

  private Factorization(
      CompactMatrix left, CompactMatrix right, ConvolutionForm form, Optional<CompactMatrix> core) {
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
    this.left = left;
    this.right = right;
    this.form = form;
    this.core = core;
  }

  private static void requireFit(CompactMatrix left, CompactMatrix core, CompactMatrix right) {
    if (core.rows() % left.cols() != 0 || core.cols() != right.rows()) {
      throw new IllegalArgumentException(
          "expected a core between factors %dx%d and %dx%d, found %dx%d"
              .formatted(
                  left.rows(), left.cols(), right.rows(), right.cols(), core.rows(), core.cols()));
    }
  }

  /**
   * @param form which matrix the kernel is taken as, where it is a convolution's
   * @param core what is between the two, [kh kw r1 x r2], in the form {@link
   *     ConvolutionForm#TUCKER} only: {@code left} is [Ci x r1] and {@code right} [r2 x Co] then
   */
  public Factorization(Matrix left, Matrix right, ConvolutionForm form, Optional<Matrix> core) {
    this(
        CompactMatrix.of(left, Precision.FLOAT64),
        CompactMatrix.of(right, Precision.FLOAT64),
        form,
        core.map(values -> CompactMatrix.of(values, Precision.FLOAT64)));
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
    return new Factorization(left, right, newForm, core);
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
    return of(kernel, svd, rank, Precision.FLOAT64);
  }

  /**
   * As above, rounded to the precision in which they will be written: a plan for a large model
   * holds the factors of all its layers. Some rows at a time, as the products of a large kernel
   * would take as much memory as its decomposition.
   */
  static Factorization of(Matrix kernel, Svd svd, int rank, Precision precision) {
    Matrix gram = Matrix.zeros(rank, rank);
    for (int from = 0; from < kernel.rows(); from += ROWS) {
      Matrix u = leftVectors(svd, from, rank);
      gram = gram.plus(u.transposedTimes(u));
    }
    Matrix correction = Matrix.identity(rank).scaled(1.5).plusScaled(-0.5, gram);
    double[] roots = Arrays.stream(svd.spectrum().toArray()).limit(rank).map(Math::sqrt).toArray();
    // A direction that the kernel does not have is left out of both factors.
    double[] inverses = Arrays.stream(roots).map(root -> root == 0 ? 0 : 1 / root).toArray();
    List<CompactMatrix> left = new ArrayList<>();
    Matrix right = Matrix.zeros(rank, kernel.cols());
    for (int from = 0; from < kernel.rows(); from += ROWS) {
      Matrix orthonormal = leftVectors(svd, from, rank).times(correction);
      left.add(CompactMatrix.of(orthonormal.columnsScaled(roots), precision));
      Matrix rows = kernel.rowsBetween(from, Math.min(from + ROWS, kernel.rows()));
      right = right.plus(orthonormal.transposedTimes(rows));
    }
    return new Factorization(
        CompactMatrix.stacked(rank, left),
        CompactMatrix.of(right.rowsScaled(inverses), precision),
        ConvolutionForm.CHANNEL,
        Optional.empty());
  }

  /** Some rows of {@code U_r}. */
  private static Matrix leftVectors(Svd svd, int from, int rank) {
    int to = Math.min(from + ROWS, svd.u().rows());
    return svd.u().rowsBetween(from, to).leadingColumns(rank);
  }

  /** r; with a core r2, the rank along the output channels. */
  public int rank() {
    return right.rows();
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

  /** What is between the two factors, [kh kw r1 x r2], in the form TUCKER only. */
  public Optional<Matrix> core() {
    return core.map(CompactMatrix::toMatrix);
  }

  /** r1, the rank along the input channels, where there is a core. */
  public OptionalInt inputRank() {
    return core.isPresent() ? OptionalInt.of(left.cols()) : OptionalInt.empty();
  }

  /** {@code r (m + n)}; with a core {@code Ci r1 + kh kw r1 r2 + r2 Co}. */
  public long parameters() {
    return parameters(left) + core.map(Factorization::parameters).orElse(0L) + parameters(right);
  }

  private static long parameters(CompactMatrix factor) {
    return (long) factor.rows() * factor.cols();
  }
}
