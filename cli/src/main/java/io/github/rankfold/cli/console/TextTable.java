package io.github.rankfold.cli.console;

import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tables as a terminal shows them, and as JSON has them. */
public final class TextTable {
  private TextTable() {}

  /** Aligned columns, numbers with four digits; columns that are empty throughout are left out. */
  public static String of(CsvTable table) {
    List<Integer> shown = new ArrayList<>();
    for (int column = 0; column < table.columns().size(); column++) {
      int index = column;
      if (table.rows().stream().anyMatch(row -> !row.get(index).isEmpty())) {
        shown.add(column);
      }
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(shown.stream().map(column -> table.columns().get(column)).toList());
    for (List<String> row : table.rows()) {
      lines.add(shown.stream().map(column -> forReading(row.get(column))).toList());
    }
    return aligned(lines);
  }

  private static String aligned(List<List<String>> lines) {
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder shown = new StringBuilder();
      for (int column = 0; column < line.size(); column++) {
        int index = column;
        int width = lines.stream().mapToInt(cells -> cells.get(index).length()).max().orElse(0);
        boolean words = lines.stream().skip(1).anyMatch(cells -> !isNumber(cells.get(index)));
        String cell = line.get(column);
        String padding = " ".repeat(width - cell.length());
        shown.append(column == 0 ? "" : "  ").append(words ? cell + padding : padding + cell);
      }
      text.append(shown.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString().stripTrailing();
  }

  private static boolean isNumber(String cell) {
    return cell.isEmpty() || cell.matches("[-+0-9.,eE%]+");
  }

  /** Whole numbers as they are, others with four significant digits. */
  static String forReading(String cell) {
    if (cell.isEmpty() || cell.matches("-?\\d+") || !isNumber(cell)) {
      return cell;
    }
    try {
      double value = Double.parseDouble(cell);
      double size = Math.abs(value);
      if (size != 0 && (size < 1e-3 || size >= 1e6)) {
        return String.format(Locale.ROOT, "%.2e", value);
      }
      int digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
      return String.format(Locale.ROOT, "%." + digits + "f", value);
    } catch (NumberFormatException e) {
      return cell;
    }
  }

  /** A number as the tables show it. */
  public static String number(double value) {
    return forReading(Double.toString(value));
  }

  /** One map a row; numbers as numbers, empty cells left out. */
  public static List<Map<String, Object>> rows(CsvTable table) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (List<String> cells : table.rows()) {
      Map<String, Object> row = new LinkedHashMap<>();
      for (int column = 0; column < cells.size(); column++) {
        if (!cells.get(column).isEmpty()) {
          row.put(table.columns().get(column), typed(cells.get(column)));
        }
      }
      rows.add(row);
    }
    return rows;
  }

  private static Object typed(String cell) {
    try {
      return cell.matches("-?\\d{1,18}") ? (Object) Long.valueOf(cell) : Double.valueOf(cell);
    } catch (NumberFormatException e) {
      return cell;
    }
  }
}
