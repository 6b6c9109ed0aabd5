package io.github.rankfold.compression.search;

/** A budget that cannot be met; the message says what can. */
public final class BudgetException extends RuntimeException {
  private static final long serialVersionUID = 2;

  private final transient BudgetReached reached;

  public BudgetException(String message, BudgetReached reached) {
    super(message);
    this.reached = reached;
  }

  /** What the message says, in numbers; it is lost where the exception is serialized. */
  public BudgetReached reached() {
    return reached;
  }
}
