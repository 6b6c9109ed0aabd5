package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * N samples with a class label each, or with none where nothing asks for them; immutable, readable
 * any number of times and from any thread.
 *
 * <p>Features are handed out by copying a range of samples into a caller's buffer, row-major [count
 * x {@link #featureWidth()}], so that the samples themselves may live in a mapped file.
 */
public final class LabeledData {
  private final String name;
  private final Features features;
  private final List<SampleArray> arrays;
  private final Labels labels;
  private final @Nullable Standardization standardization;

  /** Null until it is asked for, as it takes a pass; a search and its manifest both ask. */
  private volatile @Nullable String sha256;

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
    this(name, features, only(featureShape), known(name, features, labels, classNames), null);
  }

  /**
   * Samples without labels.
   *
   * @param because what is missing, for those who ask for labels nevertheless
   */
  public static LabeledData unlabeled(
      String name, Features features, List<Integer> featureShape, String because) {
    return unlabeled(name, features, featureShape, Labels.None.because(because));
  }

  static LabeledData unlabeled(
      String name, Features features, List<Integer> featureShape, Labels.None none) {
    return new LabeledData(name, features, only(featureShape), none, null);
  }

  private LabeledData(
      String name,
      Features features,
      List<SampleArray> arrays,
      Labels labels,
      @Nullable Standardization standardization) {
    int width = arrays.stream().mapToInt(SampleArray::width).reduce(0, Math::addExact);
    if (width != features.width()) {
      throw new IllegalArgumentException(
          "%s: expected features of shape %s, found width %d"
              .formatted(name, arrays, features.width()));
    }
    this.name = name;
    this.features = features;
    this.arrays = List.copyOf(arrays);
    this.labels = labels;
    this.standardization = standardization;
  }

  private static List<SampleArray> only(List<Integer> featureShape) {
    return List.of(SampleArray.only(featureShape));
  }

  private static Labels known(
      String name, Features features, int[] labels, List<String> classNames) {
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
    return new Labels.Known(labels.clone(), classNames, false);
  }

  private Labels.Known known(String wanted) {
    if (labels instanceof Labels.Known known) {
      return known;
    }
    throw new InvalidInputException(
        "%s: expected labels for %s, found %s"
            .formatted(name, wanted, ((Labels.None) labels).found()));
  }

  /** Whether samples have labels; what is about classes is refused where they have none. */
  public boolean hasLabels() {
    return labels instanceof Labels.Known;
  }

  /**
   * What is in the place of labels that cannot be used; empty where there are none, or known ones.
   */
  public Optional<String> leftOutLabels() {
    return labels instanceof Labels.None none && none.areLeftOut()
        ? Optional.of(none.found())
        : Optional.empty();
  }

  /**
   * Refuses data without labels.
   *
   * @param wanted what needs them
   */
  public void requireLabels(String wanted) {
    known(wanted);
  }

  /**
   * Refuses text, and several arrays.
   *
   * @param wanted what takes one array of numbers
   */
  public void requireNumbers(String wanted) {
    if (arrays.size() != 1 || arrays.get(0).isText()) {
      throw new InvalidInputException(
          "%s: expected one array of numbers for %s, found %s"
              .formatted(name, wanted, arraysText()));
    }
  }

  /** The classes that no sample is of. */
  public List<String> absentClasses() {
    int[] counts = classCounts();
    return IntStream.range(0, classes())
        .filter(k -> counts[k] == 0)
        .mapToObj(classNames()::get)
        .toList();
  }

  public String name() {
    return name;
  }

  /** The number of samples, N. */
  public int size() {
    return features.samples();
  }

  /** The number of classes, K. */
  public int classes() {
    return classNames().size();
  }

  public List<String> classNames() {
    return known("its classes").names();
  }

  /**
   * The shape of one sample, for instance [784] or [28, 28, 1]; of several {@link #arrays}, or of
   * text, [{@link #featureWidth()}].
   */
  public List<Integer> featureShape() {
    boolean single = arrays.size() == 1 && !arrays.get(0).isText();
    return single ? arrays.get(0).shape() : List.of(featureWidth());
  }

  /** What a sample consists of, one after the other in its row of values; one array as a rule. */
  public List<SampleArray> arrays() {
    return arrays;
  }

  /** The arrays for messages and digests: the shape, as a rule. */
  String arraysText() {
    return (arrays.size() == 1 ? arrays.get(0) : arrays).toString();
  }

  /** The same samples as these arrays, which fill a row of values without a gap. */
  LabeledData withArrays(List<SampleArray> newArrays) {
    return new LabeledData(name, features, newArrays, labels, standardization);
  }

  /** The same samples with these labels in 0..K-1 of K classes. */
  LabeledData withLabels(int[] numbers, List<String> classes) {
    return with(name, features, known(name, features, numbers, classes));
  }

  /** The number of values of one sample. */
  public int featureWidth() {
    return features.width();
  }

  /** The label of sample {@code i}, in 0..K-1. */
  public int label(int i) {
    return known("each sample").number(i);
  }

  /** The number of samples of each class, in the order of {@link #classNames}. */
  public int[] classCounts() {
    return known("its classes").counts();
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
        String.format(Locale.ROOT, "%s[%d:%d]", name, from, to),
        features.range(from, to),
        labels.select(IntStream.range(from, to).toArray()));
  }

  /** The first {@code count} samples, or all where there are fewer. */
  public LabeledData head(int count) {
    return count >= size() ? this : range(0, count);
  }

  /** These samples in this order, copied. */
  public LabeledData select(int[] samples) {
    return with(
        String.format(Locale.ROOT, "%s[%d selected]", name, samples.length),
        features.select(samples),
        labels.select(samples));
  }

  /** The same data under the name that a user knows it by. */
  LabeledData named(String newName) {
    return with(newName, features, labels);
  }

  /** Standardized by what was taken from the training part. */
  LabeledData standardized(Standardization by) {
    return new LabeledData(name, by.apply(features), arrays, labels, by);
  }

  /**
   * The data with the classes of a model: labels go by the names of classes, so that data without
   * one of them, or with others first, means the same. Classes that are only numbered are taken by
   * their numbers. Data without labels stays as it is.
   *
   * @param names the model's classes, in the order of its outputs
   * @param of the model, for messages
   */
  public LabeledData withClasses(List<String> names, String of) {
    if (!(labels instanceof Labels.Known known) || known.names().equals(names)) {
      return this;
    }
    return with(name, features, known.withClasses(names, of, name));
  }

  /** The same data, whose classes are the values of a file in the order of their names. */
  LabeledData withSortedClasses() {
    Labels.Known known = known("its classes");
    int[] all = IntStream.range(0, size()).map(known::number).toArray();
    return with(name, features, new Labels.Known(all, known.names(), true));
  }

  /**
   * Whether the order of {@link #classNames} is only that of their names: the source has words, or
   * numbers of its own, and does not say which class is the first.
   */
  public boolean hasSortedClasses() {
    return labels instanceof Labels.Known known && known.isSorted();
  }

  /**
   * The data with the classes of a model that does not name them. Where {@link #hasSortedClasses},
   * whole numbers in 0..outputs-1 are the numbers of classes; other values stay in the order of
   * their names, and fewer of them than outputs, which could be any, are no labels. Nor are those
   * of more classes than outputs.
   *
   * @param outputs how many classes the model tells apart
   * @param of the model, for messages
   */
  public LabeledData forOutputs(int outputs, String of) {
    return labels instanceof Labels.Known known
        ? with(name, features, known.forOutputs(outputs, of))
        : this;
  }

  private LabeledData with(String newName, Features newFeatures, Labels newLabels) {
    return new LabeledData(newName, newFeatures, arrays, newLabels, standardization);
  }

  /** Refuses data that class statistics are not defined for: samples of a single class. */
  public void requireTwoClasses() {
    requireLabels("class statistics");
    List<String> names = classNames();
    int[] counts = classCounts();
    List<String> found =
        IntStream.range(0, classes()).filter(k -> counts[k] > 0).mapToObj(names::get).toList();
    if (found.size() < 2) {
      throw new InvalidInputException(
          "%s: expected samples of at least two classes, found %s"
              .formatted(name, found.isEmpty() ? "no samples" : "only class " + found.get(0)));
    }
  }

  /** Refuses data without samples of some class, or of a single one. */
  public void requireEveryClass() {
    requireTwoClasses();
    List<String> empty = absentClasses();
    if (!empty.isEmpty()) {
      throw new InvalidInputException(
          "%s: expected samples of each of %d classes, found none of class %s"
              .formatted(name, classes(), String.join(", ", empty)));
    }
  }

  /**
   * SHA-256 of features and labels, if there are some, as read, in hexadecimal; takes a pass over
   * the data.
   */
  public String sha256() {
    String known = sha256;
    if (known == null) {
      known = DataDigest.of(this);
      sha256 = known;
    }
    return known;
  }

  /** Where the data came from and what it is; takes a pass over the data. */
  public DataProvenance provenance() {
    List<String> classes = hasLabels() ? classNames() : List.of();
    return new DataProvenance(name, size(), featureShape(), classes, standardization, sha256());
  }
}
