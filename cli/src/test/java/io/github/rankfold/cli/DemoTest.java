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
            "run/certificates.csv",
            "run/collapse.csv",
            "run/history.csv",
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
    assertEquals(4, certificates.rows().size());
    for (int row = 0; row < certificates.rows().size(); row++) {
      double measured = Double.parseDouble(certificates.cell(row, "measured_distance"));
      for (String bound :
          List.of("exact_bound", "tcv_bound", "projected_bound", "projected_tcv_bound")) {
        double value = Double.parseDouble(certificates.cell(row, bound));
        assertTrue(measured <= value, bound + " " + value + " < " + measured);
      }
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
    assertEquals(7, lines.size(), demo.out());
    assertTrue(lines.get(3).startsWith("Ranks: dense_1 64 -> 10, "), lines.get(3));
    assertTrue(lines.get(4).startsWith("Parameters: 27,710 -> "), lines.get(4));
    assertTrue(lines.get(5).startsWith("Accuracy on 360 held-out digits: "), lines.get(5));
    assertEquals("Page: " + out.resolve("report.html"), lines.get(6));
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
