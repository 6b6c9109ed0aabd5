package io.github.rankfold.models.data;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Objects;

/** Features in double precision, in an array or a part of one. */
final class DoubleFeatures implements Features {
  /** Values converted at a time: they stay in the first-level cache. */
  private static final int CHUNK = 2048;

  private final double[] values;
  private final int offset;
  private final int samples;
  private final int width;

  /**
   * @param values [samples x width], owned from now on
   */
  DoubleFeatures(double[] values, int width) {
    this(values, 0, Rows.count(values.length, width), width);
  }

  private DoubleFeatures(double[] values, int offset, int samples, int width) {
    this.values = values;
    this.offset = offset;
    this.samples = samples;
    this.width = width;
  }

  @Override
  public int samples() {
    return samples;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public void copy(int from, int to, DoubleBuffer target) {
    Objects.checkFromToIndex(from, to, samples);
    target.put(values, offset + from * width, (to - from) * width);
  }

  @Override
  public void copy(int from, int to, FloatBuffer target) {
    Objects.checkFromToIndex(from, to, samples);
    int end = offset + to * width;
    float[] converted = new float[Math.min(CHUNK, (to - from) * width)];
    for (int start = offset + from * width; start < end; start += converted.length) {
      int count = Math.min(converted.length, end - start);
      for (int i = 0; i < count; i++) {
        converted[i] = (float) values[start + i];
      }
      target.put(converted, 0, count);
    }
  }

  @Override
  public Features range(int from, int to) {
    Objects.checkFromToIndex(from, to, samples);
    return new DoubleFeatures(values, offset + from * width, to - from, width);
  }

  @Override
  public Features select(int[] rows) {
    double[] selected = new double[Rows.size(rows.length, width)];
    for (int i = 0; i < rows.length; i++) {
      Objects.checkIndex(rows[i], samples);
      System.arraycopy(values, offset + rows[i] * width, selected, i * width, width);
    }
    return new DoubleFeatures(selected, width);
  }
}
