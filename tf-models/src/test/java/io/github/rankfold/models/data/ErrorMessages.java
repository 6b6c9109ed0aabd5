package io.github.rankfold.models.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.models.InvalidInputException;
import org.junit.jupiter.api.function.Executable;

/** What a user reads when input is refused. */
final class ErrorMessages {
  private ErrorMessages() {}

  static void assertRefused(String expectedMessage, Executable code) {
    assertEquals(expectedMessage, refusal(code));
  }

  static String refusal(Executable code) {
    return String.valueOf(assertThrows(InvalidInputException.class, code).getMessage());
  }
}
