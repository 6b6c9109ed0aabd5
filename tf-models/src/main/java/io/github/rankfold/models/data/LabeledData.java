package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * N samples with a class label each; immutable, readable any number of times and from any thread.
 *
 * <p>Features are handed out by copying a range of samples into a caller's buffer, row-major [count
 * x {@link #featureWidth()}], so that the samples themselves may live in a mapped file.
 */
public final class LabeledData {
  private final String name;
  private final Features features;
  private final List<Integer> featureShape;
  private final int[] labels;
  private final List<String> classNames;
  private final @Nullable Standardization standardization;

  /**
   * @param name where the data came from, as a user would write it
   * @param features [N x width]
   * @param featureShape the shape of one sample; its product is the width
   * @param labels N labels in 0..K-1, copied
   * @param classNames K names
   */
  public LabeledData(
      String name,
      Features features,
      List<Integer> featureShape,
      int[] labels,
      List<String> classNames) {
    this(name, features, featureShape, labels, classNames, null);
  }

  private LabeledData(
      String name,
      Features features,
      List<Integer> featureShape,
      int[] labels,
      List<String> classNames,
      @Nullable Standardization standardization) {
    int width = featureShape.stream().reduce(1, Math::multiplyExact);
    if (width != features.width()) {
      throw new IllegalArgumentException(
          "%s: expected features of shape %s, found width %d"
              .formatted(name, featureShape, features.width()));
    }
    if (features.samples() != labels.length) {
      throw new InvalidInputException(
          "%s: expected as many labels as samples, found %d samples and %d labels"
              .formatted(name, features.samples(), labels.length));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classNames.size()) {
        throw new InvalidInputException(
            "%s: sample %d: expected a label in 0..%d, found %d"
                .formatted(name, i, classNames.size() - 1, labels[i]));
      }
    }
    this.name = name;
    this.features = features;
    this.featureShape = List.copyOf(featureShape);
    this.labels = labels.clone();
    this.classNames = List.copyOf(classNames);
    this.standardization = standardization;
  }

  public String name() {
    return name;
  }

  /** The number of samples, N. */
  public int size() {
    return labels.length;
  }

  /** The number of classes, K. */
  public int classes() {
    return classNames.size();
  }

  public List<String> classNames() {
    return classNames;
  }

  /** The shape of one sample, for instance [784] or [28, 28, 1]. */
  public List<Integer> featureShape() {
    return featureShape;
  }

  /** The number of values of one sample. */
  public int featureWidth() {
    return features.width();
  }

  /** The label of sample {@code i}, in 0..K-1. */
  public int label(int i) {
    return labels[i];
  }

  /** The number of samples of each class, in the order of {@link #classNames}. */
  public int[] classCounts() {
    int[] counts = new int[classes()];
    for (int label : labels) {
      counts[label]++;
    }
    return counts;
  }

  /** How the values are stored, for those who can use it without a copy. */
  public Features features() {
    return features;
  }

  /** Copies samples from (inclusive) to (exclusive) into {@code target}, row by row. */
  public void copyFeatures(int from, int to, FloatBuffer target) {
    features.copy(from, to, target);
  }

  /** As the float variant, in double precision where the source has it. */
  public void copyFeatures(int from, int to, DoubleBuffer target) {
    features.copy(from, to, target);
  }

  /** Samples from (inclusive) to (exclusive), over the same memory. */
  public LabeledData range(int from, int to) {
    return with(
        "%s[%d:%d]".formatted(name, from, to),
        features.range(from, to),
        Arrays.copyOfRange(labels, from, to));
  }

  /** The first {@code count} samples, or all where there are fewer. */
  public LabeledData head(int count) {
    return count >= size() ? this : range(0, count);
  }

  /** These samples in this order, copied. */
  public LabeledData select(int[] samples) {
    return with(
        "%s[%d selected]".formatted(name, samples.length),
        features.select(samples),
        Arrays.stream(samples).map(i -> labels[i]).toArray());
  }

  /** The same data under the name that a user knows it by. */
  LabeledData named(String newName) {
    return with(newName, features, labels);
  }

  /** Standardized by what was taken from the training part. */
  LabeledData standardized(Standardization by) {
    return new LabeledData(name, by.apply(features), featureShape, labels, classNames, by);
  }

  private LabeledData with(String newName, Features newFeatures, int[] newLabels) {
    return new LabeledData(
        newName, newFeatures, featureShape, newLabels, classNames, standardization);
  }

  /**
   * Refuses data that class statistics are not defined for: no samples of some class, or a single
   * class.
   */
  public void requireEveryClass() {
    int[] counts = classCounts();
    List<String> found =
        IntStream.range(0, classes()).filter(k -> counts[k] > 0).mapToObj(classNames::get).toList();
    if (found.size() < 2) {
      throw new InvalidInputException(
          "%s: expected samples of at least two classes, found %s"
              .formatted(name, found.isEmpty() ? "no samples" : "only class " + found.get(0)));
    }
    if (found.size() < classes()) {
      List<String> empty =
          IntStream.range(0, classes())
              .filter(k -> counts[k] == 0)
              .mapToObj(classNames::get)
              .toList();
      throw new InvalidInputException(
          "%s: expected samples of each of %d classes, found none of class %s"
              .formatted(name, classes(), String.join(", ", empty)));
    }
  }

  /** SHA-256 of features and labels as read, in hexadecimal; takes a pass over the data. */
  public String sha256() {
    return DataDigest.of(this);
  }

  /** Where the data came from and what it is; takes a pass over the data. */
  public DataProvenance provenance() {
    return new DataProvenance(name, size(), featureShape, classNames, standardization, sha256());
  }
}
