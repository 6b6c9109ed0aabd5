package io.github.rankfold.cli.forecast;

import io.github.rankfold.training.L2Penalty;

/**
 * How spectra are forecast.
 *
 * @param penalty of the training that is forecast
 * @param points that stand for the data; at least one a class
 * @param iterations of L-BFGS on the points
 * @param refinement iterations of L-BFGS on all data after that, each a pass or a little more
 * @param starts trainings on the points from different initial weights, of which the one with the
 *     least objective counts
 * @param seed of the points and of the first start, which is that of a training with this seed
 * @param threads of TensorFlow
 */
public record ForecastSettings(
    L2Penalty penalty,
    int points,
    int iterations,
    int refinement,
    int starts,
    long seed,
    int threads) {
  public ForecastSettings {
    if (!(penalty.lambda() > 0)) {
      throw new IllegalArgumentException(
          "lambda must be > 0 for a forecast, was " + penalty.lambda());
    }
    requirePositive("points", points);
    requirePositive("iterations", iterations);
    requirePositive("starts", starts);
    if (refinement < 0) {
      throw new IllegalArgumentException("refinement must be >= 0, was " + refinement);
    }
    if (threads < 0) {
      throw new IllegalArgumentException("threads must be >= 0, was " + threads);
    }
  }

  private static void requirePositive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be > 0, was " + value);
    }
  }
}
