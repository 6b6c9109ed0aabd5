package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which model, and how it is opened. */
final class ModelSelection {
  private static final int SHOWN_CLASSES = 12;

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
      names = "--only-signatures",
      paramLabel = "KEY",
      split = ",",
      description =
          "Leave other signatures out of what is read and written, such as those that train"
              + " (default: all are kept).")
  private List<String> only = List.of();

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

  /**
   * Data with the classes that the first of these models was trained on whose manifest names them;
   * where none does, with their outputs as classes, and a hint if those are guessed.
   */
  static DataSplit inClassesOf(DataSplit data, Console console, LiveModel... models) {
    for (LiveModel model : models) {
      Optional<List<String>> names = Manifest.classNames(model.files());
      if (names.isPresent()) {
        return data.withClasses(names.get(), model.files().folder().toString());
      }
    }
    if (!data.primary().hasLabels()) {
      return data;
    }
    int outputs = models[0].outputWidth().orElse(data.primary().classes());
    DataSplit matched = data.forOutputs(outputs, models[0].files().folder().toString());
    LabeledData samples = matched.primary();
    if (samples.hasSortedClasses() && samples.classes() == outputs) {
      console.hint(
          "%s: classes in the order of their names: %s (classes=NAME,NAME,... says another)"
              .formatted(samples.name(), numbered(samples.classNames())));
    }
    return matched;
  }

  /** Where accuracy was not measured though there are labels, why. */
  static void hintAtLeftOutLabels(LabeledData samples, Console console) {
    samples
        .leftOutLabels()
        .ifPresent(
            found ->
                console.hint(
                    "%s: no accuracy is measured: expected labels, found %s"
                        .formatted(samples.name(), found)));
  }

  /** Which class is which output; the first and the last where there are many. */
  private static String numbered(List<String> names) {
    IntFunction<String> pair = k -> "%s = %d".formatted(names.get(k), k);
    int last = names.size() - 1;
    return names.size() <= SHOWN_CLASSES
        ? IntStream.rangeClosed(0, last).mapToObj(pair).collect(Collectors.joining(", "))
        : "%s, %s, ..., %s".formatted(pair.apply(0), pair.apply(1), pair.apply(last));
  }

  private ModelOptions options(CommonOptions common) {
    return new ModelOptions(
        signature,
        new LinkedHashSet<>(only),
        new LinkedHashSet<>(tags),
        0,
        common.device(),
        trust,
        true,
        Optional.ofNullable(outputKey));
  }
}
