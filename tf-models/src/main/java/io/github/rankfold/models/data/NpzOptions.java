package io.github.rankfold.models.data;

import java.util.Optional;
import java.util.Set;

/**
 * Which arrays of a {@code .npz} to read.
 *
 * @param features key of the features [N, ...]
 * @param labels key of the labels [N] or [N, 1]; empty where none are to be read. Without an array
 *     of the default's name there are no labels
 * @param test the keys of the test part; without them {@code x_test} and {@code y_test} are read
 *     where the file has both, or the first where there are no labels to train with either
 * @param divide what every feature is divided by: 255 for bytes of images
 */
public record NpzOptions(String features, String labels, Optional<Keys> test, double divide) {
  /** The keys of one part. */
  public record Keys(String features, String labels) {
    static final Keys TEST = new Keys("x_test", "y_test");
  }

  /** What is not missed where it is not there. */
  static final Set<String> DEFAULT_LABELS = Set.of("y", Keys.TEST.labels());

  public NpzOptions {
    if (!(divide > 0) || Double.isInfinite(divide)) {
      throw new IllegalArgumentException("divide must be > 0 and finite, was " + divide);
    }
  }

  /** The arrays x and y, as they are. */
  public static NpzOptions defaults() {
    return new NpzOptions("x", "y", Optional.empty(), 1);
  }

  Keys train() {
    return new Keys(features, labels);
  }
}
