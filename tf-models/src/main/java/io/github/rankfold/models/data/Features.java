package io.github.rankfold.models.data;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * A [samples x width] table of feature values, whatever their storage. Immutable, and readable from
 * any thread.
 *
 * <p>Whoever can use bytes as they are, a training graph that takes uint8 for instance, asks for
 * {@code features instanceof ByteFeatures bytes}.
 */
public sealed interface Features permits ByteFeatures, DoubleFeatures, FloatFeatures {
  /**
   * Values stored as one unsigned byte each: {@code value = byte * scale}.
   *
   * @param bytes row by row from position to limit; not copied, so that it may be a mapped file,
   *     and nobody may write to it any more
   * @param width values in a row
   */
  static ByteFeatures ofBytes(ByteBuffer bytes, int width, double scale) {
    return new ByteFeatures(bytes, width, scale);
  }

  /** Values in single precision, row by row; copied. */
  static Features ofFloats(float[] values, int width) {
    return new FloatFeatures(values.clone(), width);
  }

  /** Values in double precision, row by row; copied. */
  static Features ofDoubles(double[] values, int width) {
    return new DoubleFeatures(values.clone(), width);
  }

  /**
   * The values of several tables side by side, copied; one alone as it is.
   *
   * @param tables one or more, of as many rows each
   */
  static Features beside(List<Features> tables) {
    if (tables.size() == 1) {
      return tables.get(0);
    }
    int samples = tables.get(0).samples();
    int width = tables.stream().mapToInt(Features::width).reduce(0, Math::addExact);
    // Singles hold bytes and themselves exactly, and nothing else.
    boolean singles = tables.stream().noneMatch(DoubleFeatures.class::isInstance);
    if (singles) {
      FloatBuffer values = FloatBuffer.allocate(Rows.size(samples, width));
      for (int row = 0; row < samples; row++) {
        for (Features table : tables) {
          table.copy(row, row + 1, values);
        }
      }
      return new FloatFeatures(values.array(), width);
    }
    DoubleBuffer values = DoubleBuffer.allocate(Rows.size(samples, width));
    for (int row = 0; row < samples; row++) {
      for (Features table : tables) {
        table.copy(row, row + 1, values);
      }
    }
    return new DoubleFeatures(values.array(), width);
  }

  /** The number of rows. */
  int samples();

  /** The number of values in a row. */
  int width();

  /** Copies rows from (inclusive) to (exclusive) into {@code target}. */
  void copy(int from, int to, FloatBuffer target);

  /** Copies rows from (inclusive) to (exclusive) into {@code target}. */
  void copy(int from, int to, DoubleBuffer target);

  /** Rows from (inclusive) to (exclusive), over the same memory. */
  Features range(int from, int to);

  /** These rows in this order, copied. */
  Features select(int[] rows);
}
