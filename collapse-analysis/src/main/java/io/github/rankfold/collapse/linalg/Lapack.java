package io.github.rankfold.collapse.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesvd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_sgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_sgesvd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * The one call of LAPACK: {@code A = U diag(s) V^T}, thin, {@code r = min(m, n)}.
 *
 * <p>A row-major [m x n] array is, read by columns, {@code A^T} [n x m] {@code = V diag(s) U^T}. So
 * LAPACK is given the array as it is, and its left factor, read by rows, is {@code V^T} [r x n] and
 * its right factor {@code U} [m x r]: no transposition anywhere.
 *
 * <p>Values are first multiplied by the power of two that brings the largest into [1, 2), which is
 * exact and keeps 1e-200 and 1e200 alike away from the limits of float and double.
 */
final class Lapack {
  /** The algorithms in the order in which they are tried. */
  enum Driver {
    /** gesdd: fast; fails to converge on rare matrices. */
    DIVIDE_AND_CONQUER,
    /** gesvd: slower, and converges where the other does not. */
    QR_ITERATION
  }

  /** Above this min(m, n) a decomposition is worth all threads. */
  static final int LARGE = 1024;

  private static final byte THIN = 'S';
  private static final byte NONE = 'N';

  private final int rows;
  private final int cols;
  private final int rank;
  private final boolean vectors;
  private final int exponent;
  private final double[] u;
  private final double[] values;
  private final double[] vt;

  private Lapack(Matrix matrix, boolean vectors) {
    this.rows = matrix.rows();
    this.cols = matrix.cols();
    this.rank = Math.min(rows, cols);
    this.vectors = vectors;
    this.exponent = RowBlocks.exponentOfLargest(matrix);
    this.u = new double[vectors ? rows * rank : 0];
    this.values = new double[rank];
    this.vt = new double[vectors ? rank * cols : 0];
  }

  /** Decomposes by the fast driver, and by the other where that one does not converge. */
  static Lapack decompose(Matrix matrix, Precision precision, boolean vectors) {
    for (Driver driver : Driver.values()) {
      Lapack result = new Lapack(matrix, vectors);
      if (result.run(matrix, precision, driver) == 0) {
        return result;
      }
    }
    throw new ArithmeticException(
        "the singular value decomposition of a %d x %d matrix did not converge"
            .formatted(matrix.rows(), matrix.cols()));
  }

  /** Decomposes by one driver: so that the tests reach the one that is hardly ever needed. */
  static Lapack decompose(Matrix matrix, Precision precision, boolean vectors, Driver driver) {
    Lapack result = new Lapack(matrix, vectors);
    int info = result.run(matrix, precision, driver);
    if (info != 0) {
      throw new ArithmeticException(driver + " did not converge, info " + info);
    }
    return result;
  }

  private int run(Matrix matrix, Precision precision, Driver driver) {
    if (rank == 0) {
      return 0; // LAPACK refuses empty matrices, and there is nothing to find
    }
    BlasThreads.use(rank > LARGE);
    int info =
        precision == Precision.FLOAT32 ? runFloat(matrix, driver) : runDouble(matrix, driver);
    if (info < 0) {
      throw new IllegalStateException("LAPACK refused argument " + -info + " of " + driver);
    }
    for (int i = 0; i < rank; i++) {
      values[i] = Math.scalb(values[i], exponent);
    }
    return info;
  }

  /**
   * In native memory that is freed at once: as arrays, LAPACK's arguments would be copied to it.
   */
  private int runFloat(Matrix matrix, Driver driver) {
    try (FloatPointer a = new FloatPointer((long) rows * cols); // LAPACK overwrites it
        FloatPointer s = new FloatPointer(rank);
        FloatPointer left = new FloatPointer(Math.max(1, vt.length));
        FloatPointer right = new FloatPointer(Math.max(1, u.length));
        FloatPointer superdiagonal = new FloatPointer(rank)) {
      double[] source = matrix.values();
      FloatBuffer target = a.asBuffer();
      for (int i = 0; i < source.length; i++) {
        target.put(i, (float) Math.scalb(source[i], -exponent));
      }
      byte job = vectors ? THIN : NONE;
      int info =
          driver == Driver.DIVIDE_AND_CONQUER
              ? LAPACKE_sgesdd(
                  LAPACK_COL_MAJOR, job, cols, rows, a, cols, s, left, cols, right, rank)
              : LAPACKE_sgesvd(
                  LAPACK_COL_MAJOR,
                  job,
                  job,
                  cols,
                  rows,
                  a,
                  cols,
                  s,
                  left,
                  cols,
                  right,
                  rank,
                  superdiagonal);
      widen(s, values);
      widen(left, vt);
      widen(right, u);
      return info;
    }
  }

  private int runDouble(Matrix matrix, Driver driver) {
    double[] a = new double[rows * cols]; // LAPACK overwrites it
    double[] source = matrix.values();
    for (int i = 0; i < a.length; i++) {
      a[i] = Math.scalb(source[i], -exponent);
    }
    double[] left = vectors ? vt : new double[1];
    double[] right = vectors ? u : new double[1];
    byte job = vectors ? THIN : NONE;
    return driver == Driver.DIVIDE_AND_CONQUER
        ? LAPACKE_dgesdd(
            LAPACK_COL_MAJOR, job, cols, rows, a, cols, values, left, cols, right, rank)
        : LAPACKE_dgesvd(
            LAPACK_COL_MAJOR,
            job,
            job,
            cols,
            rows,
            a,
            cols,
            values,
            left,
            cols,
            right,
            rank,
            new double[rank]);
  }

  private static void widen(FloatPointer from, double[] to) {
    FloatBuffer source = from.asBuffer();
    for (int i = 0; i < to.length; i++) {
      to[i] = source.get(i);
    }
  }

  Matrix u() {
    return Matrix.owning(rows, rank, u);
  }

  Spectrum spectrum() {
    return Spectrum.ofValues(rows, cols, values);
  }

  Matrix vt() {
    return Matrix.owning(rank, cols, vt);
  }
}
