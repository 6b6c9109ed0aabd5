package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.Gpu;
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
          "Where TensorFlow computes (default: auto, a GPU if there is one); gpu fails without one.")
  private Device device = Device.AUTO;

  @Option(names = "--stacktrace", description = "Show where in the code a failure came from.")
  @SuppressWarnings("UnusedVariable") // the failure handler asks whether it was given
  private boolean stacktrace;

  /** Where TensorFlow computes. */
  enum Device {
    AUTO,
    CPU,
    GPU
  }

  Console console() {
    CommandLine line = command.commandLine();
    return new Console(line.getOut(), line.getErr(), json, quiet);
  }

  /**
   * Whether TensorFlow may compute on a GPU.
   *
   * @throws InvalidInputException where one is asked for and there is none
   */
  boolean mayUseGpu() {
    if (device == Device.GPU) {
      Gpu.require("--device gpu");
    }
    return device != Device.CPU;
  }
}
