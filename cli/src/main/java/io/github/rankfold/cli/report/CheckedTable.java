package io.github.rankfold.cli.report;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.files.CsvTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** A table of a known kind in which every number is finite or absent. Immutable. */
public final class CheckedTable {
  private final CsvTable cells;
  private final Set<String> mayBeAbsent;

  private CheckedTable(CsvTable cells, Set<String> mayBeAbsent) {
    this.cells = cells;
    this.mayBeAbsent = mayBeAbsent;
  }

  /**
   * Reads {@code file} as {@code kind}. A missing column or a cell that is no number is an input
   * error naming file, row and column; the header is row 1.
   */
  static CheckedTable read(Path file, ReportTable kind) {
    CsvTable cells = CsvTable.read(file);
    List<String> expected = new ArrayList<>(kind.textColumns());
    expected.addAll(kind.numberColumns());
    for (String column : expected) {
      int found = Collections.frequency(cells.columns(), column);
      if (found != 1) {
        throw new InvalidInputException(
            "%s: expected one column %s, found %d among %s"
                .formatted(file, column, found, String.join(", ", cells.columns())));
      }
    }
    CheckedTable table = new CheckedTable(cells, Set.copyOf(kind.laterColumns()));
    List<String> numbers = new ArrayList<>(kind.numberColumns());
    numbers.addAll(kind.laterNumberColumns());
    numbers.retainAll(cells.columns());
    for (String column : numbers) {
      int index = cells.columns().indexOf(column);
      for (int row = 0; row < table.size(); row++) {
        String cell = cells.rows().get(row).get(index);
        if (!isNumberOrEmpty(cell)) {
          throw new InvalidInputException(
              "%s: row %d: column %s: expected a number or an empty cell, found \"%s\""
                  .formatted(file, row + 2, column, cell));
        }
      }
    }
    return table;
  }

  private static boolean isNumberOrEmpty(String cell) {
    if (cell.isEmpty()) {
      return true;
    }
    try {
      return Double.isFinite(Double.parseDouble(cell));
    } catch (NumberFormatException e) {
      return false;
    }
  }

  int size() {
    return cells.rows().size();
  }

  String text(int row, String column) {
    boolean absent = mayBeAbsent.contains(column) && !cells.columns().contains(column);
    return absent ? "" : cells.cell(row, column);
  }

  /** Whether any row has something in a column. */
  boolean says(String column) {
    return distinct(column).stream().anyMatch(cell -> !cell.isEmpty());
  }

  /** The number in a cell; empty where it is undefined. */
  OptionalDouble number(int row, String column) {
    String cell = text(row, column);
    return cell.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(cell));
  }

  /** The number as a person reads it; an en dash where it is undefined. */
  String shown(int row, String column) {
    OptionalDouble number = number(row, column);
    return number.isPresent() ? HumanNumber.of(number.getAsDouble()) : HumanNumber.UNDEFINED;
  }

  /** The first row whose {@code column} reads {@code value}. */
  Optional<Integer> rowWhere(String column, String value) {
    for (int row = 0; row < size(); row++) {
      if (text(row, column).equals(value)) {
        return Optional.of(row);
      }
    }
    return Optional.empty();
  }

  /** The largest number of a column, empty when it has none. */
  OptionalDouble largest(String column) {
    OptionalDouble largest = OptionalDouble.empty();
    for (int row = 0; row < size(); row++) {
      OptionalDouble number = number(row, column);
      if (number.isPresent()
          && (largest.isEmpty() || number.getAsDouble() > largest.getAsDouble())) {
        largest = number;
      }
    }
    return largest;
  }

  /** The distinct texts of a column, in the order of their first row. */
  List<String> distinct(String column) {
    List<String> texts = new ArrayList<>();
    for (int row = 0; row < size(); row++) {
      texts.add(text(row, column));
    }
    return texts.stream().distinct().toList();
  }
}
