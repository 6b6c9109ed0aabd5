package io.github.rankfold.models.data;

import java.util.List;
import java.util.Optional;

/**
 * How to read a CSV file as labelled data.
 *
 * @param label the label column's name, or its index from 0; the last column if not given, none if
 *     empty text
 * @param header whether the first row holds column names
 * @param delimiter between cells
 * @param standardize whether each feature gets mean 0 and standard deviation 1, by the training
 *     part
 * @param heldOut the part to hold out as test data, none if not given
 * @param classes the labels in the order of a model's outputs, all that the file has and maybe
 *     more; the sorted ones of the file where empty
 */
public record CsvOptions(
    Optional<String> label,
    boolean header,
    char delimiter,
    boolean standardize,
    Optional<HeldOut> heldOut,
    List<String> classes,
    List<String> features,
    List<String> dropped) {
  public CsvOptions {
    classes = List.copyOf(classes);
    features = List.copyOf(features);
    dropped = List.copyOf(dropped);
  }

  /**
   * A random part of the rows, the same for the same seed.
   *
   * @param fraction of the rows, in (0, 1)
   */
  public record HeldOut(double fraction, long seed) {
    public HeldOut {
      if (!(fraction > 0 && fraction < 1)) {
        throw new IllegalArgumentException("fraction must be in (0, 1), was " + fraction);
      }
    }
  }

  /** A header row, commas, the label last, nothing standardized or held out. */
  public static CsvOptions defaults() {
    return new CsvOptions(
        Optional.empty(), true, ',', false, Optional.empty(), List.of(), List.of(), List.of());
  }

  /** Whether a column holds labels. */
  boolean hasLabels() {
    return label.isEmpty() || !label.get().isEmpty();
  }

  public CsvOptions withLabel(String column) {
    return new CsvOptions(
        Optional.of(column), header, delimiter, standardize, heldOut, classes, features, dropped);
  }

  public CsvOptions withHeader(boolean present) {
    return new CsvOptions(
        label, present, delimiter, standardize, heldOut, classes, features, dropped);
  }

  public CsvOptions withDelimiter(char between) {
    return new CsvOptions(label, header, between, standardize, heldOut, classes, features, dropped);
  }

  public CsvOptions standardized() {
    return new CsvOptions(label, header, delimiter, true, heldOut, classes, features, dropped);
  }

  public CsvOptions holdingOut(double fraction, long seed) {
    return new CsvOptions(
        label,
        header,
        delimiter,
        standardize,
        Optional.of(new HeldOut(fraction, seed)),
        classes,
        features,
        dropped);
  }

  public CsvOptions withClasses(List<String> names) {
    return new CsvOptions(label, header, delimiter, standardize, heldOut, names, features, dropped);
  }

  public CsvOptions withFeatures(List<String> columns) {
    return new CsvOptions(
        label, header, delimiter, standardize, heldOut, classes, columns, dropped);
  }

  public CsvOptions dropping(List<String> columns) {
    return new CsvOptions(
        label, header, delimiter, standardize, heldOut, classes, features, columns);
  }
}
