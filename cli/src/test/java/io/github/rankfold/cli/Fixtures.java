package io.github.rankfold.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The real SavedModels that several modules test on, and copies of them to spoil. */
final class Fixtures {
  private static final Path FOLDER = Path.of(System.getProperty("rankfold.fixtures"));

  /** 64-64-64-48-32-10, tanh, trained on the digits. */
  static final Path DIGITS = FOLDER.resolve("digits-tanh/savedmodel_f32");

  /** A model of two inputs and several outputs. */
  static final Path EINSUM = FOLDER.resolve("saved-models/ein");

  /** Ids, their mask and numbers in; classes and a number out. */
  static final Path SEVERAL_INPUTS = FOLDER.resolve("saved-models/several_inputs");

  /** A model of two signatures, none of them the default. */
  static final Path BRANCHES = FOLDER.resolve("saved-models/branches");

  private Fixtures() {}

  static Path copy(Path source, Path target) throws IOException {
    try (Stream<Path> paths = Files.walk(source)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Files.createDirectories(target.getParent());
        Files.copy(path, target.resolve(source.relativize(path).toString()));
      }
    }
    return target;
  }
}
