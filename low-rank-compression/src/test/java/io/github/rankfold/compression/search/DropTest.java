package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DropTest {
  private static final int SIMULATIONS = 4000;

  @Test
  void onlySamplesOnWhichTheModelsDifferCount() {
    Drop drop = Drop.ofShares(30, 10, 1000);
    assertEquals(2, drop.measured(), 1e-12);
    assertEquals(1000, drop.samples());
    // (b - c) / n + 1.645 sqrt(2) sqrt(b + c + 1 - (b - c)^2 / n) / n, in points
    double error = Math.sqrt(41 - 0.4) / 1000;
    assertEquals(2 + 100 * 1.6448536269514722 * Math.sqrt(2) * error, drop.promised(), 1e-12);
  }

  @Test
  void moreChangesInBothDirectionsPromiseLess() {
    assertTrue(
        Drop.ofShares(500, 490, 1000).promised() > Drop.ofShares(10, 0, 1000).promised(),
        "the same net loss");
  }

  @Test
  void noDifferenceIsNoProofOfNone() {
    Drop none = Drop.ofShares(0, 0, 100);
    assertEquals(0, none.measured());
    assertTrue(none.promised() > 0);
    assertTrue(
        Drop.ofShares(0, 0, 10000).promised() < none.promised(), "more samples promise more");
  }

  @Test
  void theModelsChangingPlacesTurnsTheDrop() {
    assertEquals(-Drop.ofShares(7, 3, 50).measured(), Drop.ofShares(3, 7, 50).measured(), 1e-12);
  }

  /** Lost and won samples are drawn anew for the promise and for what it is about. */
  @ParameterizedTest(name = "{0} lost, {1} won of {2}")
  @CsvSource({
    "0.01, 0.005, 1000",
    "0.05, 0.05, 1000",
    "0.2, 0.1, 300",
    "0.002, 0, 1000", // hardly any
    "0, 0, 200"
  })
  void aPromiseHoldsForAsManyNewSamplesInNineteenOfTwenty(double lost, double won, int samples) {
    SplittableRandom random = new SplittableRandom(7);
    int held = 0;
    for (int i = 0; i < SIMULATIONS; i++) {
      Drop found = drawn(random, lost, won, samples);
      held += drawn(random, lost, won, samples).measured() <= found.promised() ? 1 : 0;
    }
    // 3 standard deviations of the count are 1%, and the normal approximation takes its part.
    double share = (double) held / SIMULATIONS;
    assertTrue(share >= 0.93, () -> "held in " + share);
  }

  @Test
  void aPromiseIsNotKeptMoreOftenThanItSaysByFar() {
    SplittableRandom random = new SplittableRandom(8);
    int held = 0;
    for (int i = 0; i < SIMULATIONS; i++) {
      Drop found = drawn(random, 0.1, 0.1, 1000);
      held += drawn(random, 0.1, 0.1, 1000).measured() <= found.promised() ? 1 : 0;
    }
    double share = (double) held / SIMULATIONS;
    assertTrue(share <= 0.97, () -> "held in " + share);
  }

  private static Drop drawn(SplittableRandom random, double lost, double won, int samples) {
    int b = 0;
    int c = 0;
    for (int i = 0; i < samples; i++) {
      double u = random.nextDouble();
      b += u < lost ? 1 : 0;
      c += u >= 1 - won ? 1 : 0;
    }
    return Drop.ofShares(b, c, samples);
  }

  @Test
  void theMeanOfAQuantityAndItsStandardError() {
    Drop drop = Drop.ofMeans(new double[] {1, 2, 3, 6});
    assertEquals(3, drop.measured(), 1e-12);
    double error = Math.sqrt((4 + 1 + 0 + 9) / 3.0 / 4);
    assertEquals(3 + 1.6448536269514722 * Math.sqrt(2) * error, drop.promised(), 1e-12);
  }
}
