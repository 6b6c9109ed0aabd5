package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens files of data; what is missing, empty or damaged becomes an input error. */
final class InputFiles {
  private InputFiles() {}

  static void requireFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new InvalidInputException(file + ": expected a file, found a folder");
    }
    if (!Files.exists(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    if (!Files.isReadable(file)) {
      throw new InvalidInputException(file + ": cannot be read: permission denied");
    }
  }

  static void requireFolder(Path folder) {
    if (!Files.exists(folder)) {
      throw new InvalidInputException(folder + ": no such folder");
    }
    if (!Files.isDirectory(folder)) {
      throw new InvalidInputException(folder + ": expected a folder, found a file");
    }
  }
}
