package io.github.rankfold.cli.studies;

import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A study's table while it grows: a row for every point of every path through the weights. */
final class PathTable {
  private static final List<String> COLUMNS =
      List.of(
          "seed",
          "path",
          "position",
          "objective",
          "loss",
          "accuracy",
          "normalized_tcv",
          "rank_1e-2");

  private final CsvTable.Builder table;

  /**
   * @param more columns for what a study has to say of its own paths
   */
  PathTable(String... more) {
    List<String> names = new ArrayList<>(COLUMNS);
    Collections.addAll(names, more);
    this.table = CsvTable.columns(names.toArray(String[]::new));
  }

  /** Adds a point, with the cells of the columns that are the study's own. */
  void add(long seed, String path, PathPoint point, @Nullable Object... more) {
    List<@Nullable Object> cells = new ArrayList<>();
    Collections.addAll(
        cells,
        seed,
        path,
        point.position(),
        point.found().objective(),
        point.found().loss(),
        point.found().accuracy(),
        point.normalizedTcv(),
        point.rank());
    Collections.addAll(cells, more);
    table.row(cells.toArray());
  }

  CsvTable build() {
    return table.build();
  }

  /** How far {@code column} climbs again from its least value so far, by seed. */
  static List<Double> climbs(StudyRows path, String column) {
    return path.distinct("seed").stream()
        .map(seed -> WeightPath.climb(path.where("seed", seed).numbers(column)))
        .toList();
  }

  /** The objective along all paths of the first seed. */
  static StudyPlot objective(StudyRows all) {
    return plot(
        all,
        "objective",
        "Objective along paths, first seed",
        StudyPlot.Axis.linear("data loss + penalty"));
  }

  /** A column along all paths of the first seed. */
  static StudyPlot plot(StudyRows all, String column, String title, StudyPlot.Axis axis) {
    StudyRows first = all.where("seed", all.distinct("seed").get(0));
    return new StudyPlot(
        column,
        title,
        StudyPlot.Axis.linear("share of the path"),
        axis,
        StudyPlot.Curve.each(first, "path", "position", column));
  }
}
