package io.github.rankfold.collapse.linalg;

/**
 * The distribution that the squared singular values of noise tend to: of an [m x n] matrix of
 * independent entries of mean 0 and variance {@code 1/n}, {@code m <= n}, as both grow with {@code
 * beta = m/n} fixed.
 *
 * <p>Its density is {@code sqrt((b - t)(t - a)) / (2 pi beta t)} between {@code a = (1 -
 * sqrt(beta))^2} and {@code b = (1 + sqrt(beta))^2}. Marchenko and Pastur 1967,
 * doi:10.1070/SM1967v001n04ABEH001994. Singular values of entries of standard deviation sigma lie
 * between {@code sqrt(a n) sigma} and {@code sqrt(b n) sigma}.
 *
 * @param beta the short side by the long one, in (0, 1]
 */
public record MarchenkoPastur(double beta) {
  private static final double CANCELS_BELOW = 0.1;
  private static final int INTERVALS = 512; // even, for Simpson's rule
  private static final int HALVINGS = 60;

  public MarchenkoPastur {
    if (!(beta > 0 && beta <= 1)) {
      throw new IllegalArgumentException("beta must be in (0, 1], was " + beta);
    }
  }

  /** Of matrices with these sides, whichever is longer. */
  public static MarchenkoPastur of(int rows, int cols) {
    return new MarchenkoPastur((double) Math.min(rows, cols) / Math.max(rows, cols));
  }

  /** {@code b = (1 + sqrt(beta))^2}, the end of the bulk. */
  public double upperEdge() {
    return Math.pow(1 + Math.sqrt(beta), 2);
  }

  /** {@code a = (1 - sqrt(beta))^2}, where it begins. */
  public double lowerEdge() {
    return Math.pow(1 - Math.sqrt(beta), 2);
  }

  /** The share of the values up to {@code t}. */
  public double cumulative(double t) {
    double cosine = (1 + beta - t) / (2 * Math.sqrt(beta));
    return upTo(Math.acos(Math.max(-1, Math.min(1, cosine))));
  }

  /** The value that half of all are below. */
  public double median() {
    double low = 0;
    double high = Math.PI;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (upTo(middle) < 0.5) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return 1 + beta - 2 * Math.sqrt(beta) * Math.cos(low);
  }

  /**
   * The cumulative at {@code t = 1 + beta - 2 sqrt(beta) cos(theta)}, in which the density has no
   * roots: {@code (2/pi) int_0^theta sin^2 / (1 + beta - 2 sqrt(beta) cos)}. The integral is
   * elementary; where beta is small its terms cancel, but the integrand is smooth.
   */
  private double upTo(double theta) {
    return 2 / Math.PI * (beta < CANCELS_BELOW ? simpson(theta) : closed(theta));
  }

  private double closed(double theta) {
    double root = Math.sqrt(beta);
    double angle = // as beta goes to 1, the last factor does to 0
        theta >= Math.PI ? Math.PI / 2 : Math.atan((1 + root) / (1 - root) * Math.tan(theta / 2));
    double last = beta == 1 ? 0 : (1 - beta) / (2 * beta) * angle;
    return Math.sin(theta) / (2 * root) + (1 + beta) * theta / (4 * beta) - last;
  }

  private double simpson(double theta) {
    double step = theta / INTERVALS;
    double sum = 0;
    for (int i = 0; i <= INTERVALS; i++) {
      int weight = i == 0 || i == INTERVALS ? 1 : 2 + 2 * (i % 2);
      double sine = Math.sin(i * step);
      sum += weight * sine * sine / (1 + beta - 2 * Math.sqrt(beta) * Math.cos(i * step));
    }
    return sum * step / 3;
  }
}
