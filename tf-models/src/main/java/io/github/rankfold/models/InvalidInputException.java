package io.github.rankfold.models;

/**
 * Input that cannot be used: a file, a model, data or a setting that is not what it must be.
 *
 * <p>The message is one line that a user can act on: what, where, expected, found. The command line
 * prints it as it is and exits with 1.
 */
public final class InvalidInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** TensorFlow may quote a whole node, with all its shapes. */
  private static final int LONGEST = 1500;

  public InvalidInputException(String message) {
    super(oneLine(message));
  }

  public InvalidInputException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  /** Messages of native code come with line breaks; a user is owed one line. */
  private static String oneLine(String message) {
    String line = message.strip().replaceAll("\\s*\\R\\s*", "; ");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
  }
}
