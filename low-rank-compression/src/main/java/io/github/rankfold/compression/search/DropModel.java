package io.github.rankfold.compression.search;

import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.models.data.LabeledData;

/**
 * How much worse a model is by the metric when its outputs change by so much: what independent
 * normal noise of that size does to the original's outputs. Costs no evaluation; a search corrects
 * it by what it measures.
 */
final class DropModel {
  /** Sizes of the noise, relative to the outputs' mean square: 10^-6 to 10^1 in tenths. */
  private static final int SIZES = 71;

  private static final double STEP = Math.log(10) / 10;

  /** Values that are drawn for one size, at most. */
  private static final int VALUES = 200_000;

  private final double[] drops = new double[SIZES];
  private final double smallest;

  /**
   * Measures.
   *
   * @param original what the model gives for {@code data}
   */
  DropModel(Metric metric, Outputs original, LabeledData data, long seed) {
    int few = Math.max(1, Math.min(data.size(), VALUES / Math.max(1, original.width())));
    Outputs outputs = original.head(few);
    LabeledData samples = data.head(few);
    double power = Math.max(outputs.meanSquare(), Double.MIN_NORMAL);
    this.smallest = Math.log(power) - 6 * Math.log(10);
    for (int i = 0; i < SIZES; i++) {
      // The change is E ||noise||^2 / 2, over all values of a sample.
      double deviation = Math.sqrt(2 * Math.exp(smallest + i * STEP) / outputs.width());
      Outputs noisy = outputs.withNoise(deviation, seed);
      double drop = metric.drop(metric.difference(outputs, noisy, samples).mean());
      drops[i] = i == 0 ? Math.max(0, drop) : Math.max(drops[i - 1], drop);
    }
  }

  /** The change of the outputs, {@code E ||y' - y||^2 / 2}, that makes the model worse by this. */
  double change(double drop) {
    int above = 0;
    while (above < SIZES && drops[above] < drop) {
      above++;
    }
    if (above == 0 || above == SIZES) {
      return Math.exp(smallest + Math.min(above, SIZES - 1) * STEP);
    }
    double share = (drop - drops[above - 1]) / (drops[above] - drops[above - 1]);
    return Math.exp(smallest + (above - 1 + share) * STEP);
  }
}
