package io.github.rankfold.models.data;

import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Subtracts a mean from every column and divides by a standard deviation: {@code (x - mean) / std}.
 *
 * <p>Taken from the training part and applied to every other part as it is, since the held-out data
 * must not be looked at. The deviation is the population's (divided by N).
 *
 * @param mean one for each of the features
 * @param std one for each of the features, above 0; 1 for a constant column, which thus becomes 0
 */
public record Standardization(List<Double> mean, List<Double> std) {
  public Standardization {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.size() != std.size()) {
      throw new IllegalArgumentException(
          "expected as many deviations as means, found %d and %d"
              .formatted(std.size(), mean.size()));
    }
    for (double deviation : std) {
      if (!(deviation > 0) || Double.isInfinite(deviation)) {
        throw new IllegalArgumentException("std must be > 0 and finite, was " + deviation);
      }
    }
  }

  /** What would give each column of {@code features} mean 0 and standard deviation 1. */
  public static Standardization of(Features features) {
    if (features.samples() == 0) {
      throw new IllegalArgumentException("expected samples to standardize by, found none");
    }
    double[] values = doubles(features);
    List<Double> mean = new ArrayList<>();
    List<Double> std = new ArrayList<>();
    for (int column = 0; column < features.width(); column++) {
      addColumn(values, column, features.width(), mean, std);
    }
    return new Standardization(mean, std);
  }

  private static void addColumn(
      double[] values, int column, int width, List<Double> means, List<Double> deviations) {
    int count = values.length / width;
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int i = column; i < values.length; i += width) {
      least = Math.min(least, values[i]);
      greatest = Math.max(greatest, values[i]);
      sum += values[i];
    }
    double mean = sum / count;
    double squares = 0;
    for (int i = column; i < values.length; i += width) {
      squares += (values[i] - mean) * (values[i] - mean);
    }
    double std = Math.sqrt(squares / count);
    // Rounding of the mean gives a constant column such as 0.1 a deviation of 1e-17, so the
    // deviation does not tell whether a column is constant. Nor is one that underflows usable.
    boolean constant = least == greatest || std == 0;
    means.add(constant ? least : mean);
    deviations.add(constant ? 1 : std);
  }

  /** The standardized values, in double precision. */
  public Features apply(Features features) {
    int width = features.width();
    if (width != mean.size()) {
      throw new IllegalArgumentException(
          "expected features of width %d, found %d".formatted(mean.size(), width));
    }
    double[] values = doubles(features);
    for (int column = 0; column < width; column++) {
      double center = mean.get(column);
      double deviation = std.get(column);
      for (int i = column; i < values.length; i += width) {
        values[i] = (values[i] - center) / deviation;
      }
    }
    return new DoubleFeatures(values, width);
  }

  private static double[] doubles(Features features) {
    double[] values = new double[Rows.size(features.samples(), features.width())];
    features.copy(0, features.samples(), DoubleBuffer.wrap(values));
    return values;
  }
}
