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
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads the rows of a CSV file into features and the text of their labels. */
final class CsvRows {
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private static final Set<String> GAPS = Set.of("", "na", "n/a", "nan", "null", "none", "?");

  private final Path file;
  private final CsvColumns columns;
  private final List<String> classes;
  private final List<String> labels = new ArrayList<>();
  private double[] values = new double[1024];
  private int count;
  private long rows;
  private long rowsWithGaps;

  /** Where the first cell without a value is, and what is in it; empty where there is none. */
  private String firstGap = "";

  /**
   * @param classes what labels may be; any text where empty
   */
  private CsvRows(Path file, CsvColumns columns, List<String> classes) {
    this.file = file;
    this.columns = columns;
    this.classes = classes;
  }

  /**
   * @param notes takes a line about how the file was understood, for a user to check
   */
  static CsvRows read(Path file, CsvOptions options, Consumer<String> notes) {
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
      return read(file, parser.iterator(), options, notes);
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      throw unreadable(file, cause == null ? new IOException(e) : cause);
    }
  }

  private static CsvRows read(
      Path file, Iterator<CSVRecord> records, CsvOptions options, Consumer<String> notes) {
    if (!records.hasNext()) {
      throw new InvalidInputException(file + ": expected rows of data, found an empty file");
    }
    CSVRecord first = records.next();
    CsvRows rows =
        new CsvRows(file, CsvColumns.of(file, firstRow(first), options), options.classes());
    if (!options.header()) {
      rows.add(first);
    } else if (rows.columns.areMaybeData()) {
      notes.accept(
          file
              + ": row 1 holds numbers and was taken for the header; header=false reads it as data");
    }
    while (records.hasNext()) {
      rows.add(records.next());
    }
    if (rows.count == 0) {
      throw new InvalidInputException(file + ": expected rows of data, found only a header row");
    }
    if (!rows.firstGap.isEmpty()) {
      throw new InvalidInputException(
          "%s: %s (%d of %d rows without a value in some column)"
              .formatted(file, rows.firstGap, rows.rowsWithGaps, rows.rows));
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
    int width = columns.features().size();
    if (count + width > values.length) {
      values = Arrays.copyOf(values, Math.multiplyExact(2, values.length) + width);
    }
    boolean gap = false;
    for (int column : columns.features()) {
      String cell = cell(record, column);
      if (isGap(cell)) {
        gap = true;
        if (firstGap.isEmpty()) {
          firstGap = problem(record, column, "a number", shown(cell));
        }
      }
      values[count++] = isGap(cell) ? Double.NaN : number(record, column, cell);
    }
    rows++;
    rowsWithGaps += gap ? 1 : 0;
    if (columns.label() != CsvColumns.NONE) {
      labels.add(label(record, cell(record, columns.label())));
    }
  }

  private static String cell(CSVRecord record, int column) {
    String cell = record.get(column);
    return record.getRecordNumber() == 1 && column == 0 ? withoutMark(cell) : cell;
  }

  /** As spreadsheets, R and pandas leave out a value. */
  private static boolean isGap(String cell) {
    return GAPS.contains(cell.toLowerCase(Locale.ROOT));
  }

  private static String shown(String cell) {
    return cell.isEmpty() ? "an empty cell" : "\"" + cell + "\"";
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
      String leaving = "%s (drop=%s leaves the column out)";
      String name = columns.names().get(column);
      throw refused(record, column, "a number", leaving.formatted(shown(cell), name));
    }
    if (!Double.isFinite(value)) {
      throw refused(record, column, "a finite number", cell);
    }
    return value;
  }

  private InvalidInputException refused(
      CSVRecord record, int column, String expected, String found) {
    return new InvalidInputException(file + ": " + problem(record, column, expected, found));
  }

  private String problem(CSVRecord record, int column, String expected, String found) {
    return "row %d, column %s: expected %s, found %s"
        .formatted(record.getRecordNumber(), columns.names().get(column), expected, found);
  }

  private static InvalidInputException unreadable(Path file, IOException e) {
    if (e instanceof CharacterCodingException) {
      return new InvalidInputException(file + ": expected UTF-8 text, found other bytes", e);
    }
    return InputFiles.unreadable(file, e);
  }

  Features features() {
    return new DoubleFeatures(Arrays.copyOf(values, count), columns.features().size());
  }

  /** The label column's text, row by row. */
  List<String> labels() {
    return labels;
  }
}
