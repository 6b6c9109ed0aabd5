package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.data.NpyArray;
import io.github.rankfold.models.files.CsvTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of several inputs, of text, and of several outputs, worked on with data. */
class SeveralInputsTest {
  private static final int SAMPLES = 200;
  private static final int TOKENS = 12;

  @TempDir Path folder;

  /** Random ids, their mask and numbers; labels that have nothing to do with them. */
  private String samples() throws IOException {
    Random random = new Random(5);
    ByteBuffer ids = ByteBuffer.allocate(4 * SAMPLES * TOKENS).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer mask = ByteBuffer.allocate(SAMPLES * TOKENS).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer numbers = ByteBuffer.allocate(4 * SAMPLES * 3).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer labels = ByteBuffer.allocate(4 * SAMPLES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < SAMPLES; i++) {
      int length = 1 + random.nextInt(TOKENS);
      for (int j = 0; j < TOKENS; j++) {
        ids.putInt(random.nextInt(60));
        mask.put((byte) (j < length ? 1 : 0));
      }
      for (int j = 0; j < 3; j++) {
        numbers.putFloat((float) random.nextGaussian());
      }
      labels.putInt(i % 4);
    }
    Path file = folder.resolve("samples.npz");
    NpzArrays.write(
        file,
        new NpzArrays.Entry("mask", "|b1", "(200, 12)", mask.array()),
        new NpzArrays.Entry("numbers", "<f4", "(200, 3)", numbers.array()),
        new NpzArrays.Entry("y", "<i4", "(200,)", labels.array()),
        new NpzArrays.Entry("ids", "<i4", "(200, 12)", ids.array()));
    return "npz:" + file;
  }

  /** The inputs that Python stored, with the classes that TensorFlow for Python found for them. */
  private String stored() throws IOException {
    Path io = Fixtures.SEVERAL_INPUTS.resolveSibling("several_inputs.io/serving_default");
    NpyArray ids = NpyArray.read(io.resolve("in.ids.npy"));
    NpyArray mask = NpyArray.read(io.resolve("in.mask.npy"));
    NpyArray numbers = NpyArray.read(io.resolve("in.numbers.npy"));
    double[] classes = NpyArray.read(io.resolve("out.classes.npy")).toDoubles();
    int count = ids.shape().get(0);
    ByteBuffer labels = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      int best = 0;
      for (int k = 1; k < 4; k++) {
        best = classes[4 * i + k] > classes[4 * i + best] ? k : best;
      }
      labels.putInt(best);
    }
    Path file = folder.resolve("stored.npz");
    NpzArrays.write(
        file,
        entry("numbers", numbers),
        entry("ids", ids),
        entry("mask", mask),
        new NpzArrays.Entry("y", "<i4", "(%d,)".formatted(count), labels.array()));
    return "npz:" + file;
  }

  private static NpzArrays.Entry entry(String name, NpyArray array) {
    ByteBuffer values = ByteBuffer.allocate(4 * array.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : array.toFloats()) {
      values.putFloat(value);
    }
    String shape = "(%d, %d)".formatted(array.shape().get(0), array.shape().get(1));
    return new NpzArrays.Entry(name, "<f4", shape, values.array());
  }

  @Test
  void inspectNamesInputsAndOutputs() {
    String told = CommandLineRun.succeeding("inspect", Fixtures.SEVERAL_INPUTS).out();
    List<String> lines = told.lines().map(line -> line.strip().replaceAll(" +", " ")).toList();
    JsonNode signature =
        CommandLineRun.succeeding("inspect", Fixtures.SEVERAL_INPUTS, "--json")
            .json()
            .at("/signature_tensors/0");
    assertEquals("serve", signature.get("signature").asText());
    for (String side : List.of("input", "output")) {
      assertTrue(signature.get(side + "s").size() > 1, signature.toString());
      for (JsonNode tensor : signature.get(side + "s")) {
        String shape =
            StreamSupport.stream(tensor.get("shape").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(", ", "[", "]"));
        String name = tensor.get("name").asText();
        String type = tensor.get("dtype").asText();
        String line = String.join(" ", "serve", side, name, type, shape);
        assertTrue(lines.contains(line), () -> line + " in " + told);
      }
    }
    assertEquals(
        "{\"name\":\"ids\",\"dtype\":\"int32\",\"shape\":[\"?\",12]}",
        signature.at("/inputs/0").toString());
  }

  @Test
  void arraysGoToTheInputsOfTheirNames() throws IOException {
    CommandLineRun run =
        CommandLineRun.succeeding(
            "evaluate",
            Fixtures.SEVERAL_INPUTS,
            "--data",
            stored(),
            "--output-key",
            "classes",
            "--json");
    assertEquals(1, run.json().at("/0/accuracy").asDouble(), run.out());
  }

  @Test
  void aBudgetIsKeptAndNothingIsPromisedOfOtherOutputs() throws IOException {
    Path out = folder.resolve("smaller");
    String data = samples();
    CommandLineRun run =
        CommandLineRun.succeeding(
            "compress",
            Fixtures.SEVERAL_INPUTS,
            "--data",
            data,
            "--max-drop",
            "10",
            "--metric",
            "agreement",
            "--fine-tune",
            "1",
            "--output-key",
            "classes",
            "--out",
            out);
    assertTrue(run.out().contains("nothing is promised of number."), run.out());
    assertTrue(run.out().contains(" worse (percent of the predictions) on "), run.out());
    CsvTable evaluation = CsvTable.read(out.resolve("evaluation.csv"));
    assertTrue(
        Long.parseLong(evaluation.cell(1, "parameters"))
            < Long.parseLong(evaluation.cell(0, "parameters")));
    assertTrue(Double.parseDouble(evaluation.cell(1, "agreement")) >= 0.9);
    JsonNode again =
        CommandLineRun.succeeding(
                "evaluate", out, "--data", data, "--output-key", "classes", "--json")
            .json();
    assertEquals(
        Double.parseDouble(evaluation.cell(1, "accuracy")),
        again.at("/0/accuracy").asDouble(),
        1e-9);
  }

  @Test
  void whatTakesOneArrayOfNumbersSaysSo() throws IOException {
    String data = samples();
    assertEquals(
        data
            + ": expected one array of numbers for training, found [mask [12], numbers [3], ids [12]]",
        CommandLineRun.of(
                "train", "--data", data, "--network", "mlp:8", "--out", folder.resolve("x"))
            .refusal());
    assertEquals(
        data
            + ": expected one array of numbers for a forecast, found [mask [12], numbers [3], ids [12]]",
        CommandLineRun.of(
                "forecast",
                "--data",
                data,
                "--network",
                "mlp:8",
                "--l2",
                "1e-2",
                "--out",
                folder.resolve("x"))
            .refusal());
  }

  @Test
  void theOtherOutputCanBeTheOneThatCounts() throws IOException {
    Path out = folder.resolve("smaller");
    CommandLineRun run =
        CommandLineRun.succeeding(
            "compress",
            Fixtures.SEVERAL_INPUTS,
            "--data",
            samples() + "?labels=",
            "--ratio",
            "1.5",
            "--metric",
            "relative-error",
            "--output-key",
            "number",
            "--out",
            out);
    assertTrue(run.out().contains("nothing is promised of classes."), run.out());
  }

  @Test
  void collapseIsMeasured() throws IOException {
    Path out = folder.resolve("analysis");
    CommandLineRun.succeeding(
        "analyze",
        Fixtures.SEVERAL_INPUTS,
        "--data",
        samples(),
        "--output-key",
        "classes",
        "--l2",
        "1e-3",
        "--out",
        out);
    CsvTable collapse = CsvTable.read(out.resolve("collapse.csv"));
    assertTrue(collapse.rows().size() > 0);
    CsvTable bounds = CsvTable.read(out.resolve("forward_bounds.csv"));
    for (int row = 0; row < bounds.rows().size(); row++) {
      assertTrue(
          bounds.cell(row, "because").endsWith("it is one of 3 inputs: bounds are known for one"),
          bounds.cell(row, "because"));
    }
  }

  @Test
  void outputsHaveNoBound() throws IOException {
    Path out = folder.resolve("smaller");
    CommandLineRun run =
        CommandLineRun.succeeding(
            "compress",
            Fixtures.SEVERAL_INPUTS,
            "--data",
            samples(),
            "--rule",
            "energy:0.9",
            "--bounds",
            "--output-key",
            "classes",
            "--out",
            out);
    assertTrue(run.out().contains("one of 3 inputs: bounds are known for one"), run.out());
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    String data = samples();
    String key = "--output-key";
    Path model = Fixtures.SEVERAL_INPUTS;
    assertEquals(
        model
            + ": signature serving_default: expected one output, or --output-key KEY, found outputs"
            + " classes, number",
        CommandLineRun.of("evaluate", model, "--data", data).refusal());
    assertEquals(
        model + ": signature serving_default: expected output word, found outputs classes, number",
        CommandLineRun.of("evaluate", model, "--data", data, key, "word").refusal());
    String start =
        model
            + ": signature serving_default: expected an array for each input, named ids, mask,"
            + " numbers (npz:FILE?features=ids,mask,numbers), found ";
    assertEquals(
        start + "ids, mask in " + data + "?features=ids,mask",
        CommandLineRun.of("evaluate", model, "--data", data + "?features=ids,mask", key, "classes")
            .refusal());
    assertEquals(
        model
            + ": input mask: expected whole numbers from 0 to 1, found 37.0 at sample 0, value 0 of"
            + " array mask of npz:"
            + folder.resolve("wrong.npz"),
        CommandLineRun.of(
                "evaluate", model, "--data", swapped(), key, "classes", "--against", model)
            .refusal());
  }

  /** Ids where the mask should be. */
  private String swapped() throws IOException {
    Path file = folder.resolve("wrong.npz");
    ByteBuffer ids = ByteBuffer.allocate(4 * TOKENS).order(ByteOrder.LITTLE_ENDIAN);
    ids.putInt(37);
    NpzArrays.write(
        file,
        new NpzArrays.Entry("mask", "<i4", "(1, 12)", ids.array()),
        new NpzArrays.Entry("numbers", "<f4", "(1, 3)", new byte[12]),
        new NpzArrays.Entry("ids", "<i4", "(1, 12)", new byte[4 * TOKENS]));
    return "npz:" + file;
  }

  /** A table of words, as NumPy stores text: code points, 0 after the end of each word. */
  private String words() throws IOException {
    String[] vocabulary = {"low", "rank", "fold", "unknown", "kernel", "xyz", "naïve"};
    Random random = new Random(2);
    int longest = 8;
    ByteBuffer values =
        ByteBuffer.allocate(4 * SAMPLES * 4 * longest).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4 * SAMPLES; i++) {
      int[] word = vocabulary[random.nextInt(vocabulary.length)].codePoints().toArray();
      for (int j = 0; j < longest; j++) {
        values.putInt(j < word.length ? word[j] : 0);
      }
    }
    Path file = folder.resolve("words.npz");
    NpzArrays.write(file, new NpzArrays.Entry("x", "<U8", "(200, 4)", values.array()));
    return "npz:" + file;
  }

  @Test
  void textIsFedAsText() throws IOException {
    Path out = folder.resolve("smaller");
    CommandLineRun run =
        CommandLineRun.succeeding(
            "compress",
            Fixtures.SEVERAL_INPUTS.resolveSibling("lookup_table"),
            "--data",
            words(),
            "--ratio",
            "1.5",
            "--metric",
            "relative-error",
            "--out",
            out);
    assertTrue(run.out().contains("nothing is promised of word."), run.out());
    assertTrue(Files.isDirectory(out.resolve("saved_model")));
  }

  @Test
  void textForNumbersIsRefused() throws IOException {
    String data = words();
    String message =
        CommandLineRun.of("evaluate", Fixtures.DIGITS, "--data", data, "--against", Fixtures.DIGITS)
            .refusal();
    assertEquals(
        "expected numbers for an input of type DT_FLOAT, found text of " + data,
        message.substring(message.indexOf("expected")));
    Path words = Fixtures.SEVERAL_INPUTS.resolveSibling("lookup_table");
    message =
        CommandLineRun.of("evaluate", words, "--data", "digits", "--against", words).refusal();
    assertTrue(message.contains(": expected text, found numbers of digits"), message);
  }
}
