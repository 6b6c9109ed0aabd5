package io.github.rankfold.cli.commands;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
      description =
          "The signature to call with data (default: ${DEFAULT-VALUE}, or the only one). Layers are"
              + " those of all signatures.")
  private String signature = "serving_default";

  @Option(
      names = "--output-key",
      paramLabel = "KEY",
      description =
          "Which of the signature's outputs counts, where there are several (default: logits, or the"
              + " only one).")
  private @Nullable String outputKey;

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

  /**
   * Refuses an output folder whose overwriting would cost the model: the model's own, one above it,
   * or one inside the SavedModel. A folder beside the SavedModel of a run is fine.
   */
  void requireApartFrom(Path out) {
    requireApartFrom(model, out);
  }

  /** The same of another model, or of another folder that a command reads. */
  static void requireApartFrom(Path model, Path out) {
    Path source = real(model);
    Path target = real(out);
    Path files =
        Files.exists(source.resolve("saved_model.pb")) ? source : source.resolve("saved_model");
    if (source.startsWith(target) || target.startsWith(files)) {
      throw new InvalidInputException(
          "%s: expected a folder apart from %s, found %s"
              .formatted(
                  out,
                  model,
                  target.equals(source)
                      ? "the same"
                      : source.startsWith(target) ? "one above it" : "one in it"));
    }
  }

  /** Of a path that does not exist (yet), as far as it does. */
  private static Path real(Path path) {
    Path whole = path.toAbsolutePath().normalize();
    for (Path there = whole; there != null; there = there.getParent()) {
      try {
        return there.toRealPath().resolve(there.relativize(whole));
      } catch (IOException e) {
        // Its folder may exist.
      }
    }
    return whole;
  }

  LiveModel open(CommonOptions common) {
    return open(model, common);
  }

  /** Another model, opened in the same way. */
  LiveModel open(Path other, CommonOptions common) {
    return LiveModel.open(other, options(common));
  }

  /** Opens the model to be read and not to be run on data. */
  LiveModel openForReading(CommonOptions common) {
    return openForReading(model, common);
  }

  /** Another model, opened in the same way. */
  LiveModel openForReading(Path other, CommonOptions common) {
    return LiveModel.open(other, options(common).withoutOptimizing());
  }

  /** Data with the classes that a model was trained on, where its manifest names them. */
  static DataSplit inClassesOf(LiveModel model, DataSplit data) {
    return Manifest.classNames(model.files())
        .map(names -> data.withClasses(names, model.files().folder().toString()))
        .orElse(data);
  }

  private ModelOptions options(CommonOptions common) {
    Set<String> wanted = new LinkedHashSet<>(tags);
    return new ModelOptions(
        signature, wanted, 0, common.mayUseGpu(), trust, true, Optional.ofNullable(outputKey));
  }
}
