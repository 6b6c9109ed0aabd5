package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The columns of a CSV file, and which of them are the label and the features.
 *
 * @param names as the header says, or the indices from 0
 * @param label index of the label column, {@link #NONE} where there is none
 * @param features indices of the features, in their order
 */
record CsvColumns(List<String> names, int label, List<Integer> features) {
  /** No column is the label. */
  static final int NONE = -1;

  CsvColumns {
    names = List.copyOf(names);
    features = List.copyOf(features);
  }

  /**
   * @param firstRow the header, or the first row of data
   */
  static CsvColumns of(Path file, List<String> firstRow, CsvOptions options) {
    List<String> names =
        options.header()
            ? firstRow
            : IntStream.range(0, firstRow.size()).mapToObj(Integer::toString).toList();
    if (options.hasLabels() && names.size() < 2) {
      throw new InvalidInputException(
          "%s: row 1: expected a label and at least one feature separated by \"%s\", found %s"
              .formatted(file, options.delimiter(), firstRow));
    }
    requireDistinct(file, names);
    List<Integer> chosen = indices(file, names, "features=", options.features());
    List<Integer> dropped = indices(file, names, "drop=", options.dropped());
    int label = NONE;
    if (options.hasLabels()) {
      label =
          options
              .label()
              .map(column -> index(file, names, "a label column", column))
              .orElseGet(() -> lastBut(file, names, chosen, dropped));
      if (chosen.contains(label) || dropped.contains(label)) {
        throw new InvalidInputException(
            "%s: expected a label column beside those of features= and drop=, found %s in both"
                .formatted(file, names.get(label)));
      }
    }
    int labelled = label;
    List<Integer> features =
        (chosen.isEmpty() ? IntStream.range(0, names.size()).boxed() : chosen.stream())
            .filter(column -> column != labelled && !dropped.contains(column))
            .toList();
    if (features.isEmpty()) {
      throw new InvalidInputException(
          "%s: expected a column of features, found none left of %s"
              .formatted(file, String.join(", ", names)));
    }
    return new CsvColumns(names, label, features);
  }

  /** A row of data taken for the header would be lost silently; it mostly repeats a value. */
  private static void requireDistinct(Path file, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new InvalidInputException(
            "%s: row 1: expected distinct column names, found \"%s\" twice (header=false reads a file without names)"
                .formatted(file, name));
      }
    }
  }

  /** The label where none is named: the last column that is not named for something else. */
  private static int lastBut(
      Path file, List<String> names, List<Integer> chosen, List<Integer> dropped) {
    for (int column = names.size() - 1; column >= 0; column--) {
      if (!chosen.contains(column) && !dropped.contains(column)) {
        return column;
      }
    }
    throw new InvalidInputException(
        "%s: expected a label column beside those of features= and drop=, found none (label= reads no labels)"
            .formatted(file));
  }

  private static List<Integer> indices(
      Path file, List<String> names, String parameter, List<String> columns) {
    return columns.stream().map(column -> index(file, names, parameter, column)).toList();
  }

  /**
   * @param wanted what the column is for, in the message
   * @param column a name, or an index from 0
   */
  private static int index(Path file, List<String> names, String wanted, String column) {
    int index = names.indexOf(column);
    if (index < 0) {
      index = parseIndex(column);
    }
    if (index < 0 || index >= names.size()) {
      throw new InvalidInputException(
          "%s: expected %s \"%s\", found columns %s"
              .formatted(file, wanted, column, String.join(", ", names)));
    }
    return index;
  }

  private static int parseIndex(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Whether a header looks like a row of data: its features are numbers, and do not just count. */
  boolean areMaybeData() {
    double[] numbers = new double[features.size()];
    boolean counts = true;
    for (int i = 0; i < numbers.length; i++) {
      try {
        numbers[i] = Double.parseDouble(names.get(features.get(i)));
      } catch (NumberFormatException e) {
        return false;
      }
      counts &= i == 0 ? numbers[0] == 0 || numbers[0] == 1 : numbers[i] == numbers[i - 1] + 1;
    }
    return !counts;
  }
}
