package io.github.rankfold.collapse.linalg;

import java.util.List;

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

  /**
   * Matrices of one precision below each other.
   *
   * @param cols of all of them
   */
  public static CompactMatrix stacked(int cols, List<CompactMatrix> parts) {
    int rows = parts.stream().mapToInt(CompactMatrix::rows).sum();
    boolean single = parts.stream().allMatch(part -> part.doubles.length == 0);
    float[] floats = new float[single ? Math.multiplyExact(rows, cols) : 0];
    double[] doubles = new double[single ? 0 : Math.multiplyExact(rows, cols)];
    int filled = 0;
    for (CompactMatrix part : parts) {
      int size = part.rows * cols;
      System.arraycopy(
          single ? part.floats : part.doubles, 0, single ? floats : doubles, filled, size);
      filled += size;
    }
    return new CompactMatrix(rows, cols, floats, doubles);
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
