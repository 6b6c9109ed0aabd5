package io.github.rankfold.models.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which arrays of a {@code .npz} to read.
 *
 * @param features key of the features [N, ...]; for a model with several inputs the key of each,
 *     separated by commas. Without an array of the default's name, {@code x_train} and {@code
 *     y_train} are read, or all arrays but labels are features
 * @param labels key of the labels [N] or [N, 1]; empty where none are to be read. Without an array
 *     of the default's name there are no labels
 * @param test the keys of the test part; without them {@code KEY_test} of the features, or {@code
 *     x_test}, and {@code y_test} are read where the file has both, or the first where there are no
 *     labels to train with either
 * @param divide what every feature is divided by: 255 for bytes of images
 */
public record NpzOptions(String features, String labels, Optional<Keys> test, double divide) {
  /** The keys of one part; several of features are separated by commas. */
  public record Keys(String features, String labels) {
    static final Keys TEST = new Keys("x_test", "y_test");

    List<String> arrays() {
      return Arrays.asList(features.split(",", -1));
    }
  }

  static final String DEFAULT_FEATURES = "x";

  private static final String TEST_SUFFIX = "_test";

  private static final Keys TRAIN = new Keys("x_train", "y_train");

  /** What is not missed where it is not there. */
  static final Set<String> DEFAULT_LABELS = Set.of("y", Keys.TEST.labels());

  public NpzOptions {
    if (!(divide > 0) || Double.isInfinite(divide)) {
      throw new IllegalArgumentException("divide must be > 0 and finite, was " + divide);
    }
  }

  /** The arrays x and y, as they are. */
  public static NpzOptions defaults() {
    return new NpzOptions(DEFAULT_FEATURES, "y", Optional.empty(), 1);
  }

  Keys train() {
    return new Keys(features, labels);
  }

  /**
   * With the keys that a file has, where none were named and it has no array of the default's name:
   * {@code x_train} and {@code y_train}, as Keras names them, or all arrays but labels.
   */
  NpzOptions of(NpzFile npz) {
    if (!features.equals(DEFAULT_FEATURES) || npz.has(DEFAULT_FEATURES)) {
      return this;
    }
    if (npz.has(TRAIN.features())) {
      boolean labelled = DEFAULT_LABELS.contains(labels) && npz.has(TRAIN.labels());
      return new NpzOptions(TRAIN.features(), labelled ? TRAIN.labels() : labels, test, divide);
    }
    List<String> found = new ArrayList<>(npz.keys());
    found.removeIf(key -> key.equals(labels) || DEFAULT_LABELS.contains(key));
    found.removeAll(test.map(Keys::arrays).orElse(List.of()));
    found.removeAll(npz.keys().stream().map(key -> key + TEST_SUFFIX).toList());
    return found.isEmpty() ? this : new NpzOptions(String.join(",", found), labels, test, divide);
  }

  /** Where the test part is looked for, if there is one. */
  Keys testKeys(NpzFile npz) {
    List<String> keys = train().arrays().stream().map(key -> key + TEST_SUFFIX).toList();
    boolean usual = keys.size() == 1 && !npz.has(keys.get(0));
    return test.orElse(usual ? Keys.TEST : new Keys(String.join(",", keys), Keys.TEST.labels()));
  }
}
