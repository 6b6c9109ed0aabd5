package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads the rows of a CSV file into features and the text of their labels. */
final class CsvRows {
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Path file;
  private final CsvColumns columns;
  private final List<String> classes;
  private final List<String> labels = new ArrayList<>();
  private double[] values = new double[1024];
  private int count;

  /**
   * @param classes what labels may be; any text where empty
   */
  private CsvRows(Path file, CsvColumns columns, List<String> classes) {
    this.file = file;
    this.columns = columns;
    this.classes = classes;
  }

  static CsvRows read(Path file, CsvOptions options) {
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setDelimiter(options.delimiter())
            .setIgnoreEmptyLines(true)
            .setIgnoreSurroundingSpaces(true)
            .get();
    // A decoder that reports: bytes that are no UTF-8 would otherwise turn into question marks.
    try (InputStream in = InputFiles.stream(file);
        InputStreamReader reader = new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
        CSVParser parser = CSVParser.builder().setReader(reader).setFormat(format).get()) {
      return read(file, parser.iterator(), options);
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      throw unreadable(file, cause == null ? new IOException(e) : cause);
    }
  }

  private static CsvRows read(Path file, Iterator<CSVRecord> records, CsvOptions options) {
    if (!records.hasNext()) {
      throw new InvalidInputException(file + ": expected rows of data, found an empty file");
    }
    CSVRecord first = records.next();
    CsvRows rows =
        new CsvRows(file, CsvColumns.of(file, firstRow(first), options), options.classes());
    if (!options.header()) {
      rows.add(first);
    }
    while (records.hasNext()) {
      rows.add(records.next());
    }
    if (rows.count == 0) {
      throw new InvalidInputException(file + ": expected rows of data, found only a header row");
    }
    return rows;
  }

  private static List<String> firstRow(CSVRecord record) {
    List<String> cells = new ArrayList<>(record.toList());
    cells.set(0, withoutMark(cells.get(0)));
    return cells;
  }

  /** Spreadsheets put a byte order mark in front of UTF-8. */
  private static String withoutMark(String cell) {
    return cell.startsWith(BYTE_ORDER_MARK) ? cell.substring(1).strip() : cell;
  }

  private void add(CSVRecord record) {
    if (record.size() != columns.names().size()) {
      throw new InvalidInputException(
          "%s: row %d: expected %d cells, found %d"
              .formatted(file, record.getRecordNumber(), columns.names().size(), record.size()));
    }
    if (count + columns.features() > values.length) {
      values = Arrays.copyOf(values, Math.multiplyExact(2, values.length) + columns.features());
    }
    for (int column = 0; column < record.size(); column++) {
      String cell = record.get(column);
      if (record.getRecordNumber() == 1 && column == 0) {
        cell = withoutMark(cell);
      }
      if (column == columns.label()) {
        labels.add(label(record, cell));
      } else {
        values[count++] = number(record, column, cell);
      }
    }
  }

  private String label(CSVRecord record, String cell) {
    if (cell.isEmpty()) {
      throw refused(record, columns.label(), "a label", "an empty cell");
    }
    if (!classes.isEmpty() && !classes.contains(cell)) {
      String expected = "one of the classes " + String.join(", ", classes);
      throw refused(record, columns.label(), expected, "\"" + cell + "\"");
    }
    return cell;
  }

  private double number(CSVRecord record, int column, String cell) {
    double value;
    try {
      value = Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      String found = cell.isEmpty() ? "an empty cell" : "\"" + cell + "\"";
      throw refused(record, column, "a number", found);
    }
    if (!Double.isFinite(value)) {
      throw refused(record, column, "a finite number", cell);
    }
    return value;
  }

  private InvalidInputException refused(
      CSVRecord record, int column, String expected, String found) {
    return new InvalidInputException(
        "%s: row %d, column %s: expected %s, found %s"
            .formatted(
                file, record.getRecordNumber(), columns.names().get(column), expected, found));
  }

  private static InvalidInputException unreadable(Path file, IOException e) {
    if (e instanceof CharacterCodingException) {
      return new InvalidInputException(file + ": expected UTF-8 text, found other bytes", e);
    }
    return InputFiles.unreadable(file, e);
  }

  Features features() {
    return new DoubleFeatures(Arrays.copyOf(values, count), columns.features());
  }

  /** The label column's text, row by row. */
  List<String> labels() {
    return labels;
  }
}
