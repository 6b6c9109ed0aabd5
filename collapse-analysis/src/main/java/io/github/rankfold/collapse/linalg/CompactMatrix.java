package io.github.rankfold.collapse.linalg;

/**
 * A matrix that is kept for later in no more bytes than its precision needs: floats, where it will
 * be written as floats or less. Immutable.
 */
public final class CompactMatrix {
  private final int rows;
  private final int cols;
  private final float[] floats;
  private final double[] doubles;

  private CompactMatrix(int rows, int cols, float[] floats, double[] doubles) {
    this.rows = rows;
    this.cols = cols;
    this.floats = floats;
    this.doubles = doubles;
  }

  /** Rounds the values to {@code precision}. */
  public static CompactMatrix of(Matrix matrix, Precision precision) {
    return precision == Precision.FLOAT32
        ? new CompactMatrix(matrix.rows(), matrix.cols(), matrix.toFloats(), new double[0])
        : new CompactMatrix(matrix.rows(), matrix.cols(), new float[0], matrix.values());
  }

  /** Takes {@code values} over, row after row: the caller must not write to the array again. */
  static CompactMatrix owning(int rows, int cols, float[] values) {
    return new CompactMatrix(rows, cols, values, new double[0]);
  }

  /**
   * The first rows of {@code matrix}, as many as there are factors, row i times {@code factors[i]},
   * rounded to single precision.
   */
  public static CompactMatrix ofScaledRows(Matrix matrix, double[] factors) {
    int cols = matrix.cols();
    float[] result = new float[factors.length * cols];
    double[] values = matrix.values();
    for (int i = 0; i < factors.length; i++) {
      for (int j = i * cols; j < (i + 1) * cols; j++) {
        result[j] = (float) (values[j] * factors[i]);
      }
    }
    return owning(factors.length, cols, result);
  }

  /** The transpose of what {@link #ofScaledRows} gives. */
  public static CompactMatrix ofScaledRowsAsColumns(Matrix matrix, double[] factors) {
    int rank = factors.length;
    int size = matrix.cols();
    float[] result = new float[size * rank];
    double[] values = matrix.values();
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j < size; j++) {
        result[j * rank + i] = (float) (values[i * size + j] * factors[i]);
      }
    }
    return owning(size, rank, result);
  }

  public int rows() {
    return rows;
  }

  public int cols() {
    return cols;
  }

  /** The values to compute with. */
  public Matrix toMatrix() {
    return isInFloats()
        ? Matrix.fromFloats(rows, cols, floats)
        : Matrix.owning(rows, cols, doubles);
  }

  /** {@code diag(factors) A}, to compute with. */
  public Matrix rowsScaled(double[] factors) {
    if (!isInFloats() || factors.length != rows) {
      return toMatrix().rowsScaled(factors); // which refuses another number of factors
    }
    double[] result = new double[floats.length];
    for (int i = 0; i < rows; i++) {
      for (int j = i * cols; j < (i + 1) * cols; j++) {
        result[j] = floats[j] * factors[i];
      }
    }
    return Matrix.owning(rows, cols, result);
  }

  /** {@code A diag(factors)}, to compute with. */
  public Matrix columnsScaled(double[] factors) {
    if (!isInFloats() || factors.length != cols) {
      return toMatrix().columnsScaled(factors);
    }
    double[] result = new double[floats.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        result[i * cols + j] = floats[i * cols + j] * factors[j];
      }
    }
    return Matrix.owning(rows, cols, result);
  }

  /** The values in single precision, row after row. May be its own: not to be written to. */
  public float[] floats() {
    return isInFloats() ? floats : toMatrix().toFloats();
  }

  private boolean isInFloats() {
    return floats.length > 0;
  }
}
