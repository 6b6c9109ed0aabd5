package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.Gpu;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a user reads when input is refused: one line, an exit code, and everything as it was. In
 * arguments and messages {@code @} stands for the folder that holds all of a test's files.
 */
class BadInputTest {
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    Fixtures.copy(Fixtures.DIGITS, folder.resolve("model"));
    Files.createDirectory(folder.resolve("empty"));
    Files.writeString(folder.resolve("file.txt"), "text");
    Files.createDirectory(folder.resolve("full"));
    Files.writeString(folder.resolve("full/precious.txt"), "precious");
  }

  /** Runs the words of {@code command}; asserts the code, the message, and that nothing changed. */
  private void assertRefused(int code, String message, String command) {
    assertEquals(filled(message), refusal(code, command));
  }

  private void assertRefusedWith(int code, String start, String command) {
    String found = refusal(code, command);
    assertTrue(found.startsWith(filled(start)), found);
  }

  private String refusal(int code, String command) {
    Snapshot before = Snapshot.of(folder);
    CommandLineRun run = CommandLineRun.of((Object[]) filled(command).split(" ", -1));
    String message = run.refusal();
    assertEquals(code, run.code(), message);
    assertEquals(before, Snapshot.of(folder), "nothing written, nothing left, nothing changed");
    return message;
  }

  private String filled(String text) {
    return text.replace("@", folder.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rank:0      | rank must be >= 1, was 0",
        "rank:-3     | rank must be >= 1, was -3",
        "energy:1.5  | energy must be in (0, 1], was 1.5",
        "energy:NaN  | energy must be in (0, 1], was NaN",
        "fraction:0  | fraction must be in (0, 1], was 0.0",
        "relative:1  | relative must be in [0, 1), was 1.0",
        "classes:1   | classes must be >= 2, was 1",
        "classes-1:1 | classes must be >= 2, was 1",
        "gavish-donoho:0     | gavish-donoho: the noise must be > 0, was 0.0",
        "marchenko-pastur:-2 | marchenko-pastur: the noise must be > 0, was -2.0",
        "certificate:1       | certificate must be in (0, 1), was 1.0",
        "certificate         | expected a rule such as certificate:0.1 or class-means, was"
            + " 'certificate'",
        "certificate:0.1     | --rule certificate:0.1: expected --data URI, found none (see 'rankfold"
            + " compress --help')",
        "class-means         | --rule class-means: expected --data URI, found none (see 'rankfold"
            + " compress --help')",
        "certificate:0.1 --l2 -1 | lambda must be >= 0, was -1.0",
        "class-means --data digits --weighting inputs | --rule class-means: expected no"
            + " --weighting, found inputs (see 'rankfold compress --help')",
        "rank:2 --data digits --weighting inputs --convolution tucker | --convolution tucker: expected"
            + " --rule by the kernels alone, found one that takes data (see 'rankfold compress --help')",
        "best        | expected a rule such as rank:20, fraction:0.5, relative:1e-2, energy:0.99,"
            + " classes, classes-1, gavish-donoho or marchenko-pastur, was 'best'",
        "rank        | expected a rule such as rank:20, fraction:0.5, relative:1e-2, energy:0.99,"
            + " classes, classes-1, gavish-donoho or marchenko-pastur, was 'rank'",
        "rank:2.5    | expected a rule such as rank:20, fraction:0.5, relative:1e-2, energy:0.99,"
            + " classes, classes-1, gavish-donoho or marchenko-pastur, was 'rank:2.5'",
      })
  void rulesThatAreNone(String rule, String message) {
    assertRefused(WRONG_USAGE, message, "compress @/model --out @/new --rule " + rule);
  }

  @ParameterizedTest
  @CsvSource({
    "1, inspect @/empty --json",
    "2, compress @/model --rule best --out @/new --json",
    "2, compress @/model --no-such-option --json",
    "2, no-such-command --json",
    "2, --json",
  })
  void aFailureIsADocumentToo(int code, String command) {
    CommandLineRun run = CommandLineRun.of((Object[]) filled(command).split(" ", -1));
    assertEquals(code, run.code(), run.err());
    JsonNode document = run.json();
    assertEquals(code, document.get("exit_code").asInt());
    assertEquals(run.err().strip(), "rankfold: " + document.get("error").asText());
  }

  @Test
  void aRankAboveEveryFullRank() {
    assertRefused(
        FAILED,
        "rule rank:65: expected a rank of at most 64 (layer sequential_1/dense_0, 64x64), found 65",
        "compress @/model --rule rank:65 --out @/new");
  }

  @Test
  void certificatesOfAModelWithoutAPenalty() {
    assertRefused(
        FAILED,
        "@/model: rule certificate:0.1: expected the L2 penalty that the kernels were trained with, found"
            + " none in a manifest (--l2 gives one)",
        "compress @/model --data digits --rule certificate:0.1 --out @/new");
  }

  @Test
  void layerPatternsThatNothingFits() {
    String layers = "expected a layer that fits it, found [sequential_1/dense_0, ";
    assertRefusedWith(
        FAILED,
        "layer pattern conv*: " + layers,
        "compress @/model --rule rank:2 --layers conv* --out @/new");
    assertRefusedWith(
        FAILED,
        "layer pattern Dense_0: " + layers,
        "compress @/model --rule rank:2 --exclude Dense_0 --out @/new");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--l2 -1             | lambda must be >= 0, was -1",
        "--l2 -0.001         | lambda must be >= 0, was -0.001",
        "--l2 NaN            | lambda must be >= 0, was NaN",
        "--epochs 0          | epochs must be > 0, was 0",
        "--batch-size -1     | batch size must be >= 0, was -1",
        "--learning-rate 0   | learning rate must be > 0, was 0.0",
        "--threads -2        | threads must be >= 0, was -2",
        "--until 0           | stationarity tolerance must be > 0, was 0.0",
        "--track-collapse 0  | epochs between measurements must be > 0, was 0",
        "--track-collapse=no | epochs between measurements must be a number, was no",
        "--decay halfway     | decay must be in_loss or decoupled, was halfway",
      })
  void trainingSettingsOutOfRange(String setting, String message) {
    assertRefused(
        WRONG_USAGE, message, "train --data digits --network mlp:4 --out @/new/run " + setting);
  }

  @Test
  void studiesThatAreUnknown() {
    String known = "lambda, depth, time, residual, truncation, barrier, parallel, forecast or all";
    assertRefused(WRONG_USAGE, "study must be " + known + ", was width", "study width --out @/new");
    assertRefused(
        FAILED,
        "@/full: expected a new or empty folder, found one with files (--overwrite replaces it)",
        "study time --out @/full");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--optimizer newton", "--schedule later", "--finish -1"})
  void trainingSettingsThatAreUnknown(String setting) {
    String name = setting.substring(setting.indexOf(' ') + 1);
    String message =
        refusal(WRONG_USAGE, "train --data digits --network mlp:4 --out @/new/run " + setting);
    assertTrue(message.contains(name), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mlp:0      | expected a width > 0, found \"0\"",
        "mlp:8,0x2  | expected a width > 0, found \"0x2\"",
        "mlp:8x0    | expected a number of layers > 0, found \"8x0\"",
        "mlp:-5     | expected a width such as 100 or 64x3, found \"-5\"",
        "mlp        | expected widths such as mlp:64x3 or mlp:100,50, found \"mlp\"",
        "cnn:5      | expected mlp:WIDTHS, resmlp:WIDTHS or linear, found \"cnn\"",
      })
  void networksThatAreNone(String network, String message) {
    assertRefused(
        WRONG_USAGE,
        "network \"%s\": %s".formatted(network, message),
        "train --data digits --out @/new/run --network " + network);
  }

  @Test
  void negativePenaltyOfAnAnalysis() {
    assertRefused(
        WRONG_USAGE,
        "lambda must be >= 0, was -1.0",
        "analyze @/model --data digits --l2 -1 --out @/new");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "analyze @/model --data digits      | Missing required option: '--out=DIR'"
            + " (see 'rankfold analyze --help')",
        "analyze @/model --out @/new        | Missing required option: '--data=URI'"
            + " (see 'rankfold analyze --help')",
        "train --data digits --network mlp:4 | Missing required option: '--out=DIR'"
            + " (see 'rankfold train --help')",
        "compress @/model --rule rank:2     | expected --out DIR or --dry-run"
            + " (see 'rankfold compress --help')",
        "compress @/model --out @/new       | expected --rule, or a budget such as --max-drop, found neither"
            + " (see 'rankfold compress --help')",
        "compress @/model --latency fast --data digits --out @/new | expected a latency such as 0.5x"
            + " (of the original's) or 3ms, was 'fast'",
        "compress @/model --latency 0x --data digits --out @/new | latency must be > 0, was 0.0",
        "compress @/model --latency 1x --latency-batch 0 --data digits --out @/new | latency-batch"
            + " must be >= 1, was 0",
        "compress @/model --rule rank:2 --factors int4 --out @/new | Invalid value for option"
            + " '--factors': expected float16, bfloat16 or int8, was 'int4' (see 'rankfold compress"
            + " --help')",
        "compress @/model --rule rank:2 --interpolative --factors int8 --out @/new | expected"
            + " --interpolative or --factors int8, found both (see 'rankfold compress --help')",
        "compress @/model --certify 0.9 --out @/new | expected --data URI beside --certify and"
            + " --bounds, found none (see 'rankfold compress --help')",
        "compress @/model --certify 0.9 --rule rank:2 --data digits --out @/new | expected --certify"
            + " without a rule or budget, found both (see 'rankfold compress --help')",
        "compress @/model --certify 1.5 --data digits --out @/new | certify must be in (0, 1], was 1.5"
            + " (see 'rankfold compress --help')",
        "compress @/model --rule rank:2 --bounds --data digits --dry-run | --bounds: expected --out DIR,"
            + " as bounds are of what is written, found --dry-run (see 'rankfold compress --help')",
        "compress @/model --rule rank:2 --radius 1 --data digits --out @/new | --radius: expected"
            + " --bounds or --certify, found neither (see 'rankfold compress --help')",
        "compress @/model --max-drop 1 --fine-tune -3 --data digits --out @/new | fine-tune must be"
            + " >= 0, was -3",
        "compress @/model --max-drop 1 --fine-tune 3 --fine-tune-rate 0 --data digits --out @/new |"
            + " fine-tune-rate must be > 0 and finite, was 0.0",
        "compress @/model --max-drop 1 --fine-tune 3 --fine-tune-rate NaN --data digits --out @/new |"
            + " fine-tune-rate must be > 0 and finite, was NaN",
        "compress @/model --max-drop 1 --fine-tune-rate 1e-3 --data digits --out @/new |"
            + " --fine-tune-rate: expected --fine-tune EPOCHS, found none (see 'rankfold compress"
            + " --help')",
        "compress @/model --max-drop -1 --data digits --out @/full | max-drop must be >= 0, was -1.0",
        "compress @/model --rule fraction:1.5 --out @/full | fraction must be in (0, 1], was 1.5",
        "merge @/model @/model --data-a digits --data-b digits --rule fraction:1.5 --out @/full |"
            + " fraction must be in (0, 1], was 1.5",
        "report @/full                      | Missing required option: '--out=FILE'"
            + " (see 'rankfold report --help')",
        "inspect                            | Missing required parameter: 'MODEL'"
            + " (see 'rankfold inspect --help')",
        "inspect @/model --frobnicate       | Unknown option: '--frobnicate'"
            + " (see 'rankfold inspect --help')",
        "train --epochs x                   | Invalid value for option '--epochs': 'x' is not an"
            + " int (see 'rankfold train --help')",
      })
  void commandLinesThatLackOrHaveTooMuch(String command, String message) {
    assertRefused(WRONG_USAGE, message, command);
  }

  @Test
  void anUnknownCommand() {
    assertRefusedWith(WRONG_USAGE, "Unmatched argument at index 0: 'squeeze'", "squeeze");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "compres @/model               | did you mean compress? (see 'rankfold --help')",
        "compress @/model --rul rank:2 | did you mean --rule? (see 'rankfold compress --help')",
      })
  void whatWasProbablyMeant(String command, String end) {
    String found = refusal(WRONG_USAGE, command);
    assertTrue(found.endsWith(end), found);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inspect @/model",
        "train --data digits --network mlp:4 --epochs 1 --out @/new",
        "forecast --data digits --network mlp:4 --l2 1e-2",
        "demo --out @/new",
      })
  void aGpuWhereThereIsNone(String command) {
    assumeFalse(Gpu.isUsable());
    assertRefused(
        FAILED,
        "--device gpu: expected a GPU and TensorFlow's build for it (Maven profile gpu), found no"
            + " GPU that TensorFlow can use",
        command + " --device gpu");
  }

  @Test
  void aGpuForWhatComputesOnOneThread() {
    assertRefused(
        FAILED,
        "--device gpu: expected auto or cpu for a study, which computes on one thread so that a"
            + " seed gives the same table",
        "study depth --device gpu --out @/new");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "analyze @/model --data digits                  | @/full",
        "compress @/model --rule rank:2                 | @/full",
        "train --data digits --network mlp:4 --epochs 1 | @/full",
        "demo                                           | @/full",
        "inspect @/model                                | @/full",
      })
  void anOutputFolderThatIsInUse(String command, String out) {
    assertRefused(
        FAILED,
        out + ": expected a new or empty folder, found one with files (--overwrite replaces it)",
        command + " --out " + out);
  }

  @Test
  void aFolderInTheWayIsToldBeforeTheWork() {
    CommandLineRun run =
        CommandLineRun.of("inspect", folder.resolve("model"), "--out", folder.resolve("full"));
    assertEquals(1, run.err().lines().count(), "no singular values before, found " + run.err());
  }

  @Test
  void anOutputThatIsAFileOrBelowOne() {
    assertRefused(
        FAILED,
        "@/file.txt: expected a folder to write to, found a file",
        "compress @/model --rule rank:2 --overwrite --out @/file.txt");
    assertRefused(
        FAILED,
        "@/file.txt/out: cannot be written: @/file.txt is a file",
        "compress @/model --rule rank:2 --out @/file.txt/out");
    assertRefused(
        FAILED,
        "@/file.txt/a/out: cannot be written: @/file.txt is a file",
        "analyze @/model --data digits --out @/file.txt/a/out");
  }

  /** A mistake found late must not have cost what was to be overwritten. */
  @Test
  void overwriteKeepsTheOldFolderWhereTheCommandFails() throws IOException {
    Files.createDirectory(folder.resolve("old"));
    Files.writeString(folder.resolve("old/layers.csv"), "old");
    assertRefusedWith(
        FAILED, "rule rank:65: ", "compress @/model --rule rank:65 --overwrite --out @/old");
    assertRefusedWith(
        FAILED,
        "@/empty: expected a SavedModel folder",
        "analyze @/empty --data digits --overwrite --out @/old");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "analyze @/model --data digits",
        "compress @/model --rule rank:2",
        "demo",
        "evaluate @/model --data digits",
        "forecast --data digits --network mlp:20 --l2 1e-2",
        "inspect @/model",
        "merge @/model @/model --data-a digits --data-b digits",
        "study time",
        "train --data digits --network mlp:4 --epochs 1",
      })
  void overwriteSparesWhatNoCommandWrote(String command) {
    assertRefused(
        FAILED,
        "@/full: expected to overwrite what rankfold wrote and nothing else, found precious.txt in"
            + " it",
        command + " --overwrite --out @/full");
  }

  @ParameterizedTest
  @ValueSource(strings = {"@/model", "@", "@/model/variables"})
  void anOutputFolderThatHoldsTheInputOrLiesInIt(String out) {
    String message = "%s: expected a folder apart from @/model, found %s";
    String found =
        out.equals("@/model") ? "the same" : out.equals("@") ? "one above it" : "one in it";
    for (String command :
        new String[] {
          "compress @/model --rule rank:2",
          "analyze @/model --data digits",
          "evaluate @/model --data digits",
          "evaluate " + Fixtures.DIGITS + " --against @/model --data digits",
          "forecast --data digits --network mlp:20 --l2 1e-2 --against @/model"
        }) {
      assertRefused(FAILED, message.formatted(out, found), command + " --overwrite --out " + out);
    }
  }

  /** A folder that is not there yet is no further away for it. */
  @Test
  void anOutputFolderThatALinkLeadsIntoTheInput() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("model"));
    assertTrue(Files.isSymbolicLink(link));
    assertRefused(
        FAILED,
        "@/link/new: expected a folder apart from @/model, found one in it",
        "compress @/model --rule rank:2 --out @/link/new");
    Files.delete(link);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inspect MODEL",
        "analyze MODEL --data digits --out @/deep/new",
        "compress MODEL --rule rank:2 --out @/deep/new",
        "evaluate MODEL --data digits",
        "evaluate @/model --against MODEL --data digits",
      })
  void modelsThatCannotBeRead(String command) throws IOException {
    assertModelRefused(command, "nothing", ": expected a SavedModel folder, found nothing");
    assertModelRefused(command, "file.txt", ": expected a SavedModel folder, found a file");
    assertModelRefused(
        command, "empty", ": expected a SavedModel folder, found one without saved_model.pb");

    byte[] random = new byte[5000];
    new Random(1).nextBytes(random);
    Path spoiled = Fixtures.copy(Fixtures.DIGITS, folder.resolve("spoiled"));
    Path graph = spoiled.resolve("saved_model.pb");
    byte[] whole = Files.readAllBytes(graph);
    Files.write(graph, random);
    assertModelRefused(
        command, "spoiled", "/saved_model.pb: expected a SavedModel, found an unreadable file: ");
    Files.write(graph, Arrays.copyOf(whole, whole.length / 2));
    assertModelRefused(
        command, "spoiled", "/saved_model.pb: expected a SavedModel, found an unreadable file: ");
    Files.write(graph, new byte[0]);
    assertModelRefused(
        command, "spoiled", "/saved_model.pb: expected a SavedModel, found no meta graph in it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inspect MODEL",
        "analyze MODEL --data digits --out @/deep/new",
        "compress MODEL --rule rank:2 --out @/deep/new",
        "evaluate MODEL --data digits",
      })
  void modelsWhoseVariablesCannotBeRead(String command) throws IOException {
    Path variables = Fixtures.copy(Fixtures.DIGITS, folder.resolve("spoiled")).resolve("variables");
    Path index = variables.resolve("variables.index");
    Path values = variables.resolve("variables.data-00000-of-00001");
    String part = "/variables/variables.data-00000-of-00001: expected the ";
    String damaged = "/variables/variables.index: expected an index of variables, found ";
    byte[] whole = Files.readAllBytes(values);

    Files.write(values, Arrays.copyOf(whole, whole.length / 2));
    assertModelRefused(command, "spoiled", part);
    Files.delete(values);
    assertModelRefused(command, "spoiled", part);
    Files.write(values, whole);
    Files.write(index, Arrays.copyOf(Files.readAllBytes(index), 40));
    assertModelRefused(command, "spoiled", damaged);
    Files.write(index, new byte[0]);
    assertModelRefused(command, "spoiled", damaged);
    Files.delete(index);
    String missing = "/variables/variables.index: expected the values of 10 variables, found ";
    assertModelRefused(command, "spoiled", missing);
    Files.delete(values);
    Files.delete(variables);
    assertModelRefused(command, "spoiled", missing);
  }

  private void assertModelRefused(String command, String model, String start) {
    assertRefusedWith(FAILED, "@/" + model + start, command.replace("MODEL", "@/" + model));
  }

  @Test
  void signaturesAndTagsThatTheModelLacks() {
    assertRefused(
        FAILED,
        "@/model: expected a signature named train, found [serve, serving_default]",
        "inspect @/model --signature train");
    assertRefused(
        FAILED,
        "@/model: expected a graph tagged [gpu], found [serve]",
        "inspect @/model --tags gpu");
  }

  @Test
  void aModelOfSeveralOutputsNeedsOneThatCounts() {
    String message = refusal(FAILED, "evaluate " + Fixtures.EINSUM + " --data digits");
    assertTrue(
        message.startsWith(Fixtures.EINSUM + ": signature serving_default: expected one "),
        message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --network mlp:4 --epochs 1 --out @/deep/new --data ",
        "analyze @/model --out @/deep/new --data ",
        "evaluate @/model --data ",
        "compress @/model --rule rank:2 --out @/deep/new --data "
      })
  void dataThatCannotBeRead(String command) throws IOException {
    assertRefused(
        FAILED,
        "data \"digit\": expected digits, idx:FOLDER, csv:FILE, npz:FILE, cifar10:FOLDER",
        command + "digit");
    for (String uri : new String[] {"csv:@/no.csv", "npz:@/no.npz", "idx:@/no"}) {
      String message = refusal(FAILED, command + uri);
      assertTrue(message.contains(filled("@/no")), message);
    }
    csv("label.csv", "a,b,c", "1,2,x", "3,4,y");
    assertRefusedWith(FAILED, "@/label.csv", command + "csv:@/label.csv?label=class");
    csv("ragged.csv", "a,b,label", "1,2,x", "3,y");
    assertRefusedWith(FAILED, "@/ragged.csv", command + "csv:@/ragged.csv?label=label");
    csv("text.csv", "a,b,label", "1,2,x", "3,four,y");
    assertRefusedWith(FAILED, "@/text.csv", command + "csv:@/text.csv?label=label");
    csv("nan.csv", "a,b,label", "1,2,x", "3,NaN,y");
    assertRefusedWith(FAILED, "@/nan.csv", command + "csv:@/nan.csv?label=label");
    Files.createDirectory(folder.resolve("idx"));
    idx("train-images-idx3-ubyte", 0x00000802, 4, 8, 8);
    idx("train-labels-idx1-ubyte", 0x00000801, 4);
    assertRefusedWith(FAILED, "@/idx/train-images-idx3-ubyte", command + "idx:@/idx");
    idx("train-images-idx3-ubyte", 0x00000803, 4, 8, 8);
    idx("train-labels-idx1-ubyte", 0x00000801, 5);
    String counts = refusal(FAILED, command + "idx:@/idx");
    assertTrue(counts.contains("4") && counts.contains("5"), counts);
    Path images = folder.resolve("idx/train-images-idx3-ubyte");
    Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 100));
    assertRefusedWith(FAILED, "@/idx/train-images-idx3-ubyte", command + "idx:@/idx");
  }

  @Test
  void dataOfAnotherWidthThanTheModel() throws IOException {
    csv("narrow.csv", "a,b,label", "1,2,0", "3,4,9");
    String message =
        "@/model: input x: expected samples of shape [64], found csv:@/narrow.csv?label=label of"
            + " shape [2]";
    assertRefused(FAILED, message, "evaluate @/model --data csv:@/narrow.csv?label=label");
    assertRefused(
        FAILED, message, "analyze @/model --out @/new --data csv:@/narrow.csv?label=label");
  }

  @Test
  void oneClassOrAnEmptyOneCannotBeAnalysed() throws IOException {
    csv("one.csv", wide(2));
    assertRefusedWith(
        FAILED,
        "csv:@/one.csv?label=label: expected samples of at least two classes, found only class",
        "analyze @/model --out @/new --data csv:@/one.csv?label=label");
  }

  @Test
  void labelsThatTheModelHasNoOutputFor() throws IOException {
    NetworkSpec spec = NetworkSpec.mlp(64, 4, 3);
    NetworkExport.write(spec, NetworkWeights.initial(spec, 3), folder.resolve("three"));
    assertRefused(
        FAILED,
        "digits?split=test: expected labels for accuracy, found those of 10 classes for the 3"
            + " output(s) of @/three",
        "evaluate @/three --data digits");
  }

  @Test
  void reportsOfNothing() throws IOException {
    assertRefused(
        FAILED,
        "@/nothing: expected the folder of the run, found nothing",
        "report @/nothing --out @/deep/page.html");
    assertRefusedWith(
        FAILED,
        "@/empty: expected at least one file of a run (history.csv",
        "report @/empty --out @/page.html");
    Files.writeString(folder.resolve("full/manifest.json"), "{}");
    assertRefused(
        FAILED,
        "@/full: expected the folder of the analysis, found one without layers.csv",
        "report @/full --analysis @/full --out @/page.html");
    assertRefused(
        FAILED,
        "@/empty: expected the folder of the compressed model, found one without compression.csv",
        "report @/full --compressed @/empty --out @/page.html");
    Files.writeString(folder.resolve("full/history.csv"), "epoch,loss\n1,\"2\n");
    assertRefusedWith(FAILED, "@/full/history.csv", "report @/full --out @/page.html");
    Files.writeString(folder.resolve("full/history.csv"), "epoch,loss\n1\n");
    assertRefusedWith(FAILED, "@/full/history.csv", "report @/full --out @/page.html");
  }

  @Test
  void aPageThatExists() {
    assertRefused(
        FAILED,
        "@/file.txt: expected a new file, found one that exists (--overwrite replaces it)",
        "report @/empty --out @/file.txt");
  }

  @Test
  void aPageThatIsAFolderOrBelowAFile() throws IOException {
    Files.writeString(folder.resolve("full/manifest.json"), "{\"kind\": \"training\"}");
    assertRefused(
        FAILED,
        "@/empty: expected a file to write, found a folder",
        "report @/full --overwrite --out @/empty");
    assertRefused(
        FAILED,
        "@/file.txt/page.html: cannot be written: @/file.txt is a file",
        "report @/full --out @/file.txt/page.html");
  }

  @Test
  void aStackIsShownOnlyWhereItIsAskedFor() {
    CommandLineRun run = CommandLineRun.of("inspect", folder.resolve("empty"), "--stacktrace");
    assertEquals(FAILED, run.code());
    assertTrue(run.err().contains("\tat io.github.rankfold"), run.err());
    assertFalse(CommandLineRun.of("inspect", folder.resolve("empty")).err().contains("\tat "));
  }

  private void csv(String name, String... lines) throws IOException {
    Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  /** A header of 64 features and a label, then rows that are all alike. */
  private static String wide(int rows) {
    String header =
        IntStream.range(0, 64).mapToObj(i -> "f" + i).collect(Collectors.joining(",")) + ",label";
    String row = "1,".repeat(64) + "7";
    return header + ("\n" + row).repeat(rows);
  }

  /** An IDX file of bytes; labels alternate between 0 and 2. */
  private void idx(String name, int magic, int... sizes) throws IOException {
    int values = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * sizes.length + values).putInt(magic);
    Arrays.stream(sizes).forEach(bytes::putInt);
    for (int i = 0; i < values; i++) {
      bytes.put((byte) (i % 2 * 2));
    }
    Files.write(folder.resolve("idx").resolve(name), bytes.array());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mlp:9    | 0    |              | lambda must be > 0 for a forecast, was 0.0",
        "mlp:9    | -1   |              | lambda must be >= 0, was -1",
        "mlp:9    | NaN  |              | lambda must be >= 0, was NaN",
        "mlp:9    | 1e-2 | --width 0    | width must be > 0, was 0",
        "mlp:9    | 1e-2 | --passes 0   | passes must be > 0, was 0.0",
        "mlp:9    | 1e-2 | --passes NaN | passes must be > 0, was NaN",
        "mlp:9    | 1e-2 | --threads -1 | threads must be >= 0, was -1",
      })
  void forecastSettingsAreRefused(String network, String lambda, String more, String message) {
    String options = more == null ? "" : " " + more;
    assertRefused(
        WRONG_USAGE,
        message,
        "forecast --data digits --network " + network + " --l2 " + lambda + options + " --out @/o");
  }

  @Test
  void forecastOfAnotherNetworkIsRefused() {
    assertRefusedWith(
        FAILED,
        "@/model: expected layer dense_1 with a 64 x 9 kernel as in mlp:9, found ",
        "forecast --data digits --network mlp:9 --l2 1e-2 --against @/model --out @/o");
    assertRefused(
        FAILED,
        "@/empty: expected a folder that forecast wrote, with forecast.csv and"
            + " forecast_layers.csv",
        "train --data digits --network mlp:9 --forecast @/empty --out @/o");
  }

  @Test
  void forecastNeedsSamplesOfEachClass() throws IOException {
    Files.writeString(folder.resolve("one.csv"), "x,y\n1,a\n2,a\n");
    assertRefusedWith(
        FAILED,
        "csv:@/one.csv?label=y: expected samples of at least two classes, found only class a",
        "forecast --data csv:@/one.csv?label=y --network linear --l2 1e-2 --out @/o");
  }
}
