package io.github.rankfold.collapse.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;

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
   * Decomposes {@code matrix}, which is read once, and three times where squares of its values
   * would not be in the range of doubles.
   *
   * @throws io.github.rankfold.models.InvalidInputException where a value is NaN or infinite
   */
  public static GramSvd of(MatrixRows matrix) {
    int side = Math.min(matrix.rows(), matrix.cols());
    double[] values = new double[side];
    double[] vectors = new double[side * side];
    if (side > 0 && !eigenvectors(matrix, values, vectors)) {
      Matrix whole = matrix.toMatrix();
      return of(whole, Svd.of(whole, Precision.FLOAT64));
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
  private static boolean eigenvectors(MatrixRows matrix, double[] values, double[] vectors) {
    BlasThreads.use(values.length > Lapack.LARGE);
    try (DoublePointer gram = RowBlocks.gram(matrix, 1)) {
      if (squaresAreInRange(gram, values.length)) {
        return eigenvectors(gram, 0, values, vectors);
      }
    }
    int exponent = RowBlocks.exponentOfLargest(matrix);
    try (DoublePointer gram = RowBlocks.gram(matrix, Math.scalb(1.0, -exponent))) {
      return eigenvectors(gram, exponent, values, vectors);
    }
  }

  /** Not where a value is NaN or infinite, or where many squares may have been rounded to zero. */
  private static boolean squaresAreInRange(DoublePointer gram, int side) {
    double sum = 0;
    for (int i = 0; i < side; i++) {
      sum += gram.get((long) i * (side + 1));
    }
    return sum > 0x1p-500 && sum < 0x1p500;
  }

  /** Overwrites {@code gram}, that of a matrix times {@code 2^-exponent}. */
  private static boolean eigenvectors(
      DoublePointer gram, int exponent, double[] values, double[] vectors) {
    int side = values.length;
    try (DoublePointer squares = new DoublePointer(side)) {
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
}
