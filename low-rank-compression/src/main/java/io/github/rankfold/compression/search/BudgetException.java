package io.github.rankfold.compression.search;

/** A budget that cannot be met; the message says what can. */
public final class BudgetException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public BudgetException(String message) {
    super(message);
  }
}
