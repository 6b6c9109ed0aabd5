package io.github.rankfold.collapse.linalg;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;

import java.util.Arrays;
import java.util.Objects;

/**
 * A dense [rows x cols] matrix of doubles, row-major. Immutable from outside; either size may be 0.
 *
 * <p>Products run in OpenBLAS. The values may be non-finite: who cannot use such values says so.
 */
public final class Matrix implements MatrixRows {
  /** Above this m n k, some ten milliseconds, a product is worth all threads. */
  private static final long LARGE_PRODUCT = 1L << 27;

  /** Up to this inner size a product is faster row by row than through BLAS. */
  private static final int FEW_TERMS = 16;

  private final int rows;
  private final int cols;
  private final double[] values;

  private Matrix(int rows, int cols, double[] values) {
    if (rows < 0 || cols < 0) {
      throw new IllegalArgumentException(
          "a matrix needs rows and cols >= 0, was " + rows + " x " + cols);
    }
    if (values.length != Math.multiplyExact(rows, cols)) {
      throw new IllegalArgumentException(
          "expected %d values for a %d x %d matrix, found %d"
              .formatted((long) rows * cols, rows, cols, values.length));
    }
    this.rows = rows;
    this.cols = cols;
    this.values = values;
  }

  /** Copies {@code values}, row after row. */
  public static Matrix of(int rows, int cols, double... values) {
    return new Matrix(rows, cols, values.clone());
  }

  /** Takes {@code values} over without a copy: the caller must not write to the array again. */
  public static Matrix owning(int rows, int cols, double[] values) {
    return new Matrix(rows, cols, values);
  }

  /** Widens {@code values}, row after row. */
  public static Matrix fromFloats(int rows, int cols, float[] values) {
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = values[i];
    }
    return new Matrix(rows, cols, widened);
  }

  public static Matrix zeros(int rows, int cols) {
    return new Matrix(rows, cols, new double[Math.multiplyExact(rows, cols)]);
  }

  public static Matrix identity(int size) {
    Matrix identity = zeros(size, size);
    for (int i = 0; i < size; i++) {
      identity.values[i * size + i] = 1;
    }
    return identity;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int cols() {
    return cols;
  }

  @Override
  public void read(int from, int to, double[] target) {
    Objects.checkFromToIndex(from, to, rows);
    System.arraycopy(values, from * cols, target, 0, (to - from) * cols);
  }

  @Override
  public Matrix toMatrix() {
    return this;
  }

  public double get(int row, int col) {
    return values[Objects.checkIndex(row, rows) * cols + Objects.checkIndex(col, cols)];
  }

  /** A copy of one row. */
  public double[] row(int row) {
    int start = Objects.checkIndex(row, rows) * cols;
    return Arrays.copyOfRange(values, start, start + cols);
  }

  /** A copy of one column. */
  public double[] column(int col) {
    Objects.checkIndex(col, cols);
    double[] column = new double[rows];
    for (int i = 0; i < rows; i++) {
      column[i] = values[i * cols + col];
    }
    return column;
  }

  /** A copy of all values, row after row. */
  public double[] toDoubles() {
    return values.clone();
  }

  /** All values narrowed to float, row after row. */
  public float[] toFloats() {
    float[] narrowed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrowed[i] = (float) values[i];
    }
    return narrowed;
  }

  public Matrix transpose() {
    double[] result = new double[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        result[j * rows + i] = values[i * cols + j];
      }
    }
    return new Matrix(cols, rows, result);
  }

  /** {@code A B}: [m x k] times [k x n]. */
  public Matrix times(Matrix right) {
    return multiply(this, false, right, false);
  }

  /** {@code A B^T}: [m x k] times the transpose of [n x k]. */
  public Matrix timesTransposed(Matrix right) {
    return multiply(this, false, right, true);
  }

  /** {@code A B^T} written to {@code product}, of that size, row after row. */
  public void timesTransposed(Matrix right, double[] product) {
    if (cols != right.cols || product.length != rows * right.rows) {
      throw new IllegalArgumentException(
          "cannot multiply %d x %d by the transpose of %d x %d into %d values"
              .formatted(rows, cols, right.rows, right.cols, product.length));
    }
    Arrays.fill(product, 0);
    addProduct(1, this, false, right, true, product, rows, right.rows, cols);
  }

  /** {@code A^T B}: the transpose of [k x m] times [k x n]. */
  public Matrix transposedTimes(Matrix right) {
    return multiply(this, true, right, false);
  }

  private static Matrix multiply(Matrix a, boolean transposeA, Matrix b, boolean transposeB) {
    int m = transposeA ? a.cols : a.rows;
    int k = transposeA ? a.rows : a.cols;
    int inner = transposeB ? b.cols : b.rows;
    int n = transposeB ? b.rows : b.cols;
    if (k != inner) {
      throw new IllegalArgumentException(
          "cannot multiply %d x %d by %d x %d: the inner sizes differ".formatted(m, k, inner, n));
    }
    Matrix product = zeros(m, n);
    addProduct(1, a, transposeA, b, transposeB, product.values, m, n, k);
    return product;
  }

  /** {@code A - B C}, as one product in place: [m x n], [m x k] times [k x n]. */
  public Matrix minusProduct(Matrix left, Matrix right) {
    if (left.rows != rows || left.cols != right.rows || right.cols != cols) {
      throw new IllegalArgumentException(
          "cannot subtract %d x %d times %d x %d from %d x %d"
              .formatted(left.rows, left.cols, right.rows, right.cols, rows, cols));
    }
    double[] result = values.clone();
    if (left.cols <= FEW_TERMS) {
      for (int i = 0; i < rows; i++) {
        subtractRows(result, i * cols, left.values, i * left.cols, left.cols, right.values);
      }
    } else {
      addProduct(-1, left, false, right, false, result, rows, cols, left.cols);
    }
    return new Matrix(rows, cols, result);
  }

  /**
   * {@code c -= sum_k f_k B_k} for the row c at {@code offset}, four terms at a time: for few of
   * them a BLAS call would spend its time on copies of the arrays.
   */
  private void subtractRows(double[] c, int offset, double[] f, int first, int terms, double[] b) {
    int k = 0;
    for (; k < terms - 3; k += 4) {
      double f0 = f[first + k];
      double f1 = f[first + k + 1];
      double f2 = f[first + k + 2];
      double f3 = f[first + k + 3];
      int row = k * cols;
      for (int j = 0; j < cols; j++) {
        c[offset + j] -=
            (f0 * b[row + j] + f1 * b[row + cols + j])
                + (f2 * b[row + 2 * cols + j] + f3 * b[row + 3 * cols + j]);
      }
    }
    for (; k < terms; k++) {
      double factor = f[first + k];
      int row = k * cols;
      for (int j = 0; j < cols; j++) {
        c[offset + j] -= factor * b[row + j];
      }
    }
  }

  /** {@code C += factor A B}, C [m x n]. */
  private static void addProduct(
      double factor,
      Matrix a,
      boolean transposeA,
      Matrix b,
      boolean transposeB,
      double[] c,
      int m,
      int n,
      int k) {
    if (m > 0 && n > 0 && k > 0) { // BLAS refuses leading dimensions of 0
      BlasThreads.use(isLargeProduct(m, n, k));
      cblas_dgemm(
          CblasRowMajor,
          transposeA ? CblasTrans : CblasNoTrans,
          transposeB ? CblasTrans : CblasNoTrans,
          m,
          n,
          k,
          factor,
          a.values,
          a.cols,
          b.values,
          b.cols,
          1,
          c,
          n);
    }
  }

  /** Whether a product of these sizes is worth all threads. */
  static boolean isLargeProduct(int m, int n, int k) {
    return (long) m * n * k > LARGE_PRODUCT;
  }

  public Matrix minus(Matrix other) {
    return plusScaled(-1, other);
  }

  public Matrix plus(Matrix other) {
    return plusScaled(1, other);
  }

  /** {@code A + factor B}. */
  public Matrix plusScaled(double factor, Matrix other) {
    if (rows != other.rows || cols != other.cols) {
      throw new IllegalArgumentException(
          "cannot add %d x %d and %d x %d".formatted(rows, cols, other.rows, other.cols));
    }
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i] + factor * other.values[i];
    }
    return new Matrix(rows, cols, result);
  }

  public Matrix scaled(double factor) {
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i] * factor;
    }
    return new Matrix(rows, cols, result);
  }

  /** Row i times {@code factors[i]}: {@code diag(factors) A}. */
  public Matrix rowsScaled(double[] factors) {
    if (factors.length != rows) {
      throw new IllegalArgumentException(
          "expected %d factors for %d rows, found %d".formatted(rows, rows, factors.length));
    }
    double[] result = new double[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = i * cols; j < (i + 1) * cols; j++) {
        result[j] = values[j] * factors[i];
      }
    }
    return new Matrix(rows, cols, result);
  }

  /** Column j times {@code factors[j]}: {@code A diag(factors)}. */
  public Matrix columnsScaled(double[] factors) {
    if (factors.length != cols) {
      throw new IllegalArgumentException(
          "expected %d factors for %d columns, found %d".formatted(cols, cols, factors.length));
    }
    double[] result = new double[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        result[i * cols + j] = values[i * cols + j] * factors[j];
      }
    }
    return new Matrix(rows, cols, result);
  }

  /** The first {@code count} columns. */
  public Matrix leadingColumns(int count) {
    Objects.checkFromToIndex(0, count, cols);
    double[] result = new double[rows * count];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values, i * cols, result, i * count, count);
    }
    return new Matrix(rows, count, result);
  }

  /** These columns, in this order. */
  public Matrix columns(int... wanted) {
    double[] result = new double[rows * wanted.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < wanted.length; j++) {
        result[i * wanted.length + j] = values[i * cols + Objects.checkIndex(wanted[j], cols)];
      }
    }
    return new Matrix(rows, wanted.length, result);
  }

  /** The first {@code count} rows. */
  public Matrix leadingRows(int count) {
    Objects.checkFromToIndex(0, count, rows);
    return new Matrix(count, cols, Arrays.copyOf(values, count * cols));
  }

  /** Rows and columns from (inclusive) to (exclusive). */
  public Matrix block(int firstRow, int endRow, int firstCol, int endCol) {
    Objects.checkFromToIndex(firstRow, endRow, rows);
    Objects.checkFromToIndex(firstCol, endCol, cols);
    int width = endCol - firstCol;
    double[] result = new double[(endRow - firstRow) * width];
    for (int i = firstRow; i < endRow; i++) {
      System.arraycopy(values, i * cols + firstCol, result, (i - firstRow) * width, width);
    }
    return new Matrix(endRow - firstRow, width, result);
  }

  /** {@code [A B]}: these columns and those of {@code right}, of as many rows. */
  public Matrix beside(Matrix right) {
    if (right.rows != rows) {
      throw new IllegalArgumentException(
          "expected matrices of as many rows, found %s and %s".formatted(this, right));
    }
    int width = cols + right.cols;
    double[] result = new double[rows * width];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values, i * cols, result, i * width, cols);
      System.arraycopy(right.values, i * right.cols, result, i * width + cols, right.cols);
    }
    return new Matrix(rows, width, result);
  }

  /** {@code max |a_ij|}; NaN where a value is NaN, 0 where there is none. */
  public double largestMagnitude() {
    return largestMagnitude(values);
  }

  private static double largestMagnitude(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value)); // keeps NaN
    }
    return largest;
  }

  /** These rows, and zeros below them up to {@code count}. */
  public Matrix paddedRows(int count) {
    if (count < rows) {
      throw new IllegalArgumentException("cannot pad %d rows to %d".formatted(rows, count));
    }
    return new Matrix(count, cols, Arrays.copyOf(values, count * cols));
  }

  /** {@code sqrt(sum a_ij^2)}; tiny and huge values neither vanish nor overflow. */
  public double frobeniusNorm() {
    return norm(values);
  }

  /** {@code sqrt(sum v_i^2)}, safe from under- and overflow; NaN where a value is NaN. */
  static double norm(double[] values) {
    double sum = sumOfSquares(values, 0);
    if (sum > 0x1p-800 && sum < 0x1p1000) {
      return Math.sqrt(sum); // what under- or overflowed is too small, or not there
    }
    double max = largestMagnitude(values);
    if (max == 0 || Double.isNaN(max) || Double.isInfinite(max)) {
      return max;
    }
    int exponent = Math.getExponent(max);
    return Math.scalb(Math.sqrt(sumOfSquares(values, -exponent)), exponent);
  }

  /** Four sums: one would wait for itself at every addition. Also a little more exact. */
  private static double sumOfSquares(double[] values, int exponent) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    if (exponent == 0) {
      for (; i < values.length - 3; i += 4) {
        sum0 += values[i] * values[i];
        sum1 += values[i + 1] * values[i + 1];
        sum2 += values[i + 2] * values[i + 2];
        sum3 += values[i + 3] * values[i + 3];
      }
    }
    for (; i < values.length; i++) {
      double scaled = Math.scalb(values[i], exponent);
      sum0 += scaled * scaled;
    }
    return (sum0 + sum1) + (sum2 + sum3);
  }

  /** The array itself, for LAPACK's own copy; nobody writes to it. */
  double[] values() {
    return values;
  }

  @Override
  public String toString() {
    return "Matrix[%d x %d]".formatted(rows, cols);
  }
}
