package io.github.rankfold.models.data;

/** The arithmetic of tables that one Java array or buffer holds. */
final class Rows {
  private Rows() {}

  /** The rows of a table of {@code size} values. */
  static int count(int size, int width) {
    if (width <= 0) {
      throw new IllegalArgumentException("width must be > 0, was " + width);
    }
    if (size % width != 0) {
      throw new IllegalArgumentException(
          "expected whole rows of %d values, found %d values".formatted(width, size));
    }
    return size / width;
  }

  /** The values of a table. */
  static int size(int rows, int width) {
    return Math.multiplyExact(rows, width);
  }
}
