package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.models.Device;
import io.github.rankfold.models.Gpu;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.ModelOptions;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What every command has. */
final class CommonOptions {
  @Spec(Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Option(
      names = "--json",
      description = "Print one JSON document on stdout; all else goes to stderr.")
  private boolean json;

  @Option(names = "--quiet", description = "Print findings only: no progress, no explanations.")
  private boolean quiet;

  @Option(
      names = "--device",
      paramLabel = "auto|cpu|gpu",
      defaultValue = "auto",
      description =
          "Where TensorFlow computes (default: auto, a GPU if there is one and it gains by it); gpu"
              + " fails without one.")
  private Device device = Device.AUTO;

  @Option(names = "--stacktrace", description = "Show where in the code a failure came from.")
  @SuppressWarnings("UnusedVariable") // the failure handler asks whether it was given
  private boolean stacktrace;

  Console console() {
    CommandLine line = command.commandLine();
    return new Console(line.getOut(), line.getErr(), json, quiet);
  }

  /**
   * Where TensorFlow computes.
   *
   * @throws InvalidInputException where a GPU is asked for and there is none
   */
  Device device() {
    if (device == Device.GPU) {
      Gpu.require("--device gpu");
    }
    return device;
  }

  /** How the models that a command itself trained are opened. */
  ModelOptions modelOptions() {
    return ModelOptions.defaults().withDevice(device());
  }

  /**
   * For what never computes there.
   *
   * @throws InvalidInputException where a GPU is asked for
   */
  void requireNoGpu(String what) {
    if (device == Device.GPU) {
      throw new InvalidInputException("--device gpu: expected auto or cpu for " + what);
    }
  }
}
