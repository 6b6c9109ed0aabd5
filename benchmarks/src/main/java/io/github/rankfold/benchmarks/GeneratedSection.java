package io.github.rankfold.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A part of a document that a program writes: what is between {@code <!-- generated: NAME -->} and
 * {@code <!-- end: NAME -->}.
 */
record GeneratedSection(String name) {
  /** Replaces it. */
  void write(Path document, String text) throws IOException {
    String begin = "<!-- generated: " + name + " -->";
    String end = "<!-- end: " + name + " -->";
    String whole = Files.readString(document);
    int from = whole.indexOf(begin);
    int to = whole.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          "%s: expected the lines %s and %s".formatted(document, begin, end));
    }
    String head = whole.substring(0, from + begin.length());
    Files.writeString(document, head + "\n" + text.strip() + "\n" + whole.substring(to));
  }
}
