package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;

/** Refuses NaN and infinities before they reach a network, which would train on them silently. */
final class FiniteValues {
  private FiniteValues() {}

  /**
   * @param where the array, for the message
   */
  static void require(String where, float[] values, int width) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw notFinite(where, i, width, values[i]);
      }
    }
  }

  /**
   * @param where the array, for the message
   */
  static void require(String where, double[] values, int width) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw notFinite(where, i, width, values[i]);
      }
    }
  }

  private static InvalidInputException notFinite(String where, int i, int width, double found) {
    return new InvalidInputException(
        "%s: sample %d, value %d: expected a finite number, found %s"
            .formatted(where, i / width, i % width, found));
  }
}
