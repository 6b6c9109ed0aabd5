package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.files.CsvTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run's classes keep their numbers in data that lacks some of them, or has others. */
class ClassNamesTest {
  @TempDir Path folder;

  @BeforeEach
  void train() throws IOException {
    CommandLineRun.succeeding(
        "train",
        "--data",
        data("all", List.of("ash", "birch", "cedar")),
        "--network",
        "mlp:16x1",
        "--l2",
        "1e-3",
        "--epochs",
        "30",
        "--batch-size",
        "16",
        "--out",
        folder.resolve("run"));
  }

  /** Each class in a corner of its own. */
  private String data(String name, List<String> classes) throws IOException {
    Random random = new Random(1);
    StringBuilder rows = new StringBuilder("a,b,tree\n");
    for (String tree : classes) {
      for (int i = 0; i < 30; i++) {
        double a = (tree.equals("ash") ? 3 : -3) + random.nextGaussian() / 3;
        double b = (tree.equals("cedar") ? 3 : -3) + random.nextGaussian() / 3;
        rows.append(a).append(',').append(b).append(',').append(tree).append('\n');
      }
    }
    Path file = Files.writeString(folder.resolve(name + ".csv"), rows);
    return "csv:" + file + "?label=tree";
  }

  private String accuracy(Path model, String data, String out) throws IOException {
    Path table = folder.resolve(out);
    CommandLineRun.succeeding("evaluate", model, "--data", data, "--out", table);
    return CsvTable.read(table.resolve("evaluation.csv")).cell(0, "accuracy");
  }

  @Test
  void aClassThatIsMissingMovesNoOther() throws IOException {
    String some = data("some", List.of("cedar", "birch"));
    assertEquals("1.0", accuracy(folder.resolve("run"), some, "of-run"));
    CommandLineRun.succeeding(
        "compress",
        folder.resolve("run"),
        "--rule",
        "rank:2",
        "--data",
        some,
        "--out",
        folder.resolve("smaller"));
    String kept = accuracy(folder.resolve("smaller"), some, "of-smaller");
    assertEquals(CsvTable.read(folder.resolve("smaller/evaluation.csv")).cell(1, "accuracy"), kept);
    assertNotEquals("0.0", kept);
  }

  @Test
  void aClassThatTheModelHasNotIsRefused() throws IOException {
    String other = data("other", List.of("birch", "elm"));
    CommandLineRun run = CommandLineRun.of("evaluate", folder.resolve("run"), "--data", other);
    assertEquals(1, run.code());
    assertTrue(run.err().contains("expected one of the classes [ash, birch, cedar]"), run::err);
    assertTrue(run.err().contains("found elm"), run::err);
  }

  /** The SavedModel without the manifest that names its classes. */
  private Path nameless() {
    return folder.resolve("nameless");
  }

  private CommandLineRun evaluation(String data) throws IOException {
    Fixtures.copy(folder.resolve("run/saved_model"), nameless());
    return CommandLineRun.of("evaluate", nameless(), "--data", data, "--json");
  }

  private String numbered(List<String> classes, List<String> labels) throws IOException {
    data("numbered", classes);
    Path file = folder.resolve("numbered.csv");
    String text = Files.readString(file);
    for (int k = 0; k < classes.size(); k++) {
      text = text.replace(classes.get(k), labels.get(k));
    }
    Files.writeString(file, text);
    return "csv:" + file + "?label=tree";
  }

  @Test
  void numbersAreClassNumbersThoughOneIsMissing() throws IOException {
    CommandLineRun run = evaluation(numbered(List.of("ash", "cedar"), List.of("0", "2")));
    assertEquals(1, run.json().at("/0/accuracy").doubleValue());
    assertEquals("", run.err());
  }

  @Test
  void numbersFromOneAreInOrderAndItIsSaid() throws IOException {
    CommandLineRun run =
        evaluation(numbered(List.of("ash", "birch", "cedar"), List.of("1", "2", "3")));
    assertEquals(1, run.json().at("/0/accuracy").doubleValue());
    assertTrue(run.err().contains("classes in the order of their names: 1 = 0, 2 = 1"), run::err);
  }

  @Test
  void wordsAreInOrderAndItIsSaid() throws IOException {
    String all = data("again", List.of("ash", "birch", "cedar"));
    CommandLineRun run = evaluation(all);
    assertEquals(1, run.json().at("/0/accuracy").doubleValue());
    assertEquals(
        all
            + ": classes in the order of their names: ash = 0, birch = 1, cedar = 2"
            + " (classes=NAME,NAME,... says another)",
        run.err().strip());
  }

  @Test
  void fewerWordsThanOutputsAskForTheirOrder() throws IOException {
    String some = data("some", List.of("cedar", "birch"));
    CommandLineRun refused = evaluation(some);
    assertEquals(1, refused.code());
    assertEquals(
        some
            + ": expected labels for accuracy, found 2 values (birch, cedar) that do not say which of"
            + " the 3 outputs of "
            + nameless()
            + " each is (classes=NAME,NAME,... names all classes in the order of the outputs)",
        refused.json().at("/error").textValue());
    CommandLineRun named =
        CommandLineRun.succeeding(
            "evaluate", nameless(), "--data", some + "&classes=ash,birch,cedar", "--json");
    assertEquals(1, named.json().at("/0/accuracy").doubleValue());
    assertEquals("", named.err());
    CommandLineRun compared =
        CommandLineRun.succeeding(
            "evaluate", nameless(), "--against", nameless(), "--data", some, "--json");
    assertEquals("", compared.json().at("/0/accuracy").asText());
    assertTrue(compared.err().contains("no accuracy is measured"), compared::err);
  }
}
