package io.github.rankfold.models.files;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * A table with a header row: RFC 4180, UTF-8, {@code .} decimals, empty cells for what is
 * undefined.
 *
 * <p>Immutable; {@link Builder} collects rows.
 */
public final class CsvTable {
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setRecordSeparator('\n').get();

  private final List<String> columns;
  private final List<List<String>> rows;
  private final List<List<Optional<Object>>> values;

  /** Each row of values has one of text. */
  private CsvTable(
      List<String> columns, List<List<String>> rows, List<List<Optional<Object>>> values) {
    this.columns = List.copyOf(columns);
    this.rows = List.copyOf(rows);
    this.values = List.copyOf(values);
  }

  /** Starts a table with these column names. */
  public static Builder columns(String... names) {
    return new Builder(List.of(names));
  }

  /** Reads a table that {@link #write} wrote; a missing or ragged file is an input error. */
  public static CsvTable read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    try (CSVParser parser = CSVParser.parse(file, StandardCharsets.UTF_8, FORMAT)) {
      List<CSVRecord> records = parser.getRecords();
      if (records.isEmpty()) {
        throw new InvalidInputException(file + ": expected a header row, found an empty file");
      }
      List<String> header = records.get(0).toList();
      List<List<String>> rows = new ArrayList<>();
      for (CSVRecord record : records.subList(1, records.size())) {
        if (record.size() != header.size()) {
          throw new InvalidInputException(
              "%s: row %d: expected %d cells, found %d"
                  .formatted(file, record.getRecordNumber(), header.size(), record.size()));
        }
        rows.add(record.toList());
      }
      return new CsvTable(header, rows, rows.stream().map(CsvTable::asText).toList());
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + FileFailure.reason(e), e);
    } catch (UncheckedIOException e) { // how the parser reports a record that it cannot read
      throw new InvalidInputException(
          file + ": expected CSV, found " + Objects.requireNonNull(e.getCause()).getMessage(), e);
    }
  }

  /** All that is known of what was read. */
  private static List<Optional<Object>> asText(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.isEmpty() ? Optional.empty() : Optional.<Object>of(cell))
        .toList();
  }

  public List<String> columns() {
    return columns;
  }

  /** The cells, row by row; undefined cells are empty strings. */
  public List<List<String>> rows() {
    return rows;
  }

  /**
   * The same as they were given: finite numbers, booleans, and text of all else, which also is all
   * that a table that was read has. Undefined cells are empty.
   */
  public List<List<Optional<Object>>> values() {
    return values;
  }

  /** One cell by row index and column name. */
  public String cell(int row, String column) {
    int index = columns.indexOf(column);
    if (index < 0) {
      throw new IllegalArgumentException("no column " + column + " among " + columns);
    }
    return rows.get(row).get(index);
  }

  /** The rows of several tables of the same columns, one below the other. */
  public static CsvTable stacked(List<CsvTable> tables) {
    List<List<String>> rows = new ArrayList<>();
    List<List<Optional<Object>>> values = new ArrayList<>();
    for (CsvTable table : tables) {
      if (!table.columns.equals(tables.get(0).columns)) {
        throw new IllegalArgumentException(
            "expected columns %s, found %s".formatted(tables.get(0).columns, table.columns));
      }
      rows.addAll(table.rows);
      values.addAll(table.values);
    }
    return new CsvTable(tables.get(0).columns, rows, values);
  }

  /** Writes header and rows to {@code file}. */
  public void write(Path file) throws IOException {
    try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
        CSVPrinter printer = new CSVPrinter(writer, FORMAT)) {
      printer.printRecord(columns);
      for (List<String> row : rows) {
        printer.printRecord(row);
      }
    }
  }

  /** Collects the rows of one table. Not thread-safe. */
  public static final class Builder {
    private final List<String> columns;
    private final List<List<Optional<Object>>> rows = new ArrayList<>();

    private Builder(List<String> columns) {
      this.columns = columns;
    }

    /**
     * Adds a row, one value a column. Null, NaN, infinities and empty optionals become empty cells.
     */
    public Builder row(@Nullable Object... values) {
      if (values.length != columns.size()) {
        throw new IllegalArgumentException(
            "expected %d values for %s, found %d"
                .formatted(columns.size(), columns, values.length));
      }
      List<Optional<Object>> cells = new ArrayList<>(values.length);
      for (Object value : values) {
        cells.add(defined(value));
      }
      rows.add(Collections.unmodifiableList(cells));
      return this;
    }

    public CsvTable build() {
      return new CsvTable(columns, rows.stream().map(Builder::text).toList(), rows);
    }

    private static List<String> text(List<Optional<Object>> cells) {
      return cells.stream().map(cell -> cell.map(Object::toString).orElse("")).toList();
    }

    private static Optional<Object> defined(@Nullable Object value) {
      if (value == null) {
        return Optional.empty();
      }
      if (value instanceof Optional<?> optional) {
        return defined(optional.orElse(null));
      }
      if (value instanceof OptionalDouble optional) {
        return optional.isPresent() ? defined(optional.getAsDouble()) : Optional.empty();
      }
      if (value instanceof OptionalInt optional) {
        return optional.isPresent() ? Optional.of(optional.getAsInt()) : Optional.empty();
      }
      if (value instanceof Double || value instanceof Float) {
        return Double.isFinite(((Number) value).doubleValue())
            ? Optional.of(value)
            : Optional.empty();
      }
      boolean isItself = value instanceof Number || value instanceof Boolean;
      // An empty text cannot be told from an undefined cell in the file, and so is one.
      String text = value.toString();
      return isItself ? Optional.of(value) : text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
  }
}
