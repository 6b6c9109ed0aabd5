package io.github.rankfold.cli.console;

/** A command that was understood and done, but for a guarantee that cannot be given. */
public final class GuaranteeNotMetException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public GuaranteeNotMetException(RuntimeException cause) {
    super(cause.getMessage(), cause);
  }

  public GuaranteeNotMetException(String message) {
    super(message);
  }
}
