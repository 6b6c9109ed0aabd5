package io.github.rankfold.models.data;

import java.util.Optional;

/**
 * Which arrays of a {@code .npz} to read.
 *
 * @param features key of the features [N, ...]
 * @param labels key of the labels [N] or [N, 1]
 * @param test the keys of the test part; without them {@code x_test} and {@code y_test} are read
 *     where the file has both
 * @param divide what every feature is divided by: 255 for bytes of images
 */
public record NpzOptions(String features, String labels, Optional<Keys> test, double divide) {
  /** The keys of one part. */
  public record Keys(String features, String labels) {
    static final Keys TEST = new Keys("x_test", "y_test");
  }

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
