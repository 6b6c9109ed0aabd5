package io.github.rankfold.cli.console;

import io.github.rankfold.models.InvalidInputException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one line and an exit code. */
public final class Failures {
  public static final int FAILED = 1;
  public static final int WRONG_USAGE = 2;
  public static final int GUARANTEE_NOT_MET = 3;

  private Failures() {}

  /** A command line that cannot be understood. */
  public static int wrongUsage(ParameterException failure, String[] args) {
    CommandLine line = failure.getCommandLine();
    String help = line.getCommandSpec().qualifiedName() + " --help";
    line.getErr()
        .println("rankfold: %s%s (see '%s')".formatted(oneLine(failure), meant(failure), help));
    return WRONG_USAGE;
  }

  /** What was probably meant by a word that is not known. */
  private static String meant(ParameterException failure) {
    if (!(failure instanceof UnmatchedArgumentException unmatched)
        || unmatched.getSuggestions().isEmpty()) {
      return "";
    }
    return "; did you mean %s?".formatted(unmatched.getSuggestions().get(0));
  }

  /** A command that was understood and failed. */
  public static int failed(Exception failure, CommandLine line, ParseResult parsed) {
    if (stackTraceWanted(parsed)) {
      failure.printStackTrace(line.getErr());
    }
    line.getErr().println("rankfold: " + oneLine(failure));
    if (failure instanceof GuaranteeNotMetException) {
      return GUARANTEE_NOT_MET;
    }
    return failure instanceof WrongUsageException ? WRONG_USAGE : FAILED;
  }

  /** A command for which this machine has too little memory, or lacks a library. */
  public static int broken(Error failure, CommandLine line) {
    ParseResult parsed = line.getParseResult();
    if (parsed != null && stackTraceWanted(parsed)) {
      failure.printStackTrace(line.getErr());
    }
    String what =
        failure instanceof OutOfMemoryError
            ? "out of memory"
            : "a library that is missing or does not fit this machine";
    line.getErr().println("rankfold: %s: %s".formatted(what, oneLine(failure.getMessage())));
    return FAILED;
  }

  private static boolean stackTraceWanted(ParseResult parsed) {
    ParseResult innermost = parsed;
    while (innermost.hasSubcommand()) {
      innermost = innermost.subcommand();
    }
    return innermost.hasMatchedOption("--stacktrace");
  }

  private static String oneLine(Exception failure) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      message = failure.getClass().getSimpleName();
    } else if (!(failure instanceof InvalidInputException
        || failure instanceof WrongUsageException
        || failure instanceof GuaranteeNotMetException
        || failure instanceof IllegalArgumentException
        || failure instanceof IllegalStateException
        || failure instanceof ParameterException)) {
      // An unforeseen failure: its kind says more than its message alone.
      String kind = failure.getClass().getSimpleName().replace("Exception", "");
      message = kind.toLowerCase(Locale.ROOT) + ": " + message;
    }
    return oneLine(message);
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "" : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
