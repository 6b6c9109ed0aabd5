package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.Json;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two networks of one hidden layer, each trained on half of the digits: in the first 64 of 128
 * coordinates, and in the others or, inverted, in the same ones.
 */
class MergeTest {
  @TempDir private static Path folder;
  @TempDir Path temporary;

  @BeforeAll
  static void train() throws IOException {
    LabeledData digits = Digits.load().train();
    write("a", digits.range(0, 700), 0, false);
    write("b", digits.range(700, 1400), 64, false);
    write("same", digits.range(700, 1400), 0, true);
    for (String task : new String[] {"a", "b", "same"}) {
      CommandLineRun.succeeding(
          "train",
          "--data",
          data(task),
          "--network",
          "mlp:200:nobias",
          "--l2",
          "1e-2",
          "--epochs",
          "400",
          "--seed",
          Integer.toString(task.length()),
          "--out",
          folder.resolve("run-" + task));
    }
  }

  private static String data(String task) {
    return "csv:%s?label=label".formatted(folder.resolve(task + ".csv"));
  }

  private static void write(String task, LabeledData digits, int from, boolean inverted)
      throws IOException {
    StringBuilder text =
        new StringBuilder(
            IntStream.range(0, 128).mapToObj(i -> "x" + i).collect(Collectors.joining(",")));
    text.append(",label\n");
    float[] sample = new float[64];
    for (int i = 0; i < digits.size(); i++) {
      digits.copyFeatures(i, i + 1, FloatBuffer.wrap(sample));
      for (int j = 0; j < 128; j++) {
        boolean inside = j >= from && j < from + 64;
        float value = inside ? sample[j - from] : 0;
        text.append(inside && inverted ? 1 - value : value).append(',');
      }
      text.append(digits.label(i)).append('\n');
    }
    Files.writeString(folder.resolve(task + ".csv"), text.toString());
  }

  private JsonNode merged(String other, String... options) {
    Object[] command = {
      "merge",
      folder.resolve("run-a"),
      folder.resolve("run-" + other),
      "--data-a",
      data("a"),
      "--data-b",
      data(other),
      "--json",
      "--out",
      temporary.resolve("merged")
    };
    Object[] all = new Object[command.length + options.length];
    System.arraycopy(command, 0, all, 0, command.length);
    System.arraycopy(options, 0, all, command.length, options.length);
    return CommandLineRun.succeeding(all).json();
  }

  @Test
  void orthogonalTasksMergeIntoOneNetwork() throws IOException {
    JsonNode json = merged("b", "--rule", "rank:30");
    CsvTable merge = CsvTable.read(temporary.resolve("merged/merge.csv"));
    assertEquals("0.0", merge.cell(0, "cosine"));
    // Weight decay has left nothing of the kernels where their task has no inputs.
    assertTrue(
        Double.parseDouble(merge.cell(0, "interference_a")) < 1e-2,
        merge.cell(0, "interference_a"));
    assertTrue(Double.parseDouble(merge.cell(0, "interference_b")) < 1e-2);
    assertEquals("30", merge.cell(0, "rank"));
    CsvTable evaluation = CsvTable.read(temporary.resolve("merged/evaluation.csv"));
    assertEquals(6, evaluation.rows().size());
    for (int task = 0; task < 2; task++) {
      double alone = Double.parseDouble(evaluation.cell(task, "accuracy"));
      double together = Double.parseDouble(evaluation.cell(2 + task, "accuracy"));
      double truncated = Double.parseDouble(evaluation.cell(4 + task, "accuracy"));
      assertTrue(alone > 0.95, "alone " + alone);
      assertTrue(together > 0.85, "together " + together);
      assertTrue(truncated > 0.8, "truncated " + truncated);
    }
    assertEquals("merged on a", json.at("/evaluation/2/model").asText());
    assertTrue(Files.exists(temporary.resolve("merged/compression.csv")));
    assertEquals(
        Json.read(folder.resolve("run-a/manifest.json")).at("/data/classNames"),
        Json.read(temporary.resolve("merged/manifest.json")).path("classNames"));
    CommandLineRun.succeeding(
        "evaluate", temporary.resolve("merged"), "--data", data("b"), "--quiet");
  }

  @Test
  void tasksThatAreNotOrthogonalAreWarnedOfAndSpoilEachOther() {
    JsonNode json = merged("same");
    assertEquals("dense_1", json.at("/not_orthogonal/0").asText());
    assertTrue(json.at("/layers/0/interference_a").asDouble() > 0.3);
    assertTrue(json.at("/evaluation/2/accuracy").asDouble() < 0.7, json::toString);
  }

  @Test
  void anotherModelWithOtherClassesIsRefused() throws IOException {
    Path other = temporary.resolve("other");
    Fixtures.copy(folder.resolve("run-b"), other);
    Path manifest = other.resolve("manifest.json");
    String[] words = {
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"
    };
    ObjectNode edited = (ObjectNode) Json.read(manifest);
    ((ObjectNode) edited.get("data")).set("classNames", Json.tree(words));
    Json.write(manifest, edited);
    CommandLineRun run = refusedMergeWith(other);
    assertTrue(
        run.refusal()
            .endsWith("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], found %s".formatted(Arrays.toString(words))),
        run.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mlp:50:nobias | the same layer dense_1, found dense [128, 200] and dense [128, 50]",
        "mlp:200:tanh:nobias | the same operations, found {Relu=1} and {Tanh=1}"
      })
  void anotherArchitectureIsRefused(String network, String message) {
    Path other = temporary.resolve("other");
    CommandLineRun.succeeding(
        "train", "--data", data("b"), "--network", network, "--epochs", "1", "--out", other);
    CommandLineRun run = refusedMergeWith(other);
    assertTrue(
        run.refusal().endsWith("expected two models of one architecture, " + message), run.err());
  }

  /** Of run-a with another model, which leaves nothing written. */
  private CommandLineRun refusedMergeWith(Path other) {
    CommandLineRun run =
        CommandLineRun.of(
            "merge",
            folder.resolve("run-a"),
            other,
            "--data-a",
            data("a"),
            "--data-b",
            data("b"),
            "--out",
            temporary.resolve("new"));
    assertEquals(1, run.code());
    assertTrue(!Files.exists(temporary.resolve("new")));
    return run;
  }
}
