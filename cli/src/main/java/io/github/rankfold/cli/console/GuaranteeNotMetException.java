package io.github.rankfold.cli.console;

import java.util.LinkedHashMap;
import java.util.Map;

/** A command that was understood and done, but for a guarantee that cannot be given. */
public final class GuaranteeNotMetException extends RuntimeException {
  private static final long serialVersionUID = 2;

  private final transient Map<String, Object> reached;

  /**
   * A guarantee in words and in numbers.
   *
   * @param reached what was asked for and what was reached, for {@code --json}
   */
  public GuaranteeNotMetException(String message, Map<String, Object> reached) {
    super(message);
    this.reached = new LinkedHashMap<>(reached);
  }

  /** What was asked for and what was reached, in the order of the document. */
  public Map<String, Object> reached() {
    return new LinkedHashMap<>(reached);
  }
}
