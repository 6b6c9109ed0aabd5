package io.github.rankfold.compression.search;

/**
 * How much worse a compressed model was found, and what is promised for samples it has not seen.
 *
 * <p>Both models see the same samples, so that only those count on which they differ: with {@code
 * b} samples lost and {@code c} won of n, the drop {@code (b - c) / n} has the standard error
 * {@code sqrt(b + c - (b - c)^2 / n) / n} (McNemar 1947; Agresti and Min 2005 add half a sample to
 * each). The promise is for another n samples, whose drop varies as much as the measured one:
 * {@code drop + 1.645 sqrt(2) se}, one-sided, at 95%.
 *
 * @param measured in the units of the metric, points for shares
 * @param promised with 95% confidence it is no more than this on as many new samples
 * @param samples n
 */
public record Drop(double measured, double promised, long samples) {
  /** The 95% quantile of the normal distribution, for a difference of two samples. */
  private static final double Z = 1.6448536269514722 * Math.sqrt(2);

  /** Of samples that one model gets right and the other one does not, in points. */
  static Drop ofShares(long lost, long won, long samples) {
    double n = samples;
    double measured = (lost - won) / n;
    // Half a sample each: no difference on these samples is no proof of none on others.
    double discordant = lost + won + 1;
    double error = Math.sqrt(discordant - (lost - won) * (double) (lost - won) / n) / n;
    return new Drop(100 * measured, 100 * (measured + Z * error), samples);
  }

  /** Of the mean of a quantity that each sample has. */
  static Drop ofMeans(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double error = Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
    return new Drop(mean, mean + Z * error, values.length);
  }
}
