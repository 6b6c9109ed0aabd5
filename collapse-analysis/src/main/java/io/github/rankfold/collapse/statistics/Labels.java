package io.github.rankfold.collapse.statistics;

import io.github.rankfold.models.InvalidInputException;
import java.util.Objects;

/** What every accumulator asks of features and labels that come together. */
final class Labels {
  private Labels() {}

  static void requireMatch(FeatureBatch batch, int width, int[] labels, int from, int to) {
    if (batch.width() != width) {
      throw new IllegalArgumentException(
          "expected features of width %d, found %d".formatted(width, batch.width()));
    }
    if (labels.length != batch.rows()) {
      throw new IllegalArgumentException(
          "expected %d labels for %d samples, found %d"
              .formatted(batch.rows(), batch.rows(), labels.length));
    }
    Objects.checkFromToIndex(from, to, batch.rows());
  }

  /** The label of a sample, once it is known to be in [0, classes). */
  static int require(int label, int classes, long sample) {
    if (label < 0 || label >= classes) {
      throw new InvalidInputException(
          "sample %d: label %d is not in 0..%d".formatted(sample, label, classes - 1));
    }
    return label;
  }
}
