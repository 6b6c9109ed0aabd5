package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.compression.search.Budget;
import io.github.rankfold.compression.search.Metric;
import io.github.rankfold.compression.search.SearchSettings;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    assertEquals(document.at("/search/trials").intValue(), tried.rows().size());
    assertTrue(document.at("/search/evaluations").doubleValue() <= 10, "evaluations of the data");
    assertFalse(Files.exists(folder.resolve("smaller.search")), "nothing is left of the search");
    int chosen = 0;
    for (JsonNode point : document.at("/search/tried")) {
      chosen += point.get("chosen").isBoolean() && point.get("chosen").booleanValue() ? 1 : 0;
      StringBuilder ranks = new StringBuilder();
      point
          .get("ranks_by_layer")
          .properties()
          .forEach(rank -> ranks.append(rank.getKey() + "=" + rank.getValue().intValue() + " "));
      assertEquals(point.path("ranks").asText(""), ranks.toString().strip());
    }
    assertEquals(1, chosen, "truth values");
    List<String> columns = tried.columns();
    assertEquals(
        1,
        tried.rows().stream()
            .filter(row -> row.get(columns.indexOf("chosen")).equals("true"))
            .count());
    JsonNode search = Json.read(out.resolve("manifest.json")).at("/search");
    assertEquals("accuracy", search.at("/metric").textValue());
    assertEquals(64, search.at("/data/sha256").textValue().length());
    assertEquals(64, search.at("/calibration/sha256").textValue().length());
    assertEquals(
        document.at("/search/measured_drop").doubleValue(), search.at("/drop").doubleValue());
    assertEquals(
        document.at("/search/promised_drop").doubleValue(),
        search.at("/promised_drop").doubleValue());
  }

  /** With scales, parameters say little; and a model may hold integers already. */
  @Test
  void fewerBitsAreToldInBytesOfWhatIsThereAndWhatIsWritten() throws IOException {
    Path once = folder.resolve("once");
    Path twice = folder.resolve("twice");
    String[] integers = {"--rule", "rank:4", "--factors", "int8", "--kernels", "int8"};
    String first =
        CommandLineRun.succeeding(
                Stream.concat(
                        Stream.of("compress", Fixtures.DIGITS, "-o", once), Arrays.stream(integers))
                    .toArray())
            .out();
    CommandLineRun again =
        CommandLineRun.succeeding(
            Stream.concat(Stream.of("compress", once, "-o", twice), Arrays.stream(integers))
                .toArray());
    String second = again.out();
    String before = "%.1f kB of weights -> ".formatted(bytes(Fixtures.DIGITS) / 1000.0);
    String between = "%.1f kB".formatted(bytes(once) / 1000.0);
    assertTrue(first.contains(before + between + " ("), first);
    assertTrue(second.contains(between + " of weights -> "), second);
    assertTrue(again.err().contains(once + " was compressed before"), again.err());
  }

  private static long bytes(Path model) throws IOException {
    return CommandLineRun.succeeding("inspect", model, "--json").json().at("/bytes").longValue();
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
    assertTrue(
        run.out().contains("of the original's time turn by turn for a call with 1 sample(s)"),
        run.out());
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

  @Test
  void whatWasReachedIsOneDocument() {
    JsonNode size = missed("--ratio", "1000");
    assertEquals("ratio:1000", size.get("budget").asText());
    assertTrue(size.get("least_parameters").asLong() > 0, size.toString());
    assertTrue(size.get("message").asText().contains("the least that these layers can have is"));
    assertTrue(size.get("tried").isEmpty(), size.toString());
    JsonNode drop = missed("--max-drop", "0", "--ratio", "8");
    assertEquals("accuracy", drop.get("metric").asText());
    assertTrue(drop.get("least_drop").asDouble() > 0, drop.toString());
    assertTrue(drop.get("tried").size() > 0, drop.toString());
  }

  /** What {@code --json} prints where a budget is missed. */
  private JsonNode missed(String... budget) {
    Path out = folder.resolve("smaller");
    Stream<Object> all =
        Stream.concat(
            Stream.of("compress", Fixtures.DIGITS, "--data", "digits", "--out", out, "--json"),
            Stream.of(budget));
    CommandLineRun run = CommandLineRun.of(all.toArray());
    assertEquals(3, run.code(), run.err());
    JsonNode document = run.json();
    assertEquals("missed", document.get("status").asText());
    assertEquals(3, document.get("exit_code").asInt());
    return document;
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

  @Test
  void metricsWithoutLabelsAreBudgetsToo() throws IOException {
    Path out = folder.resolve("smaller");
    CommandLineRun run =
        CommandLineRun.succeeding(
            "compress",
            Fixtures.DIGITS,
            "--data",
            "digits",
            "--max-drop",
            "20",
            "--metric",
            "relative-error",
            "--json",
            "--out",
            out);
    assertTrue(run.json().at("/search/measured_drop").doubleValue() <= 20);
  }

  @ParameterizedTest(name = "other {0}")
  @ValueSource(
      strings = {
        "model",
        "samples",
        "calibration samples",
        "signatures",
        "output",
        "budget",
        "metric",
        "settings",
      })
  void anInterruptedSearchForSomethingElseIsRefusedAndNamed(String what) throws IOException {
    Path interrupted = Files.createDirectory(folder.resolve("smaller.search"));
    // All that is compared before is the same in such a folder.
    Map<String, Object> identity = identity();
    identity.put(what, "0".repeat(64));
    Json.write(interrupted.resolve("search.json"), identity);
    CommandLineRun run =
        CommandLineRun.of(
            "compress",
            Fixtures.DIGITS,
            "--data",
            "digits",
            "--max-drop",
            "1",
            "--out",
            folder.resolve("smaller"));
    assertEquals(1, run.code(), run.err());
    String message = run.refusal();
    assertTrue(
        message.contains("smaller.search: an interrupted search with other " + what), message);
    assertTrue(Files.exists(interrupted.resolve("search.json")), "it stays");
    assertFalse(Files.exists(folder.resolve("smaller")));
  }

  /** Of the search that the test above asks for. */
  private static Map<String, Object> identity() {
    DataSplit digits = DataSource.open("digits");
    SearchSettings settings = SearchSettings.of(Budget.maxDrop(1), Metric.ACCURACY);
    try (LiveModel model = LiveModel.open(Fixtures.DIGITS)) {
      Map<String, Object> identity = new LinkedHashMap<>();
      identity.put("model", model.files().sha256());
      identity.put("calibration samples", digits.primary().sha256());
      identity.put("samples", digits.test().orElseThrow().sha256());
      identity.put("signatures", String.join(" ", model.files().signatureKeys()));
      identity.put("output", model.signatureKey() + " " + model.output());
      identity.put("budget", "max-drop:1");
      identity.put("metric", "accuracy");
      identity.put("fine-tuning epochs", "0");
      identity.put("settings", settings.toString());
      return identity;
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "--calibration, narrow.csv?label=label, expected samples of shape [64]",
    "--data, narrow.csv?label=label, expected samples of shape [64]",
    "--data, narrow.csv?label=class, class",
  })
  void samplesThatDoNotFitOrHaveNoLabelsAreRefusedAndNothingIsLeft(
      String option, String uri, String message) throws IOException {
    Path narrow = folder.resolve("narrow.csv");
    Files.writeString(narrow, "a,b,label\n" + "1,2,0\n1,3,1\n".repeat(5));
    List<Object> args =
        new ArrayList<>(List.of("compress", Fixtures.DIGITS, "--max-drop", "1", "--out"));
    args.add(folder.resolve("smaller"));
    args.addAll(List.of(option, "csv:" + folder.resolve(uri)));
    if (!option.equals("--data")) {
      args.addAll(List.of("--data", "digits"));
    }
    CommandLineRun run = CommandLineRun.of(args.toArray());
    String refusal = run.refusal();
    assertEquals(1, run.code(), refusal);
    assertTrue(refusal.contains(message), refusal);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(narrow), left.toList(), "nothing written beside it");
    }
  }
}
