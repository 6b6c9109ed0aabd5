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
}
