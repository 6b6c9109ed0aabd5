package io.github.rankfold.compression.search;

/**
 * How sure a one-sided bound is. Plans that are judged one after the other on the same samples
 * share what may go wrong: {@link #PLANS} of them, 5% together.
 *
 * <p>Whichever of them is taken, for whatever reason, its bound fails with a probability of at most
 * {@code .025 + .0125 + .00625 + ... = .05}, each half of the one before but for the last, which is
 * as the one before it, as long as the sequence of plans does not depend on these samples: the
 * union bound, along a fixed sequence (Angelopoulos et al., arXiv 2110.01052; Holm 1979). A plan
 * that was found on other samples may have been chosen among any number.
 *
 * @param risk that the bound does not hold
 * @param z the normal quantile of {@code 1 - risk}
 */
record Confidence(double risk, double z) {
  /** One plan alone. */
  static final Confidence SINGLE = new Confidence(0.05, 1.6448536269514722);

  /** How many plans are judged at most. */
  static final int PLANS = 6;

  /** One of several that are to hold together, whatever is done with the others. */
  Confidence sharedBy(int several) {
    return several == 1 ? this : new Confidence(risk / several, quantile(1 - risk / several));
  }

  /**
   * The normal quantile of {@code p > 0.5}: Abramowitz and Stegun 26.2.23 for a start, then
   * Newton's steps on the tail {@code 1 - p} by its continued fraction.
   */
  static double quantile(double p) {
    double tail = 1 - p;
    double t = Math.sqrt(-2 * Math.log(tail));
    double z =
        t
            - (2.515517 + t * (0.802853 + t * 0.010328))
                / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    for (int i = 0; i < 5; i++) {
      z += (tailAbove(z) - tail) / density(z);
    }
    return z;
  }

  private static double density(double z) {
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  }

  /** {@code density / (z + 1/(z + 2/(z + 3/...)))}, Laplace's continued fraction; z not near 0. */
  private static double tailAbove(double z) {
    double fraction = z;
    for (int k = 200; k >= 1; k--) {
      fraction = z + k / fraction;
    }
    return density(z) / fraction;
  }

  /** Of the plan judged first, second, ...: what follows the last but one has as much as it. */
  static Confidence ofPlan(int index) {
    double risk = SINGLE.risk() / Math.pow(2, Math.min(index, PLANS - 2) + 1.0);
    return new Confidence(risk, quantile(1 - risk));
  }
}
