package io.github.rankfold.collapse.statistics;

/**
 * A row-major [rows x width] table of samples, as floats or doubles.
 *
 * <p>A view: the array is not copied, so it must not change while the batch is in use.
 */
public sealed interface FeatureBatch {
  int rows();

  int width();

  /** Writes one row, widened to double, to {@code target[offset .. offset + width)}. */
  default void copyRow(int row, double[] target, int offset) {
    copyRow(row, 0, width(), target, offset);
  }

  /** Writes columns [from, to) of a row to {@code target[offset .. offset + to - from)}. */
  void copyRow(int row, int from, int to, double[] target, int offset);

  static FeatureBatch of(int width, float[] values) {
    return new Floats(width, values);
  }

  static FeatureBatch of(int width, double[] values) {
    return new Doubles(width, values);
  }

  /** Rows of floats. */
  final class Floats implements FeatureBatch {
    private final int width;
    private final float[] values;

    private Floats(int width, float[] values) {
      requireWholeRows(width, values.length);
      this.width = width;
      this.values = values;
    }

    @Override
    public int rows() {
      return values.length / width;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public void copyRow(int row, int from, int to, double[] target, int offset) {
      int start = row * width + from;
      for (int i = 0; i < to - from; i++) {
        target[offset + i] = values[start + i];
      }
    }
  }

  /** Rows of doubles. */
  final class Doubles implements FeatureBatch {
    private final int width;
    private final double[] values;

    private Doubles(int width, double[] values) {
      requireWholeRows(width, values.length);
      this.width = width;
      this.values = values;
    }

    @Override
    public int rows() {
      return values.length / width;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public void copyRow(int row, int from, int to, double[] target, int offset) {
      System.arraycopy(values, row * width + from, target, offset, to - from);
    }
  }

  private static void requireWholeRows(int width, int length) {
    if (width <= 0) {
      throw new IllegalArgumentException("the width of features must be > 0, was " + width);
    }
    if (length % width != 0) {
      throw new IllegalArgumentException(
          "%d values are no whole number of rows of width %d".formatted(length, width));
    }
  }
}
