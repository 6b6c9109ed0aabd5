package io.github.rankfold.models.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.skip(1).map(path -> folder.relativize(path).toString()).sorted().toList();
    }
  }

  @Test
  void appearsWholeOnCommit() throws IOException {
    try (OutputFolder out = OutputFolder.create(folder.resolve("a/b/out"), false)) {
      Files.writeString(out.staging().resolve("file"), "x");
      assertFalse(Files.exists(out.target()));
      out.commit();
    }
    assertEquals(List.of("a", "a/b", "a/b/out", "a/b/out/file"), names());
  }

  @Test
  void leavesNothingWithoutACommit() throws IOException {
    try (OutputFolder out = OutputFolder.create(folder.resolve("a/b/out"), false)) {
      Files.createDirectories(out.staging().resolve("deep/deeper"));
      Files.writeString(out.staging().resolve("deep/file"), "x");
    }
    assertEquals(List.of(), names());
  }

  @Test
  void leavesFoldersThatSomebodyElseFilledMeanwhile() throws IOException {
    try (OutputFolder out = OutputFolder.create(folder.resolve("a/b/out"), false)) {
      Files.writeString(out.target().resolveSibling("other"), "x");
    }
    assertEquals(List.of("a", "a/b", "a/b/other"), names());
  }

  @Test
  void overwritingReplacesAllAndOnlyOnCommit() throws IOException {
    Path target = Files.createDirectory(folder.resolve("out"));
    Files.writeString(target.resolve("old"), "x");
    try (OutputFolder out = OutputFolder.create(target, true)) {
      Files.writeString(out.staging().resolve("never"), "x");
    }
    assertEquals(List.of("out", "out/old"), names());
    try (OutputFolder out = OutputFolder.create(target, true)) {
      Files.writeString(out.staging().resolve("new"), "x");
      out.commit();
    }
    assertEquals(List.of("out", "out/new"), names());
  }

  @Test
  void refusesWhatIsInUseOrNoFolder() throws IOException {
    Path used = Files.createDirectory(folder.resolve("used"));
    Path file = Files.writeString(used.resolve("file"), "x");
    assertEquals(
        used + ": expected a new or empty folder, found one with files (--overwrite replaces it)",
        refusal(used, false));
    assertEquals(file + ": expected a folder to write to, found a file", refusal(file, true));
    Path below = file.resolve("a/b");
    assertEquals(below + ": cannot be written: " + file + " is a file", refusal(below, true));
    assertTrue(refusal(Path.of("/"), true).startsWith("/: "));
    assertEquals(List.of("used", "used/file"), names());
  }

  private static String refusal(Path folder, boolean overwrite) {
    return String.valueOf(
        assertThrows(
                InvalidInputException.class, () -> OutputFolder.create(folder, overwrite).close())
            .getMessage());
  }
}
