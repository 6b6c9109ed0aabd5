package io.github.rankfold.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanNumberTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0",
        "1437 | 1,437",
        "-3 | -3",
        "12345678 | 12,345,678",
        "0.001 | 0.001",
        "0.0204863 | 0.02049",
        "261.5115 | 261.5",
        "0.99999 | 1",
        "7.5476e-6 | 7.548 \u00d7 10\u207b\u2076",
        "1.5e-10 | 1.5 \u00d7 10\u207b\u00b9\u2070",
        "9.99999e-6 | 1 \u00d7 10\u207b\u2075",
        "1234567.8 | 1.235 \u00d7 10\u2076"
      })
  void numbersHaveFourSignificantDigits(double value, String shown) {
    assertEquals(shown, HumanNumber.of(value));
  }

  @ParameterizedTest
  @CsvSource({"1, 100%", "0.97777, 97.78%", "0, 0%", "0.5, 50%", "0.00001, 0.001%"})
  void percentagesHaveTwoDecimalsUnlessTheyWouldBeZero(double share, String shown) {
    assertEquals(shown, HumanNumber.percent(share));
  }

  @ParameterizedTest
  @CsvSource({"12, 12 bytes", "68304, 68.3 kB", "999999, 1 MB", "2500000000, 2.5 GB"})
  void bytesHaveDecimalUnits(double bytes, String shown) {
    assertEquals(shown, HumanNumber.bytes(bytes));
  }
}
