package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.files.CsvTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples without labels do wherever labels are not asked for, and are refused elsewhere. */
class UnlabeledDataTest {
  @TempDir Path folder;

  private String samples = "";
  private String calibration = "";

  @BeforeEach
  void samples() throws IOException {
    DataSplit digits = Digits.load();
    NpzArrays.writeFeatures(folder.resolve("held_out.npz"), digits.test().orElseThrow());
    NpzArrays.writeFeatures(folder.resolve("training.npz"), digits.train());
    samples = "npz:" + folder.resolve("held_out.npz");
    calibration = "npz:" + folder.resolve("training.npz");
  }

  private CommandLineRun compress(Path out, String... more) {
    List<Object> args =
        new ArrayList<>(List.of("compress", Fixtures.DIGITS, "--json", "--out", out));
    args.addAll(List.of(more));
    return CommandLineRun.succeeding(args.toArray());
  }

  @ParameterizedTest
  @CsvSource({"agreement, 5", "relative-error, 20", "squared-error, 1"})
  void aBudgetOfWhatNeedsNoLabels(String metric, String drop) throws IOException {
    Path out = folder.resolve("smaller");
    CommandLineRun run =
        compress(
            out,
            "--max-drop",
            drop,
            "--metric",
            metric,
            "--data",
            samples,
            "--calibration",
            calibration);
    JsonNode search = run.json().at("/search");
    assertTrue(search.at("/measured_drop").doubleValue() <= Double.parseDouble(drop));
    assertTrue(
        run.json().at("/parameters_after").longValue()
            < run.json().at("/parameters_before").longValue());
    CsvTable evaluation = CsvTable.read(out.resolve("evaluation.csv"));
    for (int row = 0; row < 2; row++) {
      assertEquals("360", evaluation.cell(row, "samples"));
      for (String column : List.of("accuracy", "accuracy_low", "accuracy_high", "loss")) {
        assertEquals("", evaluation.cell(row, column));
      }
    }
    assertEquals("", evaluation.cell(0, "agreement"), "nothing to agree with");
    double agreement = Double.parseDouble(evaluation.cell(1, "agreement"));
    double error = Double.parseDouble(evaluation.cell(1, "relative_error"));
    assertTrue(agreement > 0.5 && agreement <= 1, "agreement " + agreement);
    assertTrue(error > 0 && error < 1, "error " + error);
    if (metric.equals("agreement")) {
      assertEquals(100 * (1 - agreement), search.at("/measured_drop").doubleValue(), 1e-9);
    }
    if (metric.equals("relative-error")) {
      assertEquals(100 * error, search.at("/measured_drop").doubleValue(), 1e-2);
    }
    Path page = folder.resolve("report.html");
    CommandLineRun.succeeding("report", Fixtures.DIGITS, "--compressed", out, "--out", page);
    String text = Files.readString(page);
    assertTrue(text.contains("Same prediction"), "what is known without labels");
    assertTrue(text.contains("360 samples without labels"), "and that there were none");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--bounds --rule rank:12", "--certify 0.5", "--rule rank:12"})
  void boundsAndRulesTakeThem(String rule) {
    List<String> args = new ArrayList<>(List.of(rule.split(" ")));
    args.addAll(List.of("--data", samples));
    CommandLineRun run = compress(folder.resolve("smaller"), args.toArray(String[]::new));
    assertEquals("", run.json().at("/evaluation/0/accuracy").asText());
  }

  @Test
  void oneModelAgainstAnother() {
    Path out = folder.resolve("smaller");
    compress(out, "--rule", "rank:12");
    CommandLineRun run =
        CommandLineRun.succeeding("evaluate", out, "--against", Fixtures.DIGITS, "--data", samples);
    assertTrue(run.out().contains("agreement"), run.out());
    assertFalse(run.out().contains("accuracy"), run.out());
    CommandLineRun same =
        CommandLineRun.succeeding(
            "evaluate", Fixtures.DIGITS, "--against", Fixtures.DIGITS, "--data", samples, "--json");
    assertEquals(1, same.json().at("/1/agreement").doubleValue());
    assertEquals(0, same.json().at("/1/relative_error").doubleValue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "compress @ --max-drop 1 --out new --data | --metric accuracy (agreement, relative-error"
            + " and squared-error need none)",
        "compress @ --ratio 2 --metric top5 --out new --data | --metric top5 (agreement,"
            + " relative-error and squared-error need none)",
        "compress @ --rule class-means --out new --data | class statistics",
        "compress @ --rule certificate:0.1 --l2 1e-3 --out new --data | rule certificate:0.1",
        "evaluate @ --data | accuracy (--against MODEL compares outputs without)",
        "analyze @ --out new --data | class statistics",
        "train --network mlp:4 --epochs 1 --out new --data | training",
        "forecast --network mlp:4 --l2 1e-3 --data | class statistics",
      })
  void whatNeedsLabelsSaysSo(String command, String wanted) {
    String filled =
        command
            .replace("@", Fixtures.DIGITS.toString())
            .replace("new", folder.resolve("new").toString());
    CommandLineRun run = CommandLineRun.of((Object[]) (filled + " " + samples).split(" ", -1));
    assertEquals(
        "%s: expected labels for %s, found none (no array \"y\" among x; labels=KEY names another)"
            .formatted(samples, wanted),
        run.refusal());
    assertEquals(1, run.code());
    assertFalse(Files.exists(folder.resolve("new")), "nothing written");
  }

  /**
   * What a regression was trained on is no label, and labels of many classes are none of this
   * model.
   */
  @ParameterizedTest
  @CsvSource({"0.25, expected a whole number from 0", "70000, those of 70001 classes for the 10"})
  void anArrayYThatHoldsNoLabelsIsNotMissed(double target, String because) throws IOException {
    Path file = folder.resolve("targets.npz");
    byte[] x = new byte[4 * 64 * 40];
    new java.util.Random(1).nextBytes(x);
    for (int i = 3; i < x.length; i += 4) {
      x[i] = 0x3f; // a number between 0.5 and 2, or so
    }
    ByteBuffer y = ByteBuffer.allocate(8 * 40).order(ByteOrder.LITTLE_ENDIAN).putDouble(target);
    NpzArrays.write(
        file,
        new NpzArrays.Entry("x", "<f4", "(40, 64)", x),
        new NpzArrays.Entry("y", "<f8", "(40,)", y.array()));
    Path out = folder.resolve("smaller");
    String budget = "--max-drop 50 --metric relative-error --data npz:" + file;
    CommandLineRun run = compress(out, budget.split(" ", -1));
    assertEquals("", run.json().at("/evaluation/0/accuracy").asText());
    assertTrue(run.err().contains("no accuracy is measured"), run::err);
    assertTrue(run.err().contains(because), run::err);
    String refusal =
        CommandLineRun.of("evaluate", Fixtures.DIGITS, "--data", "npz:" + file).refusal();
    assertTrue(refusal.contains("expected labels for accuracy"), refusal);
    assertTrue(refusal.contains(because), refusal);
  }

  @Test
  void aFileOfNumbersWithoutALabelColumn() throws IOException {
    DataSplit digits = Digits.load();
    StringBuilder text = new StringBuilder();
    float[] sample = new float[64];
    for (int i = 0; i < 20; i++) {
      digits.train().copyFeatures(i, i + 1, java.nio.FloatBuffer.wrap(sample));
      List<String> cells = new ArrayList<>();
      for (float value : sample) {
        cells.add(Float.toString(value));
      }
      text.append(String.join(",", cells)).append('\n');
    }
    Path file = folder.resolve("numbers.csv");
    Files.writeString(file, text);
    String uri = "csv:" + file + "?header=false&label=";
    CommandLineRun run =
        CommandLineRun.succeeding(
            "evaluate", Fixtures.DIGITS, "--against", Fixtures.DIGITS, "--data", uri, "--json");
    assertEquals(20, run.json().at("/0/samples").asInt());
    assertEquals(
        uri
            + ": expected labels for accuracy (--against MODEL compares outputs without), found none"
            + " (label= names no column)",
        CommandLineRun.of("evaluate", Fixtures.DIGITS, "--data", uri).refusal());
  }
}
