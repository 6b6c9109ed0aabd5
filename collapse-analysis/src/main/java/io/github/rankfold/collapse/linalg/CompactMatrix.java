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

  /** A copy of the values in single precision, row after row. */
  public float[] toFloats() {
    return isInFloats() ? floats.clone() : toMatrix().toFloats();
  }

  private boolean isInFloats() {
    return floats.length > 0;
  }
}
