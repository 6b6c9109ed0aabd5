package io.github.rankfold.models.data;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * Features of one unsigned byte each, {@code value = byte * scale}: images, at an eighth of the
 * memory of doubles.
 */
public final class ByteFeatures implements Features {
  /** Bytes converted at a time: they stay in the first-level cache. */
  private static final int CHUNK = 4096;

  private final ByteBuffer bytes;
  private final int width;
  private final int samples;
  private final double scale;

  /** The 256 possible values, so that converting is a look-up. */
  private final float[] floats = new float[256];

  private final double[] doubles = new double[256];

  ByteFeatures(ByteBuffer bytes, int width, double scale) {
    this.bytes = bytes.slice().asReadOnlyBuffer();
    this.width = width;
    this.samples = Rows.count(bytes.remaining(), width);
    this.scale = scale;
    if (!(scale > 0) || Double.isInfinite(scale)) {
      throw new IllegalArgumentException("scale must be > 0 and finite, was " + scale);
    }
    for (int i = 0; i < 256; i++) {
      doubles[i] = i * scale;
      floats[i] = (float) doubles[i];
    }
  }

  /** What a byte is multiplied by: 1/255 for images. */
  public double scale() {
    return scale;
  }

  /** Copies the stored bytes of rows from (inclusive) to (exclusive) into {@code target}. */
  public void copyBytes(int from, int to, ByteBuffer target) {
    target.put(rows(from, to));
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
  public void copy(int from, int to, FloatBuffer target) {
    ByteBuffer source = rows(from, to);
    byte[] stored = new byte[Math.min(CHUNK, source.remaining())];
    float[] values = new float[stored.length];
    while (source.hasRemaining()) {
      int count = Math.min(stored.length, source.remaining());
      source.get(stored, 0, count);
      for (int i = 0; i < count; i++) {
        values[i] = floats[stored[i] & 0xff];
      }
      target.put(values, 0, count);
    }
  }

  @Override
  public void copy(int from, int to, DoubleBuffer target) {
    ByteBuffer source = rows(from, to);
    byte[] stored = new byte[Math.min(CHUNK, source.remaining())];
    double[] values = new double[stored.length];
    while (source.hasRemaining()) {
      int count = Math.min(stored.length, source.remaining());
      source.get(stored, 0, count);
      for (int i = 0; i < count; i++) {
        values[i] = doubles[stored[i] & 0xff];
      }
      target.put(values, 0, count);
    }
  }

  @Override
  public ByteFeatures range(int from, int to) {
    return new ByteFeatures(rows(from, to), width, scale);
  }

  @Override
  public ByteFeatures select(int[] rows) {
    ByteBuffer selected = ByteBuffer.allocate(Rows.size(rows.length, width));
    for (int row : rows) {
      Objects.checkIndex(row, samples);
      selected.put(rows(row, row + 1));
    }
    return new ByteFeatures(selected.flip(), width, scale);
  }

  private ByteBuffer rows(int from, int to) {
    Objects.checkFromToIndex(from, to, samples);
    return bytes.slice(from * width, (to - from) * width);
  }
}
