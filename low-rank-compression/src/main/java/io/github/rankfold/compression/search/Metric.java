package io.github.rankfold.compression.search;

import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.models.data.LabeledData;
import java.util.Locale;

/** What a budget promises: how much worse a model is than the original on the same samples. */
public enum Metric {
  /** Points of accuracy lost; needs labels. */
  ACCURACY(true, "points of accuracy") {
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
  TOP5(true, "points of top-5 accuracy") {
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

  /** Percent of predictions that are not the original's. */
  AGREEMENT(false, "percent of the predictions") {
    @Override
    Difference difference(Outputs original, Outputs compressed, LabeledData data) {
      long changed = 0;
      for (int i = 0; i < data.size(); i++) {
        changed += original.prediction(i) != compressed.prediction(i) ? 1 : 0;
      }
      return new Difference.Shares(changed, 0, data.size());
    }
  },

  /** {@code 100 ||y' - y|| / ||y||} over all samples, in percent. */
  RELATIVE_ERROR(false, "percent of the outputs' size") {
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
  SQUARED_ERROR(false, "mean squared error") {
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
  private final String unit;

  Metric(boolean needsLabels, String unit) {
    this.needsLabels = needsLabels;
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
