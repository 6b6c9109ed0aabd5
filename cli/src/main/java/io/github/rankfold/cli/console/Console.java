package io.github.rankfold.cli.console;

import io.github.rankfold.models.files.Json;
import java.io.PrintWriter;

/**
 * Where a command writes: findings as lines or as one JSON document on standard output, progress on
 * standard error.
 */
public final class Console {
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean json;
  private final boolean quiet;

  public Console(PrintWriter out, PrintWriter err, boolean json, boolean quiet) {
    this.out = out;
    this.err = err;
    this.json = json;
    this.quiet = quiet;
  }

  /** A line about what was found; not where JSON is printed instead. */
  public void say(String line) {
    if (!json) {
      out.println(line);
    }
  }

  /** A line that a user can do without. */
  public void note(String line) {
    if (!quiet) {
      (json ? err : out).println(line);
    }
  }

  /** A line on standard error about how input was understood, for a user to check. */
  public void hint(String line) {
    if (!quiet) {
      err.println(line);
    }
  }

  /** The command's findings as data, printed where {@code --json} asks for it. */
  public void result(Object document) {
    if (json) {
      out.println(Json.text(document));
    }
  }

  /** Progress of work of {@code steps} steps; the caller closes it. */
  public Progress progress(String task, long steps) {
    return quiet ? Progress.silent() : Progress.of(err, task, steps, !json);
  }
}
