package io.github.rankfold.models.evaluation;

import io.github.rankfold.models.live.OutputLayout;
import java.util.OptionalDouble;

/**
 * How far the outputs of a model are from another's on the same samples; needs no labels.
 *
 * @param agreement the share of predictions, one a sample or, as for sequences and maps, one a
 *     position, that are the same class, the first of the largest outputs; unknown where there is
 *     one output only
 * @param relativeError {@code ||y' - y|| / ||y||} over all outputs of all samples
 */
public record OutputChange(OptionalDouble agreement, double relativeError) {
  /** Adds up batches. */
  static final class Sum {
    private long predictions;
    private long agreeing;
    private double error;
    private double norm;
    private int classes;

    /**
     * @param original y, row-major
     * @param other y', of the same layout
     */
    void add(double[] original, double[] other, OutputLayout layout) {
      classes = layout.classes();
      predictions += (long) layout.samples() * layout.positions();
      for (int i = 0; i < original.length; i++) {
        double difference = other[i] - original[i];
        error += difference * difference;
        norm += original[i] * original[i];
      }
      for (int start = 0; start < original.length; start += classes) {
        boolean same =
            Evaluator.argMax(original, start, classes) == Evaluator.argMax(other, start, classes);
        agreeing += same ? 1 : 0;
      }
    }

    OutputChange mean() {
      return new OutputChange(
          classes > 1 ? OptionalDouble.of((double) agreeing / predictions) : OptionalDouble.empty(),
          Math.sqrt(error / Math.max(norm, Double.MIN_NORMAL)));
    }
  }
}
