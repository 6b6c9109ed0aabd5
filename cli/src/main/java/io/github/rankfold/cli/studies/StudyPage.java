package io.github.rankfold.cli.studies;

import io.github.rankfold.models.files.CsvTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a study leaves behind: its table, its plots, and a page of Markdown that says what was
 * expected and what was seen.
 */
public final class StudyPage {
  private final String name;
  private final Study study;
  private final CsvTable table;

  public StudyPage(String name, Study study, CsvTable table) {
    this.name = name;
    this.study = study;
    this.table = table;
  }

  /** Writes {@code NAME.csv}, {@code NAME.md} and {@code NAME-PLOT.svg} into the folder. */
  public void write(Path folder) throws IOException {
    table.write(folder.resolve(name + ".csv"));
    for (StudyPlot plot : study.plots(table)) {
      Files.writeString(folder.resolve(file(plot)), plot.svg());
    }
    Files.writeString(folder.resolve(name + ".md"), markdown());
  }

  /** What the table says. */
  public List<String> seen() {
    return study.seen(table);
  }

  private String file(StudyPlot plot) {
    return "%s-%s.svg".formatted(name, plot.name());
  }

  private String markdown() {
    StringBuilder page = new StringBuilder();
    page.append("## ").append(study.title()).append("\n\n");
    page.append("Expected: ").append(study.expectation()).append("\n\n");
    page.append("Done: ").append(study.recipe()).append("\n\nSeen:\n\n");
    seen().forEach(sentence -> page.append("- ").append(sentence).append('\n'));
    for (StudyPlot plot : study.plots(table)) {
      page.append("\n![").append(plot.title()).append("](").append(file(plot)).append(")\n");
    }
    return page.toString();
  }
}
