package io.github.rankfold.cli.console;

/** A guarantee that was asked for cannot be met, and nothing was written; exit code 3. */
public final class GuaranteeNotMetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GuaranteeNotMetException(String message) {
    super(message);
  }
}
