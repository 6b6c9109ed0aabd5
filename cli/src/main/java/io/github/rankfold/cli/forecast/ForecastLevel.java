package io.github.rankfold.cli.forecast;

import io.github.rankfold.models.data.LabeledData;
import java.util.List;

/**
 * One of the trainings that a forecast is made of: on so many points, for so many passes.
 *
 * <p>Each level starts from the weights of the one before. The coarse ones lose the initial noise
 * of the kernels and find the large singular values, which needs many iterations but few points;
 * the last one has the small singular values of the first kernel, which needs all data but few
 * iterations.
 *
 * @param points M, or N for the samples themselves
 * @param passes over N samples that the level may cost
 */
record ForecastLevel(int points, double passes) {
  /** With fewer points than this, even of a small data set, the first kernel is not to be known. */
  private static final int FEWEST = 500;

  /** The largest share of the samples for which a level pays beside training on all of them. */
  private static final double LARGEST_SHARE = 0.6;

  /** How many times as many points the next level has. */
  private static final int FINER = 3;

  /** A tenth of the samples, but at least 500 or a third of them, and at least four a class. */
  static int coarsest(LabeledData data) {
    int wanted = Math.max(data.size() / 10, Math.min(data.size() / 3, FEWEST));
    return Math.min(data.size(), Math.max(wanted, 4 * data.classes()));
  }

  /** From few points to all samples. */
  static List<ForecastLevel> of(LabeledData data, ForecastSettings settings) {
    int samples = data.size();
    int points = settings.points().orElseGet(() -> coarsest(data));
    if (points < data.classes()) {
      throw new IllegalArgumentException(
          "points must be >= the number of classes, %d, was %d".formatted(data.classes(), points));
    }
    if (points > samples) {
      throw new IllegalArgumentException(
          "points must be <= the number of samples, %d, was %d".formatted(samples, points));
    }
    double passes = settings.passes();
    if (points == samples) {
      return List.of(new ForecastLevel(samples, passes));
    }
    if (FINER * (double) points > LARGEST_SHARE * samples) {
      return List.of(
          new ForecastLevel(points, 0.65 * passes), new ForecastLevel(samples, 0.35 * passes));
    }
    return List.of(
        new ForecastLevel(points, 0.15 * passes),
        new ForecastLevel(FINER * points, 0.5 * passes),
        new ForecastLevel(samples, 0.35 * passes));
  }
}
