package io.github.rankfold.cli.commands;

import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which model, and how it is opened. */
final class ModelSelection {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A SavedModel folder, or a run folder that holds one.")
  private Path model = Path.of(".");

  @Option(
      names = "--signature",
      paramLabel = "KEY",
      defaultValue = "serving_default",
      description = "The signature to call (default: ${DEFAULT-VALUE}, or the only one).")
  private String signature = "serving_default";

  @Option(
      names = "--tags",
      paramLabel = "TAG",
      split = ",",
      description = "Which graph of the SavedModel (default: serve, or the only one).")
  private List<String> tags = List.of();

  @Option(
      names = "--trust",
      description = "Run a graph that reads or writes files of its own choice, or calls host code.")
  private boolean trust;

  Path path() {
    return model;
  }

  LiveModel open(CommonOptions common) {
    return open(model, common);
  }

  /** Another model, opened in the same way. */
  LiveModel open(Path other, CommonOptions common) {
    Set<String> wanted = new LinkedHashSet<>(tags);
    return LiveModel.open(other, new ModelOptions(signature, wanted, 0, common.mayUseGpu(), trust));
  }
}
