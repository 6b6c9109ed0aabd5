package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
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
      description = "Where TensorFlow computes (default: a GPU if there is one).")
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

  boolean mayUseGpu() {
    return device != Device.CPU;
  }
}
