package io.github.rankfold.collapse.linalg;

/**
 * A dense [rows x cols] matrix that is read some rows at a time, the same ones each time.
 *
 * <p>A large kernel of floats is so never whole in doubles, of which each copy would take twice its
 * bytes. {@link RowBlocks} computes with them.
 */
public interface MatrixRows {
  int rows();

  int cols();

  /**
   * Copies rows, one after the other, to the front of {@code target}.
   *
   * @param from the first row
   * @param to the row after the last
   */
  void read(int from, int to, double[] target);

  /** All rows at once. */
  default Matrix toMatrix() {
    double[] values = new double[Math.multiplyExact(rows(), cols())];
    read(0, rows(), values);
    return Matrix.owning(rows(), cols(), values);
  }
}
