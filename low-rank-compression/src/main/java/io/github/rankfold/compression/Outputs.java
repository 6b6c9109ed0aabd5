package io.github.rankfold.compression;

import java.util.Arrays;

/** What a model gives for some samples: logits, as a rule, [N x K]. Immutable. */
public final class Outputs {
  private final int samples;
  private final float[] values;

  private Outputs(int samples, float[] values) {
    this.samples = samples;
    this.values = values;
  }

  /** N. */
  public int samples() {
    return samples;
  }

  /** K, all values of one sample. */
  public int width() {
    return samples == 0 ? 0 : values.length / samples;
  }

  public float value(int sample, int index) {
    return values[sample * width() + index];
  }

  /** The first of the largest values of a sample. */
  public int prediction(int sample) {
    int width = width();
    int best = 0;
    for (int j = 1; j < width; j++) {
      if (value(sample, j) > value(sample, best)) {
        best = j;
      }
    }
    return best;
  }

  /** How many values of a sample are larger than this one. */
  public int larger(int sample, int index) {
    int larger = 0;
    for (int j = 0; j < width(); j++) {
      larger += value(sample, j) > value(sample, index) ? 1 : 0;
    }
    return larger;
  }

  /** Collects the rows of some batches. */
  static final class Builder {
    private final int expected;
    private int samples;
    private float[] values = new float[0];

    Builder(int expected) {
      this.expected = expected;
    }

    void add(int rows, float[] batch) {
      if (samples == 0) {
        values = new float[Math.multiplyExact(batch.length / rows, expected)];
      }
      System.arraycopy(batch, 0, values, samples * (batch.length / rows), batch.length);
      samples += rows;
    }

    Outputs build() {
      return new Outputs(
          samples, samples == expected ? values : Arrays.copyOf(values, values.length));
    }
  }
}
