package io.github.rankfold.cli.console;

import java.util.function.Supplier;

/** A setting on the command line that is not what it must be; exit code 2. */
public final class WrongUsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WrongUsageException(IllegalArgumentException cause) {
    super(cause.getMessage(), cause);
  }

  /** Runs what reads settings; where it refuses one, that is wrong usage. */
  public static <T> T check(Supplier<T> settings) {
    try {
      return settings.get();
    } catch (IllegalArgumentException e) {
      throw new WrongUsageException(e);
    }
  }
}
