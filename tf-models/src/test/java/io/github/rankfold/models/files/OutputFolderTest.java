package io.github.rankfold.models.files;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    Files.writeString(target.resolve("layers.csv"), "x");
    try (OutputFolder out = OutputFolder.create(target, true)) {
      Files.writeString(out.staging().resolve("never"), "x");
    }
    assertEquals(List.of("out", "out/layers.csv"), names());
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

  @Test
  void overwritesOnlyWhatCommandsWrite() throws IOException {
    Path target = Files.createDirectories(folder.resolve("out"));
    for (String name : List.of("manifest.json", "lambda.csv", "lambda.md", "lambda-rank.svg")) {
      Files.writeString(target.resolve(name), "x");
    }
    for (String name : List.of("saved_model/variables", "run/saved_model", "compressed")) {
      Files.createDirectories(target.resolve(name));
    }
    assertDoesNotThrow(() -> OutputFolder.create(target, true).close());
    for (String name : List.of("data.csv", "run/notes.txt", ".git", "lambda.txt", "Layers.csv")) {
      Path foreign = Files.writeString(target.resolve(name), "x");
      assertEquals(foreignIn(target, Path.of(name).getName(0).toString()), refusal(target, true));
      Files.delete(foreign);
    }
    Files.createDirectories(target.resolve("layers.csv/deep"));
    assertEquals(foreignIn(target, "layers.csv"), refusal(target, true));
  }

  private static String foreignIn(Path target, String name) {
    return target
        + ": expected to overwrite what rankfold wrote and nothing else, found "
        + name
        + " in it";
  }

  @Test
  void foreignFilesThatCameMeanwhileAreKept() throws IOException {
    Path target = Files.createDirectory(folder.resolve("out"));
    try (OutputFolder out = OutputFolder.create(target, true)) {
      Files.writeString(target.resolve("notes.txt"), "x");
      assertEquals(
          foreignIn(target, "notes.txt"),
          assertThrows(InvalidInputException.class, out::commit).getMessage());
    }
    assertEquals(List.of("out", "out/notes.txt"), names());
  }

  @Test
  void theWorkingFolderAndThoseAboveItAreRefused() {
    String message = ": expected a folder apart from the working folder, found ";
    for (boolean overwrite : new boolean[] {false, true}) {
      assertEquals("." + message + "the same", refusal(Path.of("."), overwrite));
      assertEquals(".." + message + "one above it", refusal(Path.of(".."), overwrite));
    }
  }

  @Test
  void aLinkKeepsBeingOne() throws IOException {
    Path real = Files.createDirectories(folder.resolve("deep/real"));
    Files.writeString(real.resolve("layers.csv"), "x");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("deep/real"));
    try (OutputFolder out = OutputFolder.create(link, true)) {
      Files.writeString(out.staging().resolve("new"), "x");
      out.commit();
    }
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(List.of("deep", "deep/real", "deep/real/new", "link"), names());
    Files.writeString(real.resolve("notes.txt"), "x");
    assertEquals(foreignIn(link, "new"), refusal(link, true));
  }

  @Test
  void aLinkThatLeadsNowhere() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("missing"));
    assertEquals(
        link + ": expected a folder to write to, found a link that leads nowhere",
        refusal(link, false));
    assertEquals(List.of("link"), names());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatSomebodyElseWroteMeanwhileIsKept(boolean wasThere) throws IOException {
    Path target = folder.resolve("out");
    if (wasThere) {
      Files.createDirectory(target);
    }
    try (OutputFolder out = OutputFolder.create(target, false)) {
      Files.writeString(out.staging().resolve("layers.csv"), "second");
      try (OutputFolder faster = OutputFolder.create(target, false)) {
        Files.writeString(faster.staging().resolve("layers.csv"), "first");
        faster.commit();
      }
      assertEquals(
          target
              + ": expected to be the only one that writes there, found that it was written to"
              + " meanwhile; that was left as it is",
          assertThrows(InvalidInputException.class, out::commit).getMessage());
    }
    assertEquals(List.of("out", "out/layers.csv"), names());
    assertEquals("first", Files.readString(target.resolve("layers.csv")));
  }

  private static String refusal(Path folder, boolean overwrite) {
    return String.valueOf(
        assertThrows(
                InvalidInputException.class, () -> OutputFolder.create(folder, overwrite).close())
            .getMessage());
  }
}
