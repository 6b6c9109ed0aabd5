package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.cli.studies.StudyName;
import io.github.rankfold.models.files.WrittenNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The names that an output folder may have to be overwritten, beside those of the documents; {@link
 * CommandLineRun#succeeding} holds them against what commands write.
 */
class WrittenNamesTest {
  private static final Pattern FIRST_CELL = Pattern.compile("^\\| `([a-z_]+\\.[a-z]+)` \\|");

  @TempDir Path folder;

  private void assertKnown(Stream<String> names) throws IOException {
    for (String name : (Iterable<String>) names::iterator) {
      Files.writeString(folder.resolve(name), "x");
    }
    assertEquals(Optional.empty(), WrittenNames.foreignIn(folder));
  }

  @Test
  void everyFileOfTheDocuments() throws IOException {
    List<String> names =
        Files.readAllLines(Path.of("../docs/files.md")).stream()
            .flatMap(line -> FIRST_CELL.matcher(line).results())
            .map(found -> found.group(1))
            .toList();
    assertTrue(names.size() >= 25, () -> "expected the files of the table, found " + names);
    assertKnown(names.stream());
  }

  @Test
  void everyStudy() throws IOException {
    assertKnown(
        Stream.of(StudyName.values())
            .map(StudyName::text)
            .flatMap(name -> Stream.of(name + ".csv", name + ".md", name + "-rank.svg")));
  }
}
