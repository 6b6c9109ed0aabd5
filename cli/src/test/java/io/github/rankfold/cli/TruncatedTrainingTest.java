package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rankfold.models.files.CsvTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small singular values removed while a network is trained. */
class TruncatedTrainingTest {
  @TempDir Path temporary;

  private CommandLineRun train(Path out, String... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("train", "--data", "digits", "--network", "mlp:32x2:tanh", "--l2", "1e-3"));
    arguments.addAll(List.of("--epochs", "7", "--seed", "3", "--out", out));
    arguments.addAll(List.of(more));
    return CommandLineRun.of(arguments.toArray());
  }

  /** What is trained has the rank, so that factors of that rank lose nothing but rounding. */
  @Test
  void trainedKernelsHaveTheRankAndCompressWithoutLoss() throws IOException {
    Path run = temporary.resolve("run");
    assertEquals(0, train(run, "--truncate", "rank:7", "--truncate-every", "3").code());

    CsvTable table = CsvTable.read(run.resolve("truncation.csv"));
    List<String> epochs = new ArrayList<>();
    for (int row = 0; row < table.rows().size(); row++) {
      epochs.add(table.cell(row, "epoch"));
      assertEquals("7", table.cell(row, "rank"));
    }
    // Every third epoch and the last one; three kernels.
    assertEquals(List.of("3", "3", "3", "6", "6", "6", "7", "7", "7"), epochs);
    JsonNode manifest = new ObjectMapper().readTree(run.resolve("manifest.json").toFile());
    assertEquals("rank:7 every 3 epochs", manifest.get("truncation").asText());

    Path smaller = temporary.resolve("smaller");
    JsonNode compressed =
        CommandLineRun.succeeding(
                "compress",
                run,
                "--rule",
                "relative:1e-5",
                "--data",
                "digits",
                "--out",
                smaller,
                "--json")
            .json();
    for (JsonNode layer : compressed.get("layers")) {
      assertEquals(7, layer.get("rank").asInt(), layer::toString);
    }
    assertTrue(
        compressed.get("parameters_after").asInt() < compressed.get("parameters_before").asInt());
    assertEquals(
        compressed.at("/evaluation/0/accuracy").asDouble(),
        compressed.at("/evaluation/1/accuracy").asDouble());
  }

  /** What is tracked after the last epoch is what an analysis of the written run says. */
  @Test
  void trackingSeesTheTruncatedWeights() throws IOException {
    Path run = temporary.resolve("run");
    String[] options = {"--truncate", "rank:1", "--track-collapse", "7"};
    assertEquals(0, train(run, options).code());
    Path analysis = temporary.resolve("analysis");
    CommandLineRun.succeeding(
        "analyze", run, "--data", "digits", "--labels-only", "--out", analysis);
    assertEquals(
        tcv(CsvTable.read(analysis.resolve("collapse.csv")), ""),
        tcv(CsvTable.read(run.resolve("collapse.csv")), "7"));
  }

  /** Variation in the classes of the training data, by layer. */
  private static Map<String, String> tcv(CsvTable collapse, String epoch) {
    Map<String, String> found = new TreeMap<>();
    for (int row = 0; row < collapse.rows().size(); row++) {
      if (collapse.cell(row, "epoch").equals(epoch)
          && collapse.cell(row, "split").equals("train")) {
        found.put(
            collapse.cell(row, "layer"),
            "%.4g".formatted(Double.parseDouble(collapse.cell(row, "tcv"))));
      }
    }
    assertEquals(4, found.size(), "three kernels and the output");
    return found;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--truncate|rank:0|rank must be >= 1, was 0",
        "--truncate|half|expected a rule such as",
        "--truncate-every|2|--truncate-every: expected --truncate RULE",
        "--truncate rank:2 --truncate-every|0|epochs between truncations must be > 0, was 0",
        "--until 1e-3 --truncate|rank:2|--truncate: expected no --until",
      })
  void wrongSettingsAreWrongUsage(String options, String value, String message) {
    Path run = temporary.resolve("run");
    List<String> arguments = new ArrayList<>(List.of(options.split(" ", -1)));
    arguments.add(value);
    CommandLineRun refused = train(run, arguments.toArray(String[]::new));
    assertEquals(2, refused.code(), refused.err());
    assertTrue(refused.err().contains(message), refused.err());
    assertTrue(Files.notExists(run), "something was written");
  }
}
