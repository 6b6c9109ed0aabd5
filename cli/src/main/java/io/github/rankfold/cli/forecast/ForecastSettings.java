package io.github.rankfold.cli.forecast;

import io.github.rankfold.training.L2Penalty;
import java.util.Optional;

/**
 * How spectra are forecast.
 *
 * @param penalty of the training that is forecast
 * @param points on the coarsest level, at least one a class; empty: {@link ForecastLevel#coarsest}
 * @param passes that the forecast may cost, in passes over all data
 * @param starts trainings on the coarsest level from different initial weights, of which the one
 *     with the least objective counts; they share that level's passes
 * @param seed of the first start, which is that of a training with this seed
 * @param threads of TensorFlow
 */
public record ForecastSettings(
    L2Penalty penalty,
    Optional<Integer> points,
    double passes,
    int starts,
    long seed,
    int threads) {
  /** A tenth of what {@code train} with {@code --finish 25} costs. */
  public static final double PASSES = 50;

  public ForecastSettings {
    if (!(penalty.lambda() > 0)) {
      throw new IllegalArgumentException(
          "lambda must be > 0 for a forecast, was " + penalty.lambda());
    }
    points.ifPresent(
        count -> {
          if (count <= 0) {
            throw new IllegalArgumentException("points must be > 0, was " + count);
          }
        });
    if (!(passes > 0) || Double.isInfinite(passes)) {
      throw new IllegalArgumentException("passes must be > 0, was " + passes);
    }
    if (starts <= 0) {
      throw new IllegalArgumentException("starts must be > 0, was " + starts);
    }
    if (threads < 0) {
      throw new IllegalArgumentException("threads must be >= 0, was " + threads);
    }
  }

  /** One start, a tenth of a training, all cores. */
  public static ForecastSettings of(L2Penalty penalty, long seed) {
    return new ForecastSettings(penalty, Optional.empty(), PASSES, 1, seed, 0);
  }

  public ForecastSettings withPasses(double value) {
    return new ForecastSettings(penalty, points, value, starts, seed, threads);
  }

  public ForecastSettings withPoints(int value) {
    return new ForecastSettings(penalty, Optional.of(value), passes, starts, seed, threads);
  }
}
