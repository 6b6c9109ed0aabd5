package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the first command that a newcomer types promises. */
class DemoTest {
  @TempDir private static Path folder;
  private static Path out = Path.of("");
  private static CommandLineRun demo = new CommandLineRun(-1, "", "");

  @BeforeAll
  static void run() {
    out = folder.resolve("demo");
    demo = CommandLineRun.succeeding("demo", "--out", out);
  }

  @Test
  void leavesARunACompressedModelAndAPage() throws IOException {
    assertEquals(
        List.of(
            "compressed/compression.csv",
            "compressed/evaluation.csv",
            "compressed/manifest.json",
            "compressed/saved_model/saved_model.pb",
            "compressed/saved_model/variables/variables.data-00000-of-00001",
            "compressed/saved_model/variables/variables.index",
            "report.html",
            "run/analysis_notes.csv",
            "run/certificate_spectrum.csv",
            "run/certificates.csv",
            "run/class_collapse.csv",
            "run/class_pairs.csv",
            "run/collapse.csv",
            "run/feature_ranks.csv",
            "run/forward_bounds.csv",
            "run/history.csv",
            "run/imbalance.csv",
            "run/layers.csv",
            "run/manifest.json",
            "run/saved_model/saved_model.pb",
            "run/saved_model/variables/variables.data-00000-of-00001",
            "run/saved_model/variables/variables.index",
            "run/spectra.csv",
            "run/summary.json"),
        Snapshot.files(out));
    for (String file : Snapshot.files(out)) {
      if (file.endsWith(".csv")) {
        CommandsTest.assertColumns(out.resolve(file));
      }
    }
    assertTrue(
        Snapshot.of(folder).entries().keySet().stream()
            .allMatch(path -> path.isEmpty() || path.startsWith("demo")),
        "nothing beside it");
  }

  @Test
  void compressedModelIsWithinAPointAtAThirdOfTheParameters() {
    CsvTable evaluation = CsvTable.read(out.resolve("compressed/evaluation.csv"));
    assertEquals("original", evaluation.cell(0, "model"));
    assertEquals("compressed", evaluation.cell(1, "model"));
    double before = Double.parseDouble(evaluation.cell(0, "accuracy"));
    double after = Double.parseDouble(evaluation.cell(1, "accuracy"));
    assertTrue(before > 0.95, () -> "accuracy " + before);
    assertTrue(after >= before - 0.01, () -> before + " -> " + after);
    long original = Long.parseLong(evaluation.cell(0, "parameters"));
    long compressed = Long.parseLong(evaluation.cell(1, "parameters"));
    assertTrue(3 * compressed <= original, () -> original + " -> " + compressed);
  }

  @Test
  void everyBoundIsAboveTheMeasuredDistance() {
    CsvTable certificates = CsvTable.read(out.resolve("run/certificates.csv"));
    assertEquals(4 * 6, certificates.rows().size(), "by the labels and five other partitions");
    for (int row = 0; row < certificates.rows().size(); row++) {
      double measured = Double.parseDouble(certificates.cell(row, "measured_distance"));
      for (String bound :
          List.of("exact_bound", "tcv_bound", "projected_bound", "two_sided_bound")) {
        double value = Double.parseDouble(certificates.cell(row, bound));
        assertTrue(measured <= value, bound + " " + value + " < " + measured);
      }
      double ofClasses = Double.parseDouble(certificates.cell(row, "classes_distance"));
      assertTrue(ofClasses <= Double.parseDouble(certificates.cell(row, "classes_bound")));
    }
  }

  @Test
  void summaryAgreesWithTheTables() {
    JsonNode summary = Json.read(out.resolve("run/summary.json"));
    CsvTable evaluation = CsvTable.read(out.resolve("compressed/evaluation.csv"));
    for (String field :
        List.of(
            "data",
            "network",
            "lambda",
            "seed",
            "tensorflow",
            "rankfold",
            "threads",
            "data_sha256",
            "bytes_before",
            "bytes_after",
            "ratio")) {
      assertTrue(summary.hasNonNull(field), field);
    }
    assertEquals(evaluation.cell(0, "accuracy"), summary.get("accuracy_before").asText());
    assertEquals(evaluation.cell(1, "accuracy"), summary.get("accuracy_after").asText());
    assertEquals(evaluation.cell(0, "parameters"), summary.get("parameters_before").asText());
    assertEquals(evaluation.cell(1, "bytes"), summary.get("bytes_after").asText());
  }

  @Test
  void tellsWhatItFoundInAFewLines() {
    List<String> lines = demo.out().strip().lines().toList();
    assertTrue(lines.size() <= 24, demo.out());
    assertTrue(lines.stream().anyMatch(line -> line.contains("64 -> 10")), demo.out());
    List<String> last = lines.subList(lines.size() - 3, lines.size());
    assertTrue(last.get(0).startsWith("Parameters: 27,710 -> "), last.get(0));
    assertTrue(last.get(1).startsWith("Accuracy on 360 held-out digits: "), last.get(1));
    assertEquals("Page: " + out.resolve("report.html"), last.get(2));
  }

  @Test
  void refusesAFolderThatIsInUse() {
    Snapshot before = Snapshot.of(folder);
    CommandLineRun again = CommandLineRun.of("demo", "--out", out);
    assertEquals(1, again.code());
    assertEquals(
        out + ": expected a new or empty folder, found one with files (--overwrite replaces it)",
        again.refusal());
    assertEquals(before, Snapshot.of(folder));
  }
}
