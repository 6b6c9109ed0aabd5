package io.github.rankfold.cli.console;

import io.github.rankfold.models.InvalidInputException;
import java.util.function.Supplier;

/** A setting on the command line that is not what it must be; exit code 2. */
public final class WrongUsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private WrongUsageException(RuntimeException cause) {
    super(cause.getMessage(), cause);
  }

  /** Runs what reads settings; where it refuses one, that is wrong usage. */
  public static <T> T check(Supplier<T> settings) {
    try {
      return settings.get();
    } catch (IllegalArgumentException | InvalidInputException e) {
      throw new WrongUsageException(e);
    }
  }
}
