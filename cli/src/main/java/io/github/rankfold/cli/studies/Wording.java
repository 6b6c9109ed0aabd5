package io.github.rankfold.cli.studies;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the sentences of a study write numbers. */
final class Wording {
  private Wording() {}

  /** Three significant digits, without an exponent where that reads well. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "undefined";
    }
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e5)) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    int digits = size >= 100 || value == Math.rint(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  /** The same of a cell. */
  static String number(String cell) {
    return number(Double.parseDouble(cell));
  }

  /** Some numbers in a row. */
  static String list(String between, List<Double> values) {
    return values.stream().map(Wording::number).collect(Collectors.joining(between));
  }

  /** The median of a column and, where the seeds differ, the range of it. */
  static String spread(StudyRows rows, String column) {
    String median = number(rows.median(column));
    String least = number(rows.least(column));
    String largest = number(rows.largest(column));
    return least.equals(largest) ? median : "%s (%s to %s)".formatted(median, least, largest);
  }

  /** The medians of a column for each value of another one, in order of appearance. */
  static String medians(StudyRows rows, String by, String column) {
    return rows.distinct(by).stream()
        .map(value -> number(rows.where(by, value).median(column)))
        .collect(Collectors.joining(", "));
  }

  /** A share in [0, 1] as a percentage. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  /** A difference of shares in percentage points, with its sign. */
  static String points(double difference) {
    return String.format(Locale.ROOT, "%+.2f points", 100 * difference);
  }
}
