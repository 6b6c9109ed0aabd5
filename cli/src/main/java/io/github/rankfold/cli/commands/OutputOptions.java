package io.github.rankfold.cli.commands;

import io.github.rankfold.models.files.OutputFolder;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the results go. */
final class OutputOptions {
  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      required = true,
      description = "The folder to write; refused if it exists and is not empty.")
  private Path out = Path.of(".");

  @Option(
      names = "--overwrite",
      description = "Replace the output folder if rankfold wrote all that is in it.")
  private boolean overwrite;

  OutputFolder create() {
    return OutputFolder.create(out, overwrite);
  }

  Path path() {
    return out;
  }
}
