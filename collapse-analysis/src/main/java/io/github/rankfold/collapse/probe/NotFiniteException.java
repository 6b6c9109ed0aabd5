package io.github.rankfold.collapse.probe;

/** Some feature or gradient of a batch is not finite; which one is looked for by who caught it. */
final class NotFiniteException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param layer what was found not finite
   */
  NotFiniteException(String layer) {
    super(layer);
  }
}
