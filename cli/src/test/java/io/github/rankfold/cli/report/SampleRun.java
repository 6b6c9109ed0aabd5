package io.github.rankfold.cli.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The sample folders of {@code src/test/python/make_sample_run.py}, as they are or as copies. */
final class SampleRun {
  static final List<String> LAYERS = List.of("dense_1", "dense_2", "dense_3", "dense_4", "dense_5");

  private SampleRun() {}

  static Path run() {
    return resource("/sample-run");
  }

  static Path compressed() {
    return resource("/sample-compressed");
  }

  static ReportInputs inputs() {
    return ReportInputs.read(run(), Optional.of(compressed()));
  }

  /** Copies a sample folder to {@code target}, for a test to spoil. */
  static Path copy(Path sample, Path target) {
    try (Stream<Path> files = Files.list(sample)) {
      Files.createDirectories(target);
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName().toString()));
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void replaceIn(Path file, String old, String replacement) throws IOException {
    String text = Files.readString(file);
    if (!text.contains(old)) {
      throw new IllegalArgumentException(file + ": expected " + old + ", found none");
    }
    Files.writeString(file, text.replace(old, replacement));
  }

  private static Path resource(String name) {
    URL url = Objects.requireNonNull(SampleRun.class.getResource(name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
