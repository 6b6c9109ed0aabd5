package io.github.rankfold.cli.studies;

import io.github.rankfold.models.files.CsvTable;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Some rows of a study's table, and what they come to over the seeds. */
record StudyRows(CsvTable table, List<Integer> rows) {
  StudyRows {
    rows = List.copyOf(rows);
  }

  static StudyRows of(CsvTable table) {
    return new StudyRows(table, IntStream.range(0, table.rows().size()).boxed().toList());
  }

  /** Those whose cell is this value, as the table writes it. */
  StudyRows where(String column, Object value) {
    return kept(row -> table.cell(row, column).equals(value.toString()));
  }

  /** Those whose cell is another value. */
  StudyRows whereNot(String column, Object value) {
    return kept(row -> !table.cell(row, column).equals(value.toString()));
  }

  private StudyRows kept(IntPredicate condition) {
    return new StudyRows(table, rows.stream().filter(condition::test).toList());
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The different cells of a column, in order of appearance. */
  List<String> distinct(String column) {
    return rows.stream().map(row -> table.cell(row, column)).distinct().toList();
  }

  /** The defined numbers of a column, row by row. */
  double[] numbers(String column) {
    return rows.stream()
        .map(row -> table.cell(row, column))
        .filter(cell -> !cell.isEmpty())
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  /** The median of a column's defined numbers; NaN where there is none. */
  double median(String column) {
    return median(numbers(column));
  }

  double least(String column) {
    return DoubleStream.of(numbers(column)).min().orElse(Double.NaN);
  }

  double largest(String column) {
    return DoubleStream.of(numbers(column)).max().orElse(Double.NaN);
  }

  /** The middle value, or the mean of the two in the middle; NaN where there is none. */
  static double median(double... values) {
    if (values.length == 0) {
      return Double.NaN;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
