package io.github.rankfold.cli.console;

import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A table as a terminal shows it: aligned columns under short headings, a few that matter rather
 * than all. Files and JSON have all columns.
 */
public final class TextTable {
  private static final String GAP = "  ";

  private final List<List<String>> lines = new ArrayList<>();

  private TextTable(List<String> headings) {
    lines.add(headings);
  }

  /** Starts a table with these headings. */
  public static TextTable headed(String... headings) {
    return new TextTable(List.of(headings));
  }

  /** Adds a row, one cell a heading. */
  public TextTable row(String... cells) {
    if (cells.length != lines.get(0).size()) {
      throw new IllegalArgumentException(
          "expected %d cells for %s, found %d"
              .formatted(lines.get(0).size(), lines.get(0), cells.length));
    }
    lines.add(List.of(cells));
    return this;
  }

  /** Whether no row was added. */
  public boolean isEmpty() {
    return lines.size() == 1;
  }

  /**
   * Numbers to the right and words to the left, two spaces before every line; columns that are
   * empty throughout are left out.
   */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder shown = new StringBuilder();
      for (int column = 0; column < line.size(); column++) {
        if (saysSomething(column)) {
          shown.append(GAP).append(padded(line.get(column), column));
        }
      }
      text.append(shown.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString().stripTrailing();
  }

  private boolean saysSomething(int column) {
    return lines.stream().skip(1).anyMatch(cells -> !cells.get(column).isEmpty());
  }

  private String padded(String cell, int column) {
    int width = lines.stream().mapToInt(cells -> cells.get(column).length()).max().orElse(0);
    boolean words = lines.stream().skip(1).anyMatch(cells -> !startsAsNumber(cells.get(column)));
    String padding = " ".repeat(width - cell.length());
    return words ? cell + padding : padding + cell;
  }

  private static boolean startsAsNumber(String cell) {
    return cell.isEmpty() || cell.matches("[-+]?\\d.*");
  }

  /** Whole numbers with separators, others with four significant digits; words as they are. */
  public static String forReading(String cell) {
    try {
      return cell.matches("-?\\d{1,18}")
          ? String.format(Locale.ROOT, "%,d", Long.parseLong(cell))
          : number(Double.parseDouble(cell));
    } catch (NumberFormatException e) {
      return cell;
    }
  }

  /** A number with four significant digits. */
  public static String number(double value) {
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e6)) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    int digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** {@code 1 step}, {@code 2 steps}. */
  public static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }

  /** One map a row, for JSON: numbers, truth values and text as they are, without empty cells. */
  public static List<Map<String, Object>> rows(CsvTable table) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (List<Optional<Object>> cells : table.values()) {
      Map<String, Object> row = new LinkedHashMap<>();
      for (int column = 0; column < cells.size(); column++) {
        String name = table.columns().get(column);
        cells.get(column).ifPresent(value -> row.put(name, value));
      }
      rows.add(row);
    }
    return rows;
  }
}
