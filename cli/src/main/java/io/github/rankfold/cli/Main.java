package io.github.rankfold.cli;

import io.github.rankfold.cli.commands.AnalyzeCommand;
import io.github.rankfold.cli.commands.CompressCommand;
import io.github.rankfold.cli.commands.DemoCommand;
import io.github.rankfold.cli.commands.EvaluateCommand;
import io.github.rankfold.cli.commands.ForecastCommand;
import io.github.rankfold.cli.commands.InspectCommand;
import io.github.rankfold.cli.commands.MergeCommand;
import io.github.rankfold.cli.commands.ReportCommand;
import io.github.rankfold.cli.commands.StudyCommand;
import io.github.rankfold.cli.commands.TrainCommand;
import io.github.rankfold.cli.console.Failures;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.tensorflow.TensorFlow;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command {@code rankfold}. */
@Command(
    name = "rankfold",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "Trains L2-regularized networks with TensorFlow, tests neural collapse, and removes small"
          + " singular values from any SavedModel."
    },
    subcommands = {
      DemoCommand.class,
      ForecastCommand.class,
      TrainCommand.class,
      InspectCommand.class,
      AnalyzeCommand.class,
      CompressCommand.class,
      EvaluateCommand.class,
      MergeCommand.class,
      ReportCommand.class,
      StudyCommand.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  rankfold demo",
      "  rankfold inspect my_saved_model",
      "  rankfold compress my_saved_model --rule energy:0.99 --dry-run",
      "  rankfold compress my_saved_model --rule energy:0.99 --out smaller",
      "",
      "'rankfold COMMAND --help' has the options and examples of each.",
      "",
      "Exit codes: 0 done",
      "            1 failed: bad input, a model that cannot be read",
      "            2 wrong usage",
      "            3 done, but a requested guarantee (accuracy, size) could not be",
      "              met, and nothing was written"
    })
public final class Main {
  public static void main(String[] args) {
    // Programs read what is printed: the same numbers everywhere. Messages stay in their language.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    int code =
        run(
            args,
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    System.exit(code);
  }

  /** Runs one command line; returns the exit code. */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    CommandLine line = new CommandLine(new Main());
    line.setOut(out);
    line.setErr(err);
    line.setUsageHelpAutoWidth(true);
    // In the order of their declaration: what a command is about first, what all have last.
    line.getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().usageMessage().sortOptions(false));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(Failures::wrongUsage);
    line.setExecutionExceptionHandler(Failures::failed);
    if (args.length == 0) {
      line.usage(out);
      return Failures.WRONG_USAGE;
    }
    try {
      return line.execute(args);
    } catch (OutOfMemoryError | LinkageError e) { // what picocli lets through
      return Failures.broken(e, line);
    }
  }

  /** The versions of the tool and of what it stands on. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "rankfold " + Manifest.TOOL_VERSION,
        "TensorFlow " + TensorFlow.version() + ", Java " + System.getProperty("java.version")
      };
    }
  }
}
