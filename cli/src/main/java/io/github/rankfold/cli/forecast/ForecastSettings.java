package io.github.rankfold.cli.forecast;

import io.github.rankfold.models.Device;
import io.github.rankfold.training.L2Penalty;
import java.util.Optional;

/**
 * How spectra are forecast.
 *
 * @param penalty of the training that is forecast
 * @param width that hidden layers after the first have at most while the forecast is made; empty:
 *     three for each class, but at least 24
 * @param passes that the forecast may cost, in passes of the whole network over all data
 * @param seed of the initial weights and the order of samples
 * @param threads of TensorFlow
 * @param device where it computes
 */
public record ForecastSettings(
    L2Penalty penalty,
    Optional<Integer> width,
    double passes,
    long seed,
    int threads,
    Device device) {
  /** Less than a tenth of what {@code train} with {@code --finish 25} costs. */
  public static final double PASSES = 48;

  /** A kernel that has collapsed has at most one direction a class; room to find them. */
  private static final int WIDTH_PER_CLASS = 3;

  private static final int LEAST_WIDTH = 24;

  public ForecastSettings {
    if (!(penalty.lambda() > 0)) {
      throw new IllegalArgumentException(
          "lambda must be > 0 for a forecast, was " + penalty.lambda());
    }
    width.ifPresent(
        value -> {
          if (value <= 0) {
            throw new IllegalArgumentException("width must be > 0, was " + value);
          }
        });
    if (!(passes > 0) || Double.isInfinite(passes)) {
      throw new IllegalArgumentException("passes must be > 0, was " + passes);
    }
    if (threads < 0) {
      throw new IllegalArgumentException("threads must be >= 0, was " + threads);
    }
  }

  /** A tenth of a training, all cores. */
  public static ForecastSettings of(L2Penalty penalty, long seed) {
    return new ForecastSettings(penalty, Optional.empty(), PASSES, seed, 0, Device.AUTO);
  }

  public ForecastSettings withPasses(double value) {
    return new ForecastSettings(penalty, width, value, seed, threads, device);
  }

  public ForecastSettings withWidth(int value) {
    return new ForecastSettings(penalty, Optional.of(value), passes, seed, threads, device);
  }

  /** The width of hidden layers after the first, at most. */
  int width(int classes) {
    return width.orElse(Math.max(LEAST_WIDTH, WIDTH_PER_CLASS * classes));
  }
}
