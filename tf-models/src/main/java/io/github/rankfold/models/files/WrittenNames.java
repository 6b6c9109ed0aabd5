package io.github.rankfold.models.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names of what commands write into an output folder, so that a folder with anything else in it
 * is never replaced. {@code docs/files.md} says what each is.
 */
public final class WrittenNames {
  private static final Set<String> FILES =
      Set.of(
          "analysis_notes.csv",
          "certificate_spectrum.csv",
          "certificates.csv",
          "class_collapse.csv",
          "class_pairs.csv",
          "collapse.csv",
          "compression.csv",
          "evaluation.csv",
          "feature_ranks.csv",
          "forecast.csv",
          "forecast_layers.csv",
          "forecast_score.csv",
          "forward_bounds.csv",
          "history.csv",
          "imbalance.csv",
          "layers.csv",
          "manifest.json",
          "merge.csv",
          "output_bound_layers.csv",
          "output_bounds.csv",
          "ranks.csv",
          "report.html",
          "search.csv",
          "spectra.csv",
          "summary.json",
          "truncation.csv");

  /** The table, the page and the plots of a study. */
  private static final Pattern STUDY =
      Pattern.compile(
          "(lambda|depth|time|residual|truncation|barrier|parallel|forecast)"
              + "(\\.csv|\\.md|-[a-z0-9-]+\\.svg)");

  private static final String MODEL = "saved_model";

  /** Folders of the demo, which hold the like themselves; others use these names, too. */
  private static final Set<String> STAGES = Set.of("run", "compressed");

  private WrittenNames() {}

  /** The first entry of a folder, by name, that no command writes; empty where there is none. */
  public static Optional<Path> foreignIn(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : (Iterable<Path>) entries.sorted()::iterator) {
        if (!isWritten(entry)) {
          return Optional.of(entry);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isWritten(Path entry) throws IOException {
    String name = String.valueOf(entry.getFileName());
    if (Files.isDirectory(entry)) {
      return name.equals(MODEL) || (STAGES.contains(name) && foreignIn(entry).isEmpty());
    }
    return FILES.contains(name) || STUDY.matcher(name).matches();
  }
}
