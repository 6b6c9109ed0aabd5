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
 * @param testFeatures keys of the test part's, as many; {@code KEY_test} of the features, or {@code
 *     x_test}, where empty
 * @param testLabels key of the test part's labels; {@code KEY_test} of the labels, or {@code
 *     y_test}, where empty. Without either of the two there is a test part only where the file has
 *     its arrays; labels may be missing where there are none to train with either
 * @param divide what every feature is divided by: 255 for bytes of images
 * @param classes the labels in the order of a model's outputs, all that the file has and maybe
 *     more; numbers as they are and sorted text where empty
 */
public record NpzOptions(
    String features,
    String labels,
    Optional<String> testFeatures,
    Optional<String> testLabels,
    double divide,
    List<String> classes) {
  /** The keys of one part; several of features are separated by commas. */
  record Keys(String features, String labels) {
    List<String> arrays() {
      return Arrays.asList(features.split(",", -1));
    }
  }

  static final String DEFAULT_FEATURES = "x";

  private static final String TEST_SUFFIX = "_test";

  private static final Keys TRAIN = new Keys("x_train", "y_train");

  private static final Keys TEST = new Keys("x_test", "y_test");

  /** What is not missed where it is not there. */
  static final Set<String> DEFAULT_LABELS = Set.of("y", TEST.labels());

  public NpzOptions {
    classes = List.copyOf(classes);
    if (!(divide > 0) || Double.isInfinite(divide)) {
      throw new IllegalArgumentException("divide must be > 0 and finite, was " + divide);
    }
  }

  /** Without a list of classes. */
  public NpzOptions(
      String features,
      String labels,
      Optional<String> testFeatures,
      Optional<String> testLabels,
      double divide) {
    this(features, labels, testFeatures, testLabels, divide, List.of());
  }

  /** The arrays x and y, as they are. */
  public static NpzOptions defaults() {
    return new NpzOptions(DEFAULT_FEATURES, "y", Optional.empty(), Optional.empty(), 1);
  }

  Keys train() {
    return new Keys(features, labels);
  }

  private NpzOptions with(String newFeatures, String newLabels) {
    return new NpzOptions(newFeatures, newLabels, testFeatures, testLabels, divide, classes);
  }

  /**
   * With the keys that a file has, where none were named and it has no array of the default's name:
   * {@code x_train} and {@code y_train}, as Keras names them, or all arrays but labels.
   */
  NpzOptions of(NpzFile npz) {
    boolean labelsAreNamed = !DEFAULT_LABELS.contains(labels);
    if (!features.equals(DEFAULT_FEATURES) || npz.has(DEFAULT_FEATURES)) {
      // What is an input is no label, unless somebody says so.
      return !labelsAreNamed && train().arrays().contains(labels) ? with(features, "") : this;
    }
    if (npz.has(TRAIN.features())) {
      boolean labelled = !labelsAreNamed && npz.has(TRAIN.labels());
      return with(TRAIN.features(), labelled ? TRAIN.labels() : labels);
    }
    List<String> found = new ArrayList<>(npz.keys());
    found.removeIf(key -> key.equals(labels) || DEFAULT_LABELS.contains(key));
    testFeatures.ifPresent(keys -> found.removeAll(new Keys(keys, "").arrays()));
    testLabels.ifPresent(found::remove);
    found.removeAll(npz.keys().stream().map(key -> key + TEST_SUFFIX).toList());
    return found.isEmpty() ? this : with(String.join(",", found), labels);
  }

  /** Whether a test part was named, so that it must be there. */
  boolean namesTest() {
    return testFeatures.isPresent() || testLabels.isPresent();
  }

  /** Where the test part is looked for. */
  Keys testKeys(NpzFile npz) {
    List<String> keys = train().arrays().stream().map(key -> key + TEST_SUFFIX).toList();
    boolean usual = keys.size() == 1 && !npz.has(keys.get(0));
    String ofLabels = labels + TEST_SUFFIX;
    return new Keys(
        testFeatures.orElse(usual ? TEST.features() : String.join(",", keys)),
        testLabels.orElse(npz.has(ofLabels) ? ofLabels : TEST.labels()));
  }
}
