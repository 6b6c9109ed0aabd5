package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The columns of a CSV file and which of them is the label.
 *
 * @param names as the header says, or the indices from 0
 * @param label index of the label column, {@link #NONE} where there is none
 */
record CsvColumns(List<String> names, int label) {
  /** No column is the label. */
  static final int NONE = -1;

  CsvColumns {
    names = List.copyOf(names);
  }

  /**
   * @param firstRow the header, or the first row of data
   */
  static CsvColumns of(Path file, List<String> firstRow, CsvOptions options) {
    List<String> names =
        options.header()
            ? firstRow
            : IntStream.range(0, firstRow.size()).mapToObj(Integer::toString).toList();
    boolean labelled = options.hasLabels();
    if (labelled && names.size() < 2) {
      throw new InvalidInputException(
          "%s: row 1: expected a label and at least one feature separated by \"%s\", found %s"
              .formatted(file, options.delimiter(), firstRow));
    }
    requireDistinct(file, names);
    return new CsvColumns(names, labelled ? indexOfLabel(file, names, options.label()) : NONE);
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

  private static int indexOfLabel(Path file, List<String> names, Optional<String> label) {
    if (label.isEmpty()) {
      return names.size() - 1;
    }
    int index = names.indexOf(label.get());
    if (index < 0) {
      index = parseIndex(label.get());
    }
    if (index < 0 || index >= names.size()) {
      throw new InvalidInputException(
          "%s: expected a label column \"%s\", found columns %s"
              .formatted(file, label.get(), String.join(", ", names)));
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

  /** The number of features, all columns but the label. */
  int features() {
    return label == NONE ? names.size() : names.size() - 1;
  }
}
