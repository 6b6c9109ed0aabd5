package io.github.rankfold.compression.search;

/**
 * How much worse a model is than the original on some samples, both fed the same ones, and what
 * follows for others of the same distribution.
 */
sealed interface Difference {
  /** Per sample: a share for those that are right or wrong. */
  double mean();

  /** n. */
  long samples();

  /**
   * What the mean over {@code others} new samples exceeds with a probability of at most the one of
   * {@code confidence}.
   *
   * <p>Old and new samples are exchangeable, so that the difference of the two means has the
   * variance {@code s^2 (1/n + 1/others)}.
   */
  double bound(Confidence confidence, long others);

  /** Of both sets of samples together; the two are of the same metric. */
  Difference and(Difference other);

  /**
   * Of samples that one model gets right and the other one does not. Only those on which the two
   * differ count (McNemar 1947).
   *
   * <p>The variance is taken where the bound is, not where the sample is, as in Wilson's interval
   * (1927): with x the bound, {@code others (x + won/n)} new samples are lost and {@code others
   * won/n} won, which pooled with the old ones gives the share of samples that differ, and x solves
   * {@code (x - mean)^2 = z^2 share (1/n + 1/others)}. Half a sample is added for continuity. With
   * the variance of the sample, few lost samples would promise too much.
   *
   * @param lost right before, wrong now
   * @param won wrong before, right now
   */
  record Shares(long lost, long won, long samples) implements Difference {
    @Override
    public double mean() {
      return (double) (lost - won) / samples;
    }

    @Override
    public double bound(Confidence confidence, long others) {
      double n = samples;
      double m = others;
      double spread = confidence.z() * confidence.z() * (1 / n + 1 / m) / (n + m);
      double middle = mean() + spread * m / 2;
      double constant = mean() * mean() - spread * (lost + won + 2 * won * m / n);
      return middle + Math.sqrt(Math.max(0, middle * middle - constant)) + 0.5 / m;
    }

    @Override
    public Difference and(Difference other) {
      Shares more = (Shares) other;
      return new Shares(lost + more.lost, won + more.won, samples + more.samples);
    }
  }

  /**
   * Of a quantity that each sample has.
   *
   * @param variance between samples, with n - 1
   */
  record Means(double mean, double variance, long samples) implements Difference {
    static Means of(double[] values) {
      double mean = 0;
      for (double value : values) {
        mean += value / values.length;
      }
      double squares = 0;
      for (double value : values) {
        squares += (value - mean) * (value - mean);
      }
      return new Means(mean, squares / Math.max(1, values.length - 1), values.length);
    }

    @Override
    public double bound(Confidence confidence, long others) {
      return mean + confidence.z() * Math.sqrt(variance * (1.0 / samples + 1.0 / others));
    }

    @Override
    public Difference and(Difference other) {
      Means more = (Means) other;
      long n = samples + more.samples;
      double apart = more.mean - mean;
      double squares =
          variance * (samples - 1)
              + more.variance * (more.samples - 1)
              + apart * apart * samples * more.samples / n;
      return new Means(mean + apart * more.samples / n, squares / Math.max(1, n - 1), n);
    }
  }
}
