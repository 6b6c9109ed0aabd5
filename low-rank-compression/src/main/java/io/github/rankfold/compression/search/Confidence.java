package io.github.rankfold.compression.search;

/**
 * How sure a one-sided bound is. Plans that are judged one after the other on the same samples
 * share what may go wrong: {@link #PLANS} of them, 5% together.
 *
 * <p>Whichever of them is taken, for whatever reason, its bound fails with a probability of at most
 * {@code .025 + .0125 + .00625 + .00625 = .05}, as long as the sequence of plans does not depend on
 * these samples: the union bound, along a fixed sequence (Angelopoulos et al., arXiv 2110.01052;
 * Holm 1979). A plan that was found on other samples may have been chosen among any number.
 *
 * @param risk that the bound does not hold
 * @param z the normal quantile of {@code 1 - risk}
 */
record Confidence(double risk, double z) {
  /** One plan alone. */
  static final Confidence SINGLE = new Confidence(0.05, 1.6448536269514722);

  /** How many plans are judged at most. */
  static final int PLANS = 4;

  /** Of the plan judged first, second, ... */
  static Confidence ofPlan(int index) {
    return switch (index) {
      case 0 -> new Confidence(0.025, 1.959963984540054);
      case 1 -> new Confidence(0.0125, 2.241402727604947);
      default -> new Confidence(0.00625, 2.497705474412324);
    };
  }
}
