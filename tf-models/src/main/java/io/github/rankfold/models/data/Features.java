package io.github.rankfold.models.data;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/** A [samples x width] table of feature values, whatever their storage. Immutable. */
public interface Features {
  /** The number of rows. */
  int samples();

  /** The number of values in a row. */
  int width();

  /** Copies rows from (inclusive) to (exclusive) into {@code target}. */
  void copy(int from, int to, FloatBuffer target);

  /** Copies rows from (inclusive) to (exclusive) into {@code target}. */
  void copy(int from, int to, DoubleBuffer target);
}
