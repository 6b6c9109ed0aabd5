package io.github.rankfold.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Puts what {@code rankfold study} wrote into docs/theory.md, and its plots into docs/studies.
 *
 * <p>{@code TheoryDocument DOCS STUDIES...}: each of STUDIES is a folder of {@code study NAME
 * --out}. Each NAME.md becomes the section of docs/theory.md of that name.
 */
public final class TheoryDocument {
  private TheoryDocument() {}

  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      throw new IllegalArgumentException("expected DOCS STUDIES..., found " + List.of(args));
    }
    Path docs = Path.of(args[0]);
    Path plots = Files.createDirectories(docs.resolve("studies"));
    for (String folder : List.of(args).subList(1, args.length)) {
      for (Path file : filesOf(Path.of(folder))) {
        String name = file.getFileName().toString();
        if (name.endsWith(".svg")) {
          Files.copy(file, plots.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        } else if (name.endsWith(".md")) {
          String study = name.substring(0, name.length() - ".md".length());
          String page = Files.readString(file).replaceAll("]\\(([^)]*\\.svg)\\)", "](studies/$1)");
          new GeneratedSection(study).write(docs.resolve("theory.md"), page);
        }
      }
    }
  }

  private static List<Path> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(files.sorted().toList());
    }
  }
}
