package io.github.rankfold.cli.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CollapseTrackerTest {
  /** A training of any length is measured at most 20 times, and never after every epoch. */
  @ParameterizedTest(name = "{0} of {1} epochs: every {2}")
  @CsvSource({
    "usual, 1, 2",
    "usual, 10, 2",
    "usual, 40, 2",
    "usual, 41, 3",
    "usual, 60, 3",
    "usual, 200, 10",
    "1, 60, 1",
    "7, 60, 7",
  })
  void anIntervalIsTheUsersOrTheUsualOne(String text, int epochs, int every) {
    assertEquals(every, CollapseTracker.interval(text, epochs));
  }
}
