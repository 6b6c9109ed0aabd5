package io.github.rankfold.compression.search;

import java.util.OptionalDouble;

/**
 * How much worse a compressed model was found, and what is promised for samples that it has not
 * seen.
 *
 * @param measured in the units of the metric, points for shares
 * @param promised with 95% confidence it is no more than this on as many new samples as the whole
 *     search had; unknown where the model was chosen by the same samples
 * @param samples that it was measured on
 */
public record Drop(double measured, OptionalDouble promised, long samples) {
  static Drop measured(Metric metric, Difference difference) {
    return new Drop(metric.drop(difference.mean()), OptionalDouble.empty(), difference.samples());
  }
}
