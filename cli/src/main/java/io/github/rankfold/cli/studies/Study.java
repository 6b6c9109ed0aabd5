package io.github.rankfold.cli.studies;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.models.files.CsvTable;
import java.util.List;

/**
 * A seeded experiment: what it varies, what theory expects of that, the table it gives, and what
 * the table says.
 *
 * <p>{@link #run} alone computes; everything else reads its table, so that a table of another day
 * can be drawn and put into words again.
 */
public interface Study {
  /** In a line, for a heading. */
  String title();

  /** What theory expects. */
  String expectation();

  /** Networks, penalties, seeds: what is needed to do it again by other means. */
  String recipe();

  /** Steps of the progress bar. */
  int steps();

  /** Does the experiment: one row a measurement, the seed in a column of its own. */
  CsvTable run(Progress progress);

  /** What was seen, in sentences whose numbers all come from the table. */
  List<String> seen(CsvTable table);

  /** The plots of the table. */
  List<StudyPlot> plots(CsvTable table);
}
