package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where users write numbers with other digits, names of nodes and files are the same. */
class LocaleTest {
  private final Locale before = Locale.getDefault(Locale.Category.FORMAT);

  @TempDir Path folder;

  @BeforeEach
  void elsewhere() {
    Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("ar-EG"));
    assertEquals("٥", "%d".formatted(5), "a locale that tells");
  }

  @AfterEach
  void back() {
    Locale.setDefault(Locale.Category.FORMAT, before);
  }

  /** But not where TensorFlow's Java names nodes, as for training: with the locale's digits. */
  @Test
  void commandsWorkInAProgramOfAnotherLocale() {
    CommandLineRun.succeeding(
        "compress",
        Fixtures.DIGITS,
        "--rule",
        "rank:4",
        "--data",
        "digits",
        "--bounds",
        "--out",
        folder.resolve("smaller"));
    CommandLineRun.succeeding("evaluate", Fixtures.DIGITS, "--data", "digits");
    CommandLineRun.succeeding("inspect", Fixtures.DIGITS);
  }

  @Test
  void theCommandPrintsTheSameNumbersEverywhere() throws IOException, InterruptedException {
    Path told = folder.resolve("told.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.language=ar",
                "-Duser.country=EG",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "train",
                "--data",
                "digits",
                "--network",
                "mlp:16",
                "--epochs",
                "2",
                "--out",
                folder.resolve("run").toString())
            .redirectOutput(told.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "still running");
    String text = Files.readString(told);
    assertEquals(0, process.exitValue(), text);
    assertTrue(text.startsWith("Trained mlp:16, 1,210 parameters"), text);
    assertTrue(text.chars().noneMatch(c -> c > 127), text);
  }
}
