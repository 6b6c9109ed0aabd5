package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.files.CsvTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code compress --certify} and {@code --bounds}, on a network trained on the digits. */
class OutputBoundsCommandTest {
  @TempDir Path folder;

  @Test
  void certifyKeepsTheShareAndWritesTheBounds() throws IOException {
    Path out = folder.resolve("smaller");
    CommandLineRun run =
        CommandLineRun.succeeding(
            "compress", Fixtures.DIGITS, "--certify", "0.9", "--data", "digits", "--out", out);
    assertTrue(run.out().contains("Predictions certified unchanged: 9"), run.out());
    CsvTable bounds = CsvTable.read(out.resolve("output_bounds.csv"));
    assertEquals(2, bounds.rows().size(), "the data, and every input");
    double certified = number(bounds, 0, "certified_share");
    assertTrue(certified >= 0.9, "certified " + certified);
    assertTrue(number(bounds, 0, "unchanged_share") >= certified);
    assertTrue(number(bounds, 0, "largest_change") <= number(bounds, 0, "largest_bound"));
    assertTrue(number(bounds, 0, "median_ratio") >= 1);
    assertEquals("every input", bounds.cell(1, "of"));
    CsvTable plan = CsvTable.read(out.resolve("compression.csv"));
    assertEquals("certify:0.9", plan.cell(0, "rule"));
    CsvTable layers = CsvTable.read(out.resolve("output_bound_layers.csv"));
    long factored =
        plan.rows().stream()
            .filter(row -> row.get(plan.columns().indexOf("kept_because")).isEmpty())
            .count();
    assertEquals(factored, layers.rows().size());
  }

  @Test
  void boundsOfARuleAreWiderNearTheSamples() throws IOException {
    Path out = folder.resolve("smaller");
    CommandLineRun.succeeding(
        "compress",
        Fixtures.DIGITS,
        "--rule",
        "rank:16",
        "--data",
        "digits",
        "--bounds",
        "--radius",
        "0.05",
        "--out",
        out);
    CsvTable bounds = CsvTable.read(out.resolve("output_bounds.csv"));
    assertEquals(3, bounds.rows().size());
    assertEquals(0.05, number(bounds, 1, "radius"));
    assertTrue(number(bounds, 1, "largest_bound") > number(bounds, 0, "largest_bound"));
    assertTrue(number(bounds, 1, "certified_share") <= number(bounds, 0, "certified_share"));
  }

  @Test
  void aModelWithoutABoundCannotBeCertified() {
    Path lstm = Fixtures.EINSUM.resolveSibling("lstm");
    CommandLineRun run =
        CommandLineRun.of(
            "compress",
            lstm,
            "--certify",
            "0.5",
            "--data",
            "digits",
            "--out",
            folder.resolve("new"),
            "--json");
    assertEquals(3, run.code());
    String message = run.json().get("message").asText();
    assertTrue(message.contains("no bound on the output is known, because of Transpose"), message);
    assertEquals("certify:0.5", run.json().get("budget").asText());
    assertTrue(!Files.exists(folder.resolve("new")));
  }

  private static double number(CsvTable table, int row, String column) {
    return Double.parseDouble(table.cell(row, column));
  }
}
