package io.github.rankfold.models.evaluation;

/**
 * A share of correct predictions with its 95% interval.
 *
 * <p>The interval is Wilson's score interval (Wilson 1927, doi:10.1080/01621459.1927.10502953),
 * {@code (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)} with z = 1.96: unlike the
 * normal one it stays within [0, 1] and is right near 0 and 1.
 *
 * @param correct predictions equal to the label
 * @param samples n, at least 1
 */
public record Accuracy(long correct, long samples) {
  /** The 97.5% quantile of the normal distribution. */
  private static final double Z = 1.959963984540054;

  public Accuracy {
    if (samples <= 0 || correct < 0 || correct > samples) {
      throw new IllegalArgumentException(
          "expected 0 <= correct <= samples and a sample, was %d of %d"
              .formatted(correct, samples));
    }
  }

  /** The share, in [0, 1]. */
  public double value() {
    return (double) correct / samples;
  }

  /** The lower end of the 95% interval. */
  public double low() {
    return Math.max(0, centre() - halfWidth());
  }

  /** The upper end of the 95% interval. */
  public double high() {
    return Math.min(1, centre() + halfWidth());
  }

  private double centre() {
    return (value() + Z * Z / (2 * samples)) / (1 + Z * Z / samples);
  }

  private double halfWidth() {
    double p = value();
    double n = samples;
    return Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n);
  }
}
