package io.github.rankfold.collapse.linalg;

import static org.bytedeco.openblas.global.openblas.CblasLeft;
import static org.bytedeco.openblas.global.openblas.CblasLower;
import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasNonUnit;
import static org.bytedeco.openblas.global.openblas.CblasRight;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dpotrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dpotrs;
import static org.bytedeco.openblas.global.openblas.LAPACK_ROW_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_dtrsm;

/**
 * {@code H + damping * tr(H) / m * I = T T^T}, T lower triangular [m x m]: a root of a positive
 * semidefinite matrix, made invertible where that is singular.
 */
public final class Cholesky {
  private final Matrix root;

  private Cholesky(Matrix root) {
    this.root = root;
  }

  /**
   * The root of {@code matrix}, damped as far as asked for, and further where rounding asks for it.
   *
   * @param matrix H [m x m], symmetric, positive semidefinite
   * @param damping relative to the mean of the eigenvalues; a zero matrix becomes the identity
   */
  public static Cholesky of(Matrix matrix, double damping) {
    int size = matrix.rows();
    if (size != matrix.cols() || !(damping >= 0)) {
      throw new IllegalArgumentException(
          "expected a square matrix and a damping >= 0, found %s and %s"
              .formatted(matrix, damping));
    }
    double mean = 0;
    for (int i = 0; i < size; i++) {
      mean += matrix.get(i, i) / size;
    }
    if (!Double.isFinite(mean)) {
      throw new ArithmeticException("no root of %s: it is not finite".formatted(matrix));
    }
    if (mean <= 0) {
      return new Cholesky(Matrix.identity(size));
    }
    for (double share = damping; ; share = Math.max(10 * share, 1e-14)) {
      double[] values = matrix.toDoubles();
      for (int i = 0; i < size; i++) {
        values[i * size + i] += share * mean;
      }
      BlasThreads.use(size > 1024);
      int info = LAPACKE_dpotrf(LAPACK_ROW_MAJOR, (byte) 'L', size, values, size);
      if (info == 0) {
        for (int i = 0; i < size; i++) {
          java.util.Arrays.fill(values, i * size + i + 1, (i + 1) * size, 0);
        }
        return new Cholesky(Matrix.owning(size, size, values));
      }
      if (info < 0 || share > 1) {
        throw new ArithmeticException(
            "no root of %s: LAPACK's potrf says %d".formatted(matrix, info));
      }
    }
  }

  /** T, lower triangular. */
  public Matrix root() {
    return root;
  }

  /** {@code (T T^T)^{-1} right}. */
  public Matrix solve(Matrix right) {
    double[] values = right.toDoubles();
    BlasThreads.use(root.rows() > 1024);
    int info =
        LAPACKE_dpotrs(
            LAPACK_ROW_MAJOR,
            (byte) 'L',
            root.rows(),
            right.cols(),
            root.values(),
            root.cols(),
            values,
            right.cols());
    if (info != 0) {
      throw new IllegalStateException("LAPACK's potrs says " + info);
    }
    return Matrix.owning(right.rows(), right.cols(), values);
  }

  /** {@code T^{-T} right}: undoes {@code T^T}. */
  public Matrix undoTransposed(Matrix right) {
    double[] values = right.toDoubles();
    BlasThreads.use(root.rows() > 1024);
    cblas_dtrsm(
        CblasRowMajor,
        CblasLeft,
        CblasLower,
        CblasTrans,
        CblasNonUnit,
        right.rows(),
        right.cols(),
        1,
        root.values(),
        root.cols(),
        values,
        right.cols());
    return Matrix.owning(right.rows(), right.cols(), values);
  }

  /** {@code left T^{-1}}: undoes a product by T. */
  public Matrix undoRight(Matrix left) {
    double[] values = left.toDoubles();
    BlasThreads.use(root.rows() > 1024);
    cblas_dtrsm(
        CblasRowMajor,
        CblasRight,
        CblasLower,
        CblasNoTrans,
        CblasNonUnit,
        left.rows(),
        left.cols(),
        1,
        root.values(),
        root.cols(),
        values,
        left.cols());
    return Matrix.owning(left.rows(), left.cols(), values);
  }
}
