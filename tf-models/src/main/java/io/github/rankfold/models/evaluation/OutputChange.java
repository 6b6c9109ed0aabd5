package io.github.rankfold.models.evaluation;

import java.util.OptionalDouble;

/**
 * How far the outputs of a model are from another's on the same samples; needs no labels.
 *
 * @param agreement the share of samples for which both predict the same class, the first of the
 *     largest outputs; unknown where a sample has one output only
 * @param relativeError {@code ||y' - y|| / ||y||} over all outputs of all samples
 */
public record OutputChange(OptionalDouble agreement, double relativeError) {
  /** Adds up batches. */
  static final class Sum {
    private long samples;
    private long agreeing;
    private double error;
    private double norm;
    private int width;

    /**
     * @param original y [samples x width]
     * @param other y', of the same size
     */
    void add(double[] original, double[] other, int samplesOfBatch) {
      width = original.length / samplesOfBatch;
      samples += samplesOfBatch;
      for (int i = 0; i < original.length; i++) {
        double difference = other[i] - original[i];
        error += difference * difference;
        norm += original[i] * original[i];
      }
      for (int start = 0; start < original.length; start += width) {
        boolean same =
            Evaluator.argMax(original, start, width) == Evaluator.argMax(other, start, width);
        agreeing += same ? 1 : 0;
      }
    }

    OutputChange mean() {
      return new OutputChange(
          width > 1 ? OptionalDouble.of((double) agreeing / samples) : OptionalDouble.empty(),
          Math.sqrt(error / Math.max(norm, Double.MIN_NORMAL)));
    }
  }
}
