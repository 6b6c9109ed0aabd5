package io.github.rankfold.cli.console;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.files.FileFailure;
import io.github.rankfold.models.files.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns whatever went wrong into one line and an exit code, and into one JSON document where that
 * was asked for.
 */
public final class Failures {
  public static final int FAILED = 1;
  public static final int WRONG_USAGE = 2;
  public static final int GUARANTEE_NOT_MET = 3;

  private static final String JSON = "--json";
  private static final String STACK_TRACE = "--stacktrace";

  private Failures() {}

  /** A command line that cannot be understood. */
  public static int wrongUsage(ParameterException failure, String[] args) {
    CommandLine line = failure.getCommandLine();
    String help = line.getCommandSpec().qualifiedName() + " --help";
    String message = "%s%s (see '%s')".formatted(oneLine(failure), meant(failure), help);
    return told(line, List.of(args).contains(JSON), message, WRONG_USAGE);
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
    if (isGiven(STACK_TRACE, parsed)) {
      failure.printStackTrace(line.getErr());
    }
    String message = oneLine(failure);
    if (failure instanceof GuaranteeNotMetException missed) {
      return missed(line, isGiven(JSON, parsed), message, missed.reached());
    }
    int code = failure instanceof WrongUsageException ? WRONG_USAGE : FAILED;
    return told(line, isGiven(JSON, parsed), message, code);
  }

  private static int told(CommandLine line, boolean json, String message, int code) {
    line.getErr().println("rankfold: " + message);
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("error", message);
      document.put("exit_code", code);
      line.getOut().println(Json.text(document));
    }
    return code;
  }

  private static int missed(
      CommandLine line, boolean json, String message, Map<String, Object> reached) {
    line.getErr().println("rankfold: " + message);
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("status", "missed");
      document.put("exit_code", GUARANTEE_NOT_MET);
      document.put("message", message);
      document.putAll(reached);
      line.getOut().println(Json.text(document));
    }
    return GUARANTEE_NOT_MET;
  }

  /** A command for which this machine has too little memory, or lacks a library. */
  public static int broken(Error failure, CommandLine line) {
    ParseResult parsed = line.getParseResult();
    if (parsed != null && isGiven(STACK_TRACE, parsed)) {
      failure.printStackTrace(line.getErr());
    }
    String what =
        failure instanceof OutOfMemoryError
            ? "out of memory"
            : "a library that is missing or does not fit this machine";
    String message = "%s: %s".formatted(what, oneLine(failure.getMessage()));
    return told(line, parsed != null && isGiven(JSON, parsed), message, FAILED);
  }

  private static boolean isGiven(String option, ParseResult parsed) {
    ParseResult innermost = parsed;
    while (innermost.hasSubcommand()) {
      innermost = innermost.subcommand();
    }
    return innermost.hasMatchedOption(option);
  }

  private static String oneLine(Exception failure) {
    if (failure instanceof IOException ofFile) {
      return oneLine(FileFailure.message(ofFile));
    }
    if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      return oneLine(FileFailure.message(unchecked.getCause()));
    }
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
