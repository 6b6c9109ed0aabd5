package io.github.rankfold.compression.search;

import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** What a budget promises: how much worse a model is than the original on the same samples. */
public enum Metric {
  /** Points of accuracy lost; needs labels. */
  ACCURACY(true, 2, "points of accuracy") {
    @Override
    Difference difference(Outputs original, Outputs compressed, LabeledData data) {
      long lost = 0;
      long won = 0;
      for (int i = 0; i < data.size(); i++) {
        boolean before = original.prediction(i) == data.label(i);
        boolean after = compressed.prediction(i) == data.label(i);
        lost += before && !after ? 1 : 0;
        won += after && !before ? 1 : 0;
      }
      return new Difference.Shares(lost, won, data.size());
    }
  },

  /** Points of top-5 accuracy lost; needs labels. */
  TOP5(true, 6, "points of top-5 accuracy") {
    @Override
    Difference difference(Outputs original, Outputs compressed, LabeledData data) {
      long lost = 0;
      long won = 0;
      for (int i = 0; i < data.size(); i++) {
        boolean before = original.larger(i, data.label(i)) < 5;
        boolean after = compressed.larger(i, data.label(i)) < 5;
        lost += before && !after ? 1 : 0;
        won += after && !before ? 1 : 0;
      }
      return new Difference.Shares(lost, won, data.size());
    }
  },

  /**
   * Percent of predictions that are not the original's; of sequences and maps, of all positions.
   */
  AGREEMENT(false, 2, "percent of the predictions") {
    @Override
    Difference difference(Outputs original, Outputs compressed, LabeledData data) {
      int positions = original.positions();
      double[] changed = new double[data.size()];
      for (int i = 0; i < changed.length; i++) {
        for (int p = 0; p < positions; p++) {
          boolean same = original.prediction(i, p) == compressed.prediction(i, p);
          changed[i] += same ? 0 : 1.0 / positions;
        }
      }
      return positions == 1
          ? new Difference.Shares((long) Arrays.stream(changed).sum(), 0, data.size())
          : Difference.Means.of(changed); // the positions of a sample are not independent
    }
  },

  /** {@code 100 ||y' - y|| / ||y||} over all samples, in percent. */
  RELATIVE_ERROR(false, 1, "percent of the outputs' size") {
    @Override
    Difference difference(Outputs original, Outputs compressed, LabeledData data) {
      double[] errors = squaredErrors(original, compressed);
      double norm = 0;
      for (int i = 0; i < original.samples(); i++) {
        for (int j = 0; j < original.width(); j++) {
          norm += (double) original.value(i, j) * original.value(i, j);
        }
      }
      double mean = Math.max(norm / original.samples(), Double.MIN_NORMAL);
      for (int i = 0; i < errors.length; i++) {
        errors[i] /= mean;
      }
      return Difference.Means.of(errors);
    }

    @Override
    double drop(double mean) {
      return 100 * Math.sqrt(Math.max(0, mean));
    }
  },

  /** Mean squared difference to the original's outputs. */
  SQUARED_ERROR(false, 1, "mean squared error") {
    @Override
    Difference difference(Outputs original, Outputs compressed, LabeledData data) {
      double[] errors = squaredErrors(original, compressed);
      for (int i = 0; i < errors.length; i++) {
        errors[i] /= original.width();
      }
      return Difference.Means.of(errors);
    }

    @Override
    double drop(double mean) {
      return mean;
    }
  };

  private final boolean needsLabels;
  private final int leastOutputs;
  private final String unit;

  Metric(boolean needsLabels, int leastOutputs, String unit) {
    this.needsLabels = needsLabels;
    this.leastOutputs = leastOutputs;
    this.unit = unit;
  }

  /** What a drop is counted in, for reading. */
  public String unit() {
    return unit;
  }

  /** Whether samples without labels will not do. */
  public boolean needsLabels() {
    return needsLabels;
  }

  /** Refuses data without the labels that this metric needs. */
  public void requireLabels(LabeledData data) {
    if (needsLabels) {
      data.requireLabels(
          "--metric %s (agreement, relative-error and squared-error need none)".formatted(this));
    }
  }

  /**
   * Refuses outputs of which this metric says nothing: one value is always the largest, and of five
   * or fewer all are among the five largest.
   *
   * @param outputs of the model that is to be compressed
   * @param model where it is, for the message
   */
  void requireOutputs(Outputs outputs, Path model) {
    int classes = outputs.width() / Math.max(1, outputs.positions());
    if (classes < leastOutputs) {
      throw new InvalidInputException(
          "%s: expected %d outputs or more, or a sigmoid, for --metric %s (%s take any), found %d"
              .formatted(model, leastOutputs, this, "relative-error and squared-error", classes));
    }
    if (needsLabels && outputs.positions() > 1) {
      throw new InvalidInputException(
          "%s: expected one prediction a sample for --metric %s, found %d (agreement takes any)"
              .formatted(model, this, outputs.positions()));
    }
  }

  /** How much worse {@code compressed} is, sample by sample. */
  abstract Difference difference(Outputs original, Outputs compressed, LabeledData data);

  /** A mean over samples in the units of this metric. */
  double drop(double mean) {
    return 100 * mean;
  }

  private static double[] squaredErrors(Outputs original, Outputs compressed) {
    double[] errors = new double[original.samples()];
    for (int i = 0; i < errors.length; i++) {
      for (int j = 0; j < original.width(); j++) {
        double difference = (double) compressed.value(i, j) - original.value(i, j);
        errors[i] += difference * difference;
      }
    }
    return errors;
  }

  /** As the command line has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
