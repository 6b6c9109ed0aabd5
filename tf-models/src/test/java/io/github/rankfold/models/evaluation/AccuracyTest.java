package io.github.rankfold.models.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccuracyTest {
  /** Roots of {@code (p - x)^2 = z^2 x (1 - x) / n}, which the closed form must solve. */
  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource({
    "0, 10, 0, 0.277533",
    "10, 10, 0.722467, 1",
    "1, 2, 0.094531, 0.905469",
    "81, 263, 0.255274, 0.366196",
    "15, 148, 0.062390, 0.160548", // Newcombe 1998, table I
    "0, 20, 0, 0.161125",
    "1, 29, 0.006113, 0.171755"
  })
  void intervalIsWilsons(long correct, long samples, double low, double high) {
    Accuracy accuracy = new Accuracy(correct, samples);
    assertEquals((double) correct / samples, accuracy.value());
    assertEquals(low, accuracy.low(), 1e-4);
    assertEquals(high, accuracy.high(), 1e-4);
    double z = 1.959963984540054;
    for (double end : new double[] {accuracy.low(), accuracy.high()}) {
      double p = accuracy.value();
      assertEquals((p - end) * (p - end), z * z * end * (1 - end) / samples, 1e-12);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "-1, 3", "4, 3"})
  void countsThatCannotBe(long correct, long samples) {
    assertThrows(IllegalArgumentException.class, () -> new Accuracy(correct, samples));
  }
}
