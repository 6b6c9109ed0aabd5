package io.github.rankfold.collapse.linalg;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.CblasUpper;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_dsyrk;

import java.nio.DoubleBuffer;
import org.bytedeco.javacpp.DoublePointer;

/**
 * The singular values of a matrix A [m x n] and the singular vectors of its shorter side, from the
 * eigenvectors of its Gram matrix: {@code A^T A = V diag(s^2) V^T} where {@code m >= n}, else
 * {@code A A^T = U diag(s^2) U^T}.
 *
 * <p>What a truncation needs: {@code A V_r V_r^T} (or {@code U_r U_r^T A}) is the nearest matrix of
 * rank r. For matrices of float values, on which the double arithmetic here does what LAPACK's
 * gesdd does in single precision, at a quarter of its time or less: the vectors are orthonormal to
 * double precision, the values off by some {@code sqrt(2^-52) s_1}, about 1e-8 of the largest. So
 * it is not for values of double precision, of which those below that are lost; {@link Svd} is.
 *
 * @param spectrum the {@code r = min(m, n)} singular values, descending
 * @param vectors one a row, orthonormal, [r x r]: {@code V^T} where {@code m >= n}, else {@code
 *     U^T}
 */
public record GramSvd(Spectrum spectrum, Matrix vectors) {
  /**
   * Decomposes {@code matrix}.
   *
   * @throws io.github.rankfold.models.InvalidInputException where a value is NaN or infinite
   */
  public static GramSvd of(Matrix matrix) {
    int exponent = Lapack.exponentOfLargest(matrix);
    int side = Math.min(matrix.rows(), matrix.cols());
    double[] values = new double[side];
    double[] vectors = new double[side * side];
    if (side > 0 && !eigenvectors(matrix, exponent, values, vectors)) {
      return of(matrix, Svd.of(matrix, Precision.FLOAT64));
    }
    return new GramSvd(
        Spectrum.ofValues(matrix.rows(), matrix.cols(), values),
        Matrix.owning(side, side, vectors));
  }

  /** For the rare matrix on which the eigenvalue algorithm does not converge. */
  static GramSvd of(Matrix matrix, Svd svd) {
    return new GramSvd(
        svd.spectrum(), matrix.rows() >= matrix.cols() ? svd.vt() : svd.u().transpose());
  }

  /** Whether the vectors are those of the columns, V, which multiply the matrix from the right. */
  public boolean isOfColumns() {
    return spectrum.rows() >= spectrum.cols();
  }

  /** Fills both, descending; false where LAPACK did not converge. */
  private static boolean eigenvectors(
      Matrix matrix, int exponent, double[] values, double[] vectors) {
    int side = values.length;
    BlasThreads.use(side > Lapack.LARGE);
    try (DoublePointer gram = gram(matrix, exponent);
        DoublePointer squares = new DoublePointer(side)) {
      // By columns, the upper triangle by rows is the lower one.
      int info =
          LAPACKE_dsyevd(LAPACK_COL_MAJOR, (byte) 'V', (byte) 'L', side, gram, side, squares);
      if (info != 0) {
        return false;
      }
      DoubleBuffer ascending = squares.asBuffer();
      DoubleBuffer columns = gram.asBuffer();
      for (int i = 0; i < side; i++) {
        int from = side - 1 - i;
        values[i] = Math.scalb(Math.sqrt(Math.max(0, ascending.get(from))), exponent);
        columns.position(from * side).get(vectors, i * side, side);
      }
      return true;
    }
  }

  /**
   * The upper triangle of the Gram matrix of the shorter side, of values scaled by a power of 2.
   */
  private static DoublePointer gram(Matrix matrix, int exponent) {
    int side = Math.min(matrix.rows(), matrix.cols());
    int other = Math.max(matrix.rows(), matrix.cols());
    double[] source = matrix.values();
    DoublePointer gram = new DoublePointer((long) side * side);
    try (DoublePointer scaled = new DoublePointer(source.length)) {
      DoubleBuffer target = scaled.asBuffer();
      double factor = Math.scalb(1.0, -exponent);
      for (int i = 0; i < source.length; i++) {
        target.put(i, source[i] * factor);
      }
      cblas_dsyrk(
          CblasRowMajor,
          CblasUpper,
          matrix.rows() >= matrix.cols() ? CblasTrans : CblasNoTrans,
          side,
          other,
          1,
          scaled,
          matrix.cols(),
          0,
          gram,
          side);
    }
    return gram;
  }
}
