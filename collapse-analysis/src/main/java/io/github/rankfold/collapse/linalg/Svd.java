package io.github.rankfold.collapse.linalg;

/**
 * Thin singular value decomposition {@code A = U diag(s) V^T}, {@code r = min(m, n)}.
 *
 * <p>By LAPACK's gesdd in OpenBLAS, or gesvd where gesdd does not converge.
 *
 * @param u [m x r], orthonormal columns
 * @param spectrum the r singular values, descending
 * @param vt [r x n], orthonormal rows
 */
public record Svd(Matrix u, Spectrum spectrum, Matrix vt) {
  public Svd {
    if (u.cols() != spectrum.size() || vt.rows() != spectrum.size()) {
      throw new IllegalArgumentException(
          "expected %d left and right vectors, found %d and %d"
              .formatted(spectrum.size(), u.cols(), vt.rows()));
    }
  }

  /**
   * Decomposes {@code matrix}.
   *
   * @throws io.github.rankfold.models.InvalidInputException where a value is NaN or infinite
   */
  public static Svd of(Matrix matrix, Precision precision) {
    return from(Lapack.decompose(matrix, precision, true));
  }

  static Svd of(Matrix matrix, Precision precision, Lapack.Driver driver) {
    return from(Lapack.decompose(matrix, precision, true, driver));
  }

  private static Svd from(Lapack lapack) {
    return new Svd(lapack.u(), lapack.spectrum(), lapack.vt());
  }

  /**
   * {@code sum_{i<=rank} s_i u_i v_i^T}: the nearest matrix of that rank, at the distance {@link
   * Spectrum#distanceToRank}.
   */
  public Matrix truncated(int rank) {
    double[] leading = new double[rank];
    for (int i = 0; i < rank; i++) {
      leading[i] = spectrum.value(i);
    }
    return u.leadingColumns(rank).times(vt.leadingRows(rank).rowsScaled(leading));
  }
}
