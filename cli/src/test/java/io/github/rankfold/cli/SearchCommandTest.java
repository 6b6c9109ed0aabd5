package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.files.CsvTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code compress} under a budget, on a network trained on the digits. */
class SearchCommandTest {
  @TempDir Path folder;

  @Test
  void maxDropKeepsToTheDropAndSaysWhatWasTried() throws IOException {
    Path out = folder.resolve("smaller");
    CommandLineRun run =
        CommandLineRun.succeeding(
            "compress",
            Fixtures.DIGITS,
            "--data",
            "digits",
            "--max-drop",
            "1",
            "--json",
            "--out",
            out);
    JsonNode document = run.json();
    assertTrue(document.at("/search/measured_drop").doubleValue() <= 1);
    assertTrue(
        document.at("/search/promised_drop").doubleValue()
            > document.at("/search/measured_drop").doubleValue());
    assertTrue(
        document.at("/parameters_after").longValue()
            < document.at("/parameters_before").longValue());
    CsvTable tried = CsvTable.read(out.resolve("search.csv"));
    assertEquals(document.at("/search/evaluations").intValue(), tried.rows().size());
    assertTrue(tried.rows().size() <= 20, "evaluations of the data");
    List<String> columns = tried.columns();
    assertEquals(
        1,
        tried.rows().stream()
            .filter(row -> row.get(columns.indexOf("chosen")).equals("true"))
            .count());
  }

  @Test
  void factorsOfEightBitsAreJudgedAndCountedAsTheyAreWritten() throws IOException {
    Path out = folder.resolve("smaller");
    CommandLineRun run =
        CommandLineRun.succeeding(
            "compress",
            Fixtures.DIGITS,
            "--data",
            "digits",
            "--max-drop",
            "1",
            "--bytes",
            "6000",
            "--factors",
            "int8",
            "--kernels",
            "int8",
            "--json",
            "--out",
            out);
    JsonNode document = run.json();
    assertTrue(document.at("/search/measured_drop").doubleValue() <= 1);
    CsvTable evaluation = CsvTable.read(out.resolve("evaluation.csv"));
    long bytes = Long.parseLong(evaluation.cell(1, "bytes"));
    assertTrue(bytes <= 6000);
    JsonNode weights = document.at("/weights");
    assertEquals("original", weights.at("/0/weights").textValue());
    assertEquals("original as int8", weights.at("/1/weights").textValue());
    assertEquals("compressed", weights.at("/2/weights").textValue());
    assertTrue(weights.at("/1/bytes").longValue() < weights.at("/0/bytes").longValue() / 3);
    assertTrue(Math.abs(weights.at("/2/bytes").longValue() - bytes) < 256);
    CsvTable layers = CsvTable.read(out.resolve("compression.csv"));
    for (int row = 0; row < layers.rows().size(); row++) {
      assertEquals("int8", layers.cell(row, "storage"));
    }
    CsvTable tried = CsvTable.read(out.resolve("search.csv"));
    for (int row = 0; row < tried.rows().size(); row++) {
      if (tried.cell(row, "chosen").equals("true")) {
        assertEquals(evaluation.cell(1, "bytes"), tried.cell(row, "bytes"));
        assertEquals(evaluation.cell(1, "parameters"), tried.cell(row, "parameters"));
      }
    }
  }

  @Test
  void aLatencyThatCannotBeHadEndsWithThreeAndTheLeastReached() throws IOException {
    assertNothingWritten(
        "max-drop:1 latency:1.0E-4x: the least that was reached is",
        "--max-drop",
        "1",
        "--latency",
        "0.0001x");
  }

  @Test
  void aLatencyThatIsEasyToHaveIsSaid() {
    CommandLineRun run =
        CommandLineRun.succeeding(
            "compress",
            Fixtures.DIGITS,
            "--data",
            "digits",
            "--latency",
            "100x",
            "--max-drop",
            "2",
            "--out",
            folder.resolve("fast"));
    assertTrue(run.out().contains("of the original's time for a call with 1 sample(s)"), run.out());
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "--parameters, 10, parameters:10: the least that these layers can have is",
    "--bytes, 10, bytes:10: the least that these layers can have is",
    "--multiply-adds, 1, multiply-adds:1: the least that these layers can have is",
    "--ratio, 1000, ratio:1000: the least that these layers can have is",
  })
  void aSizeThatCannotBeHadEndsWithThreeAndTheLeastThatCan(
      String option, String value, String message) throws IOException {
    assertNothingWritten(message, option, value);
  }

  @Test
  void aDropThatCannotBeKeptAtThatSizeEndsWithThreeAndTheLeastReached() throws IOException {
    assertNothingWritten(
        "max-drop:0 ratio:8: the least drop that was reached with what must be saved is",
        "--max-drop",
        "0",
        "--ratio",
        "8");
  }

  private void assertNothingWritten(String message, String... budget) throws IOException {
    Path out = folder.resolve("smaller");
    Object[] args =
        Stream.concat(
                Stream.of("compress", Fixtures.DIGITS, "--data", "digits", "--out", out),
                Stream.of(budget))
            .toArray();
    CommandLineRun run = CommandLineRun.of(args);
    assertEquals(3, run.code(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
    assertFalse(Files.exists(out));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count(), "nothing beside it either");
    }
  }
}
