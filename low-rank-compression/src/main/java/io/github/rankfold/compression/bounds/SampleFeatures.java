package io.github.rankfold.compression.bounds;

import java.util.List;

/** What one sample of a batch gave; a view of the batch's arrays. */
final class SampleFeatures {
  private final double[] logits;
  private final List<double[]> features;
  private final List<double[]> changes;
  private final int sample;
  private final int samples;

  /**
   * @param features of each product, its input, sample by sample
   * @param changes of each product, {@code z (W' - W)}; empty where its kernel stays
   */
  SampleFeatures(
      double[] logits, List<double[]> features, List<double[]> changes, int sample, int samples) {
    this.logits = logits;
    this.features = features;
    this.changes = changes;
    this.sample = sample;
    this.samples = samples;
  }

  Logits logits() {
    return part(logits);
  }

  /** {@code ||z||} at the input of a product. */
  double feature(int product) {
    return norm(features.get(product));
  }

  /** {@code ||z (W' - W)||}; 0 where the kernel stays. */
  double change(int product) {
    return norm(changes.get(product));
  }

  /** {@code z (W' - W)} of a product that gives logits. */
  Logits changedLogits(int product) {
    return part(changes.get(product));
  }

  private Logits part(double[] values) {
    int size = values.length / samples;
    return new Logits(values, sample * size, size);
  }

  private double norm(double[] values) {
    int size = values.length / samples;
    double sum = 0;
    for (int i = sample * size; i < (sample + 1) * size; i++) {
      sum += values[i] * values[i];
    }
    return Math.sqrt(sum);
  }
}
