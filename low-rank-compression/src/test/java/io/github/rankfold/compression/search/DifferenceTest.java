package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DifferenceTest {
  private static final int SIMULATIONS = 4000;

  /** Three standard deviations of a share of 95% in so many simulations. */
  private static final double SLACK = 3 * Math.sqrt(0.95 * 0.05 / SIMULATIONS);

  @Test
  void theBoundOfSharesSolvesItsEquation() {
    Difference.Shares found = new Difference.Shares(30, 10, 1000);
    assertEquals(0.02, found.mean(), 1e-15);
    double bound = found.bound(Confidence.SINGLE, 2000) - 0.5 / 2000;
    double share = (30 + 10 + 2000 * (bound + 2 * 10 / 1000.0)) / 3000;
    double z = Confidence.SINGLE.z();
    assertEquals(
        z * z * share * (1 / 1000.0 + 1 / 2000.0), Math.pow(bound - found.mean(), 2), 1e-12);
    assertTrue(bound > found.mean(), "the larger of the two roots");
  }

  @Test
  void moreChangesInBothDirectionsPromiseLess() {
    assertTrue(bound(500, 490, 1000) > bound(10, 0, 1000), "the same net loss");
  }

  @Test
  void noDifferenceIsNoProofOfNone() {
    assertTrue(bound(0, 0, 100) > 0);
    assertTrue(bound(0, 0, 10000) < bound(0, 0, 100), "more samples promise more");
  }

  private static double bound(long lost, long won, long samples) {
    return new Difference.Shares(lost, won, samples).bound(Confidence.SINGLE, samples);
  }

  @Test
  void setsOfSamplesAddUp() {
    assertEquals(
        new Difference.Shares(5, 7, 300),
        new Difference.Shares(4, 1, 100).and(new Difference.Shares(1, 6, 200)));
    double[] first = {1, 2, 3, 6};
    double[] second = {5, -1, 0};
    Difference together = Difference.Means.of(first).and(Difference.Means.of(second));
    Difference atOnce = Difference.Means.of(new double[] {1, 2, 3, 6, 5, -1, 0});
    assertEquals(atOnce.mean(), together.mean(), 1e-12);
    assertEquals(
        ((Difference.Means) atOnce).variance(), ((Difference.Means) together).variance(), 1e-12);
    assertEquals(7, together.samples());
  }

  /** Lost and won samples are drawn anew for the bound and for what it is about. */
  @ParameterizedTest(name = "{0} lost, {1} won, judged by {2} for {3}")
  @CsvSource({
    "0.01, 0.005, 1000, 2000",
    "0.05, 0.05, 1000, 1000",
    "0.2, 0.1, 300, 600",
    "0.002, 0, 1000, 2000", // hardly any
    "0.006, 0, 1000, 1000",
    "0, 0, 200, 400",
    "0.03, 0, 100, 200"
  })
  void aBoundHoldsForNewSamplesInNineteenOfTwenty(
      double lost, double won, int samples, int others) {
    SplittableRandom random = new SplittableRandom(7);
    int held = 0;
    for (int i = 0; i < SIMULATIONS; i++) {
      double bound = drawn(random, lost, won, samples).bound(Confidence.SINGLE, others);
      held += drawn(random, lost, won, others).mean() <= bound ? 1 : 0;
    }
    double share = (double) held / SIMULATIONS;
    assertTrue(share >= 0.95 - SLACK, () -> "held in " + share);
  }

  @Test
  void aBoundIsNotKeptMoreOftenThanItSaysByFar() {
    SplittableRandom random = new SplittableRandom(8);
    int held = 0;
    for (int i = 0; i < SIMULATIONS; i++) {
      double bound = drawn(random, 0.1, 0.1, 1000).bound(Confidence.SINGLE, 1000);
      held += drawn(random, 0.1, 0.1, 1000).mean() <= bound ? 1 : 0;
    }
    double share = (double) held / SIMULATIONS;
    assertTrue(share <= 0.97, () -> "held in " + share);
  }

  /**
   * As a search does it: of twelve plans the one that half of the samples like best, then larger
   * ones until the other half allows one. The bound of the one that is taken, whichever it is, has
   * to hold, although each was taken because it looked good.
   */
  @ParameterizedTest(name = "strict {0}")
  @CsvSource({"false", "true"})
  void theBoundOfTheChosenPlanHoldsAlthoughItWasChosen(boolean strict) {
    int plans = 12;
    int half = 500;
    int all = 1000;
    double allowed = 0.01;
    SplittableRandom random = new SplittableRandom(9);
    int held = 0;
    int naive = 0;
    for (int i = 0; i < SIMULATIONS; i++) {
      // Plan 0 is the smallest and loses most; drops are close to each other, as on a path.
      Difference[] search = new Difference[plans];
      for (int p = 0; p < plans; p++) {
        search[p] = drawn(random, lost(p), 0.01, half);
      }
      int first = 0;
      while (first < plans - 1 && search[first].mean() > allowed) {
        first++;
      }
      naive +=
          drawn(random, lost(first), 0.01, all).mean()
                  <= search[first].bound(Confidence.SINGLE, all)
              ? 1
              : 0;
      boolean holds = true; // the whole model, where no plan is allowed
      for (int k = 0; k < Confidence.PLANS && first + k < plans; k++) {
        Difference judged = drawn(random, lost(first + k), 0.01, half);
        double bound = judged.bound(Confidence.ofPlan(k), all);
        double measured = search[first + k].and(judged).mean();
        if (strict ? bound <= 2.5 * allowed : measured <= allowed) {
          holds = drawn(random, lost(first + k), 0.01, all).mean() <= bound;
          break;
        }
      }
      held += holds ? 1 : 0;
    }
    double share = (double) held / SIMULATIONS;
    assertTrue(share >= 0.95 - SLACK, () -> "held in " + share);
    double without = (double) naive / SIMULATIONS;
    assertTrue(without < 0.95 - SLACK, () -> "chosen by the same samples it held in " + without);
  }

  /**
   * As a strict search does it: plans from the safest on, each tested at the whole risk, up to the
   * first that is refused. The last one that was accepted is to keep to the budget on new samples,
   * whether the plans fail on the same samples (as along a path) or on others.
   */
  @ParameterizedTest(name = "same samples: {0}")
  @CsvSource({"true", "false"})
  void theLastAcceptedOfASequenceKeepsToTheBudget(boolean same) {
    int plans = 12;
    int half = 1000;
    int all = 2000;
    double allowed = 0.02;
    SplittableRandom random = new SplittableRandom(10);
    int held = 0;
    int accepted = 0;
    for (int i = 0; i < SIMULATIONS; i++) {
      long judges = random.nextLong();
      long others = random.nextLong();
      boolean holds = true; // the whole model, where no plan is accepted
      for (int plan = plans - 1; plan >= 0; plan--) {
        long by = same ? 0 : plan;
        double bound =
            drawn(new SplittableRandom(judges + by), lost(plan), 0.01, half)
                .bound(Confidence.SINGLE, all);
        if (bound > allowed) {
          break;
        }
        accepted++;
        holds = drawn(new SplittableRandom(others + by), lost(plan), 0.01, all).mean() <= allowed;
      }
      held += holds ? 1 : 0;
    }
    double share = (double) held / SIMULATIONS;
    assertTrue(share >= 0.95 - SLACK, () -> "held in " + share);
    assertTrue(accepted > SIMULATIONS / 10, "some plans are accepted");
  }

  @ParameterizedTest
  @CsvSource({"0.95, 1.6448536269514722", "0.99, 2.3263478740408408", "0.999, 3.090232306167813"})
  void quantilesAreComputedToo(double p, double expected) {
    assertEquals(expected, Confidence.quantile(p), 1e-9);
    assertEquals(0.05 / 5, Confidence.SINGLE.sharedBy(5).risk(), 1e-15);
  }

  private static double lost(int plan) {
    return 0.032 - 0.001 * plan;
  }

  @Test
  void whatMayGoWrongWithAllPlansIsFivePercentTogether() {
    double risk = 0;
    for (int i = 0; i < Confidence.PLANS; i++) {
      risk += Confidence.ofPlan(i).risk();
    }
    assertEquals(0.05, risk, 1e-12);
    assertEquals(0.05, Confidence.SINGLE.risk());
  }

  @ParameterizedTest
  @CsvSource({"-1", "0", "1", "2"})
  void quantilesAreThoseOfTheNormalDistribution(int plan) {
    Confidence confidence = plan < 0 ? Confidence.SINGLE : Confidence.ofPlan(plan);
    // Simpson's rule for the tail from z on.
    double tail = 0;
    int steps = 2000;
    double width = 10.0 / steps;
    for (int i = 0; i <= steps; i++) {
      double x = confidence.z() + i * width;
      int weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
      tail += weight * width / 3 * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }
    assertEquals(confidence.risk(), tail, 1e-10);
  }

  @Test
  void theMeanOfAQuantityAndItsStandardError() {
    Difference found = Difference.Means.of(new double[] {1, 2, 3, 6});
    assertEquals(3, found.mean(), 1e-12);
    double variance = (4 + 1 + 0 + 9) / 3.0;
    assertEquals(
        3 + Confidence.SINGLE.z() * Math.sqrt(variance * (0.25 + 0.1)),
        found.bound(Confidence.SINGLE, 10),
        1e-12);
  }

  private static Difference.Shares drawn(
      SplittableRandom random, double lost, double won, int samples) {
    int b = 0;
    int c = 0;
    for (int i = 0; i < samples; i++) {
      double u = random.nextDouble();
      b += u < lost ? 1 : 0;
      c += u >= 1 - won ? 1 : 0;
    }
    return new Difference.Shares(b, c, samples);
  }
}
