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

  public int rows() {
    return rows;
  }

  public int cols() {
    return cols;
  }

  /** The values to compute with. */
  public Matrix toMatrix() {
    return doubles.length > 0 || floats.length == 0
        ? Matrix.owning(rows, cols, doubles)
        : Matrix.fromFloats(rows, cols, floats);
  }
}
