package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.ColumnInterpolation;
import io.github.rankfold.collapse.linalg.CompactMatrix;
import io.github.rankfold.collapse.linalg.GramSvd;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.MatrixRows;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.RowBlocks;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Two factors, or three, in place of a kernel: {@code W ~ left right}, {@code left} [m x r], {@code
 * right} [r x n].
 *
 * <p>From a truncated SVD {@code W = U S V^T} this is the nearest matrix of rank r in the Frobenius
 * norm (Eckart-Young-Mirsky), in the form {@code U_r (U_r^T W)} or {@code (W V_r) V_r^T}. The
 * square roots of the singular values go to both sides, so that neither factor's entries grow
 * large: that matters in half precision and in fine-tuning. Immutable.
 */
public final class Factorization {
  private final Factor left;
  private final Factor right;
  private final ConvolutionForm form;
  private final Optional<Factor> core;

  /** Of each column of the product its place among those that are made, where interpolative. */
  private final Optional<int[]> places;

  private Factorization(Factor left, Factor right, ConvolutionForm form, Optional<Factor> core) {
    this(left, right, form, core, Optional.empty());
  }

  private Factorization(
      Factor left,
      Factor right,
      ConvolutionForm form,
      Optional<Factor> core,
      Optional<int[]> places) {
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
    this.places = places;
  }

  private static void requireFit(Factor left, Factor core, Factor right) {
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
    this(Factor.kept(left), Factor.kept(right), form, core.map(Factor::kept));
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
  public Factorization in(ConvolutionForm newForm) {
    return new Factorization(left, right, newForm, core, places);
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
    double[] roots = roots(svd.spectrum(), rank);
    return new Factorization(
        orthonormal.columnsScaled(roots),
        orthonormal.transposedTimes(kernel).rowsScaled(inverses(roots)));
  }

  /**
   * The same from the singular vectors of the kernel's shorter side, {@code (W V_r) V_r^T} for one
   * that is tall: only {@code V_r}, in single precision, is kept, and the other factor, many times
   * as large, is multiplied when it is asked for. A plan for a large model holds the factors of all
   * its layers.
   *
   * @param kernel of single precision or less; read whenever the larger factor is asked for
   */
  public static Factorization of(MatrixRows kernel, GramSvd svd, int rank) {
    double[] roots = roots(svd.spectrum(), rank);
    double[] inverses = inverses(Arrays.stream(roots).map(root -> root * root).toArray());
    if (svd.isOfColumns()) {
      CompactMatrix right = CompactMatrix.ofScaledRows(svd.vectors(), roots);
      Supplier<CompactMatrix> left =
          () -> RowBlocks.timesTransposed(kernel, right.rowsScaled(inverses));
      return new Factorization(new Factor(svd.spectrum().rows(), rank, left), Factor.of(right));
    }
    CompactMatrix left = CompactMatrix.ofScaledRowsAsColumns(svd.vectors(), roots);
    Supplier<CompactMatrix> right =
        () -> RowBlocks.transposedTimes(left.columnsScaled(inverses), kernel);
    return new Factorization(Factor.of(left), new Factor(rank, svd.spectrum().cols(), right));
  }

  /**
   * The same product with an identity as part of the right factor: {@code left right = (left B) [I
   * T] P} with B some r columns of {@code right} and P a permutation, see {@link
   * ColumnInterpolation}. Those r columns of the product are the left factor then, and the others
   * combinations of them. The identity need not be stored or multiplied, so that {@code r (m + n -
   * r)} parameters are left: fewer than {@code m n} at any rank below the full one.
   *
   * @param largest of the entries of T where B is the first r columns, which needs no permutation.
   *     They multiply the rounding errors of the left factor
   * @param precision in which the factors are kept
   * @throws IllegalArgumentException if these are not two factors of a layer's own matrix, or of
   *     full rank
   */
  public Factorization interpolative(double largest, Precision precision) {
    if (form != ConvolutionForm.CHANNEL || isInterpolative()) {
      throw new IllegalArgumentException(
          "expected two factors split by channel, found them " + (isInterpolative() ? "so" : form));
    }
    Matrix all = right();
    ColumnInterpolation columns = ColumnInterpolation.of(all, largest);
    Matrix chosen = all.columns(Arrays.copyOf(columns.columns(), rank()));
    return new Factorization(
        Factor.of(CompactMatrix.of(left().times(chosen), precision)),
        Factor.of(CompactMatrix.of(columns.others(), precision)),
        form,
        Optional.empty(),
        Optional.of(places(columns.columns())));
  }

  private Factorization(Factor left, Factor right) {
    this(left, right, ConvolutionForm.CHANNEL, Optional.empty());
  }

  private static double[] roots(Spectrum spectrum, int rank) {
    return Arrays.stream(spectrum.toArray()).limit(rank).map(Math::sqrt).toArray();
  }

  /** A direction that the kernel does not have is left out of both factors. */
  private static double[] inverses(double[] values) {
    return Arrays.stream(values).map(value -> value == 0 ? 0 : 1 / value).toArray();
  }

  /** r; with a core r2, the rank along the output channels. */
  public int rank() {
    return right.rows();
  }

  /** [m x r] */
  public Matrix left() {
    return left.values().get().toMatrix();
  }

  /** [r x n] */
  public Matrix right() {
    Matrix stored = right.values().get().toMatrix();
    return places
        .map(where -> Matrix.identity(rank()).beside(stored).columns(where))
        .orElse(stored);
  }

  /** The left factor as it is to be stored. */
  public CompactMatrix compactLeft() {
    return left.values().get();
  }

  /** The right factor as it is to be stored: T [r x n - r] where it is [I T]. */
  public CompactMatrix compactRight() {
    return right.values().get();
  }

  /** Which matrix the kernel is taken as, where it is a convolution's. */
  public ConvolutionForm form() {
    return form;
  }

  /** Whether an identity is part of the right factor, see {@link #interpolative}. */
  public boolean isInterpolative() {
    return places.isPresent();
  }

  /**
   * Of each column of the product its place among those that are made, first the left factor's and
   * then T's; empty where that is their order anyway, or not how they are made.
   */
  public Optional<int[]> placesOfColumns() {
    return places.filter(where -> !isInOrder(where)).map(int[]::clone);
  }

  private static boolean isInOrder(int[] order) {
    return IntStream.range(0, order.length).allMatch(i -> order[i] == i);
  }

  /** The inverse of a permutation. */
  private static int[] places(int[] order) {
    int[] places = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      places[order[i]] = i;
    }
    return places;
  }

  /** What is between the two factors, [kh kw r1 x r2], in the form TUCKER only. */
  public Optional<Matrix> core() {
    return core.map(factor -> factor.values().get().toMatrix());
  }

  /** r1, the rank along the input channels, where there is a core. */
  public OptionalInt inputRank() {
    return core.isPresent() ? OptionalInt.of(left.cols()) : OptionalInt.empty();
  }

  /**
   * {@code r (m + n)}, {@code r (m + n - r)} if interpolative; with a core {@code Ci r1 + kh kw r1
   * r2 + r2 Co}.
   */
  public long parameters() {
    return left.size() + core.map(Factor::size).orElse(0L) + right.size();
  }

  /** A matrix that is kept, or computed each time. */
  private record Factor(int rows, int cols, Supplier<CompactMatrix> values) {
    static Factor kept(Matrix matrix) {
      return of(CompactMatrix.of(matrix, Precision.FLOAT64));
    }

    static Factor of(CompactMatrix matrix) {
      return new Factor(matrix.rows(), matrix.cols(), () -> matrix);
    }

    long size() {
      return (long) rows * cols;
    }
  }
}
