package io.github.rankfold.collapse.linalg;

/**
 * The span of some row vectors of width m, and the orthogonal projector P on it.
 *
 * <p>Only the orthonormal basis B [d x m] is kept; {@code P = B^T B} [m x m] is never formed, so m
 * can be 100,000.
 */
public final class Subspace {
  private final Matrix basis;

  private Subspace(Matrix basis) {
    this.basis = basis;
  }

  /**
   * The span of the rows of {@code vectors} [C x m]: its right singular vectors with {@code s_i >
   * relativeTolerance * s_1}. All-zero rows span nothing.
   */
  public static Subspace spannedBy(Matrix vectors, double relativeTolerance) {
    Svd svd = Svd.of(vectors, Precision.FLOAT64);
    int dimension = svd.spectrum().rank(RankTolerance.relative(relativeTolerance));
    return new Subspace(svd.vt().leadingRows(dimension));
  }

  /** The span of rows [d x m] that are orthonormal already, as singular vectors are. */
  public static Subspace ofOrthonormal(Matrix rows) {
    return new Subspace(rows);
  }

  public int dimension() {
    return basis.rows();
  }

  /** m, the width of the vectors. */
  public int width() {
    return basis.cols();
  }

  /** B [d x m], orthonormal rows. */
  public Matrix basis() {
    return basis;
  }

  /** {@code X P}: every row of X [n x m] projected. */
  public Matrix project(Matrix x) {
    return x.timesTransposed(basis).times(basis);
  }

  /** {@code X (I - P)}: what the projection of every row of X [n x m] leaves. */
  public Matrix residual(Matrix x) {
    return x.minusProduct(x.timesTransposed(basis), basis);
  }

  /** {@code (I - P) X}: what the projection of every column of X [m x n] leaves. */
  public Matrix residualOfColumns(Matrix x) {
    return x.minus(basis.transposedTimes(basis.times(x)));
  }
}
