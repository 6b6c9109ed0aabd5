package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.List;

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
}
