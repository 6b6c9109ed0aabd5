package io.github.rankfold.training;

import io.github.rankfold.models.InvalidInputException;
import java.util.Arrays;

/**
 * How much each sample counts in the objective: {@code (1/sum w) sum_i w_i loss_i}. Immutable.
 *
 * <p>Kept as {@code N w_i / sum w}, of mean 1, so that a mean over samples is the weighted mean and
 * a sample of weight 2 counts as much as two equal samples of weight 1.
 */
public final class SampleWeights {
  private final float[] values;

  private SampleWeights(float[] values) {
    this.values = values;
  }

  /** Weights in the order of the samples, each above 0; only their ratios matter. */
  public static SampleWeights of(double... weights) {
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] > 0) || Double.isInfinite(weights[i])) {
        throw new IllegalArgumentException(
            "weight of sample %d must be > 0, was %s".formatted(i, weights[i]));
      }
    }
    double mean = Arrays.stream(weights).sum() / weights.length;
    float[] values = new float[weights.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (weights[i] / mean);
    }
    return new SampleWeights(values);
  }

  /** Every sample counts the same. */
  public static SampleWeights equal(int samples) {
    float[] ones = new float[samples];
    Arrays.fill(ones, 1);
    return new SampleWeights(ones);
  }

  /** The number of samples, N. */
  public int size() {
    return values.length;
  }

  /** Whether all are the same, so that nothing needs to be multiplied. */
  boolean areEqual() {
    for (float value : values) {
      if (value != 1) {
        return false;
      }
    }
    return true;
  }

  /** A copy, of mean 1. */
  float[] toFloats() {
    return values.clone();
  }

  void checkFit(String data, int samples) {
    if (values.length != samples) {
      throw new InvalidInputException(
          "%s: expected a weight for each of %d samples, found %d"
              .formatted(data, samples, values.length));
    }
  }
}
