package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What imbalance does, as a terminal shows it: {@code imbalance.csv} and the small classes of
 * {@code class_collapse.csv}, of the data that comes first.
 */
final class MinorityText {
  /** Under the tables. */
  static final String ABOUT =
      """
      length: of the class means, from their common mean; cosine: between two of them,
      about -1/(K-1) in balanced data, to 1 where minorities collapse into one.
      """;

  private static final int SHOWN_CLASSES = 5;

  private final CsvTable imbalance;
  private final CsvTable classes;

  MinorityText(CsvTable imbalance, CsvTable classes) {
    this.imbalance = imbalance;
    this.classes = classes;
  }

  /** Whether there are no minorities. */
  boolean isEmpty() {
    return imbalance.rows().isEmpty();
  }

  /** How unequal the classes are, in a sentence. */
  String headline() {
    long small = Long.parseLong(imbalance.cell(0, "minority_classes"));
    long others = Long.parseLong(imbalance.cell(0, "majority_classes"));
    return String.format(
        Locale.ROOT,
        "Imbalance: %d of %d classes %s less than half of the largest one's samples,%nand the"
            + " smallest %,.1f times fewer:",
        small,
        small + others,
        small == 1 ? "has" : "have",
        Double.parseDouble(imbalance.cell(0, "ratio")));
  }

  /** Minorities beside the others at every place, then the smallest classes one by one. */
  String tables() {
    TextTable groups =
        TextTable.headed(
            "input of",
            "length, small",
            "length, others",
            "cosine, small",
            "cosine, others",
            "right, small",
            "right, others");
    String split = imbalance.cell(0, "split");
    for (int row = 0; row < imbalance.rows().size(); row++) {
      if (imbalance.cell(row, "split").equals(split)) {
        groups.row(
            place(imbalance, row),
            at(imbalance, row, "minority_mean_norm"),
            at(imbalance, row, "majority_mean_norm"),
            at(imbalance, row, "minority_cosine"),
            at(imbalance, row, "majority_cosine"),
            percent(imbalance, row, "minority_accuracy"),
            percent(imbalance, row, "majority_accuracy"));
      }
    }
    TextTable smallest = TextTable.headed("class", "samples", "right", "nearest class", "CDNV");
    for (int row : smallestClasses(split)) {
      smallest.row(
          classes.cell(row, "class"),
          at(classes, row, "samples"),
          percent(classes, row, "accuracy"),
          classes.cell(row, "nearest_class"),
          at(classes, row, "cdnv"));
    }
    return "%s%n%n%s".formatted(groups.text(), smallest.text());
  }

  /** Rows of the logits, where a class has its accuracy, the fewest samples first. */
  private List<Integer> smallestClasses(String split) {
    int last = imbalance.rows().size() - 1;
    int small = Integer.parseInt(imbalance.cell(last, "minority_classes"));
    List<Integer> rows =
        new ArrayList<>(
            IntStream.range(0, classes.rows().size())
                .filter(row -> classes.cell(row, "split").equals(split))
                .filter(row -> classes.cell(row, "layer").equals("output"))
                .boxed()
                .toList());
    rows.sort(Comparator.comparingLong(row -> Long.parseLong(classes.cell(row, "samples"))));
    return rows.subList(0, Math.min(rows.size(), Math.min(small, SHOWN_CLASSES)));
  }

  private static String place(CsvTable table, int row) {
    String layer = table.cell(row, "layer");
    String features = table.cell(row, "features");
    return (layer.equals("output") ? "(logits)" : layer)
        + (features.equals("vector") ? "" : " " + features.replace('_', ' '));
  }

  private static String at(CsvTable table, int row, String column) {
    return TextTable.forReading(table.cell(row, column));
  }

  private static String percent(CsvTable table, int row, String column) {
    String cell = table.cell(row, column);
    return cell.isEmpty()
        ? ""
        : String.format(Locale.ROOT, "%.1f%%", 100 * Double.parseDouble(cell));
  }
}
