package io.github.rankfold.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Every file and folder below a folder, hidden ones too, with what the files hold. */
record Snapshot(Map<String, String> entries) {
  static Snapshot of(Path folder) {
    Map<String, String> entries = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        String content =
            Files.isRegularFile(path)
                ? "file " + Arrays.hashCode(Files.readAllBytes(path))
                : "folder";
        entries.put(folder.relativize(path).toString(), content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Snapshot(entries);
  }

  /** The names of all files, without folders. */
  static List<String> files(Path folder) {
    return of(folder).entries.entrySet().stream()
        .filter(entry -> entry.getValue().startsWith("file"))
        .map(Map.Entry::getKey)
        .toList();
  }
}
