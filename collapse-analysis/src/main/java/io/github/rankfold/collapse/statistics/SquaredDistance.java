package io.github.rankfold.collapse.statistics;

import org.jspecify.annotations.Nullable;

/** {@code ||x - y||^2}. */
final class SquaredDistance {
  private SquaredDistance() {}

  /** The squared distance of two vectors of one length; from the origin where y is null. */
  static double between(double[] x, double @Nullable [] y) {
    if (y == null) {
      return ofNorm(x);
    }
    // Four sums: one would wait for itself at every addition. Also a little more exact.
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    for (; i < x.length - 3; i += 4) {
      double d0 = x[i] - y[i];
      double d1 = x[i + 1] - y[i + 1];
      double d2 = x[i + 2] - y[i + 2];
      double d3 = x[i + 3] - y[i + 3];
      sum0 += d0 * d0;
      sum1 += d1 * d1;
      sum2 += d2 * d2;
      sum3 += d3 * d3;
    }
    for (; i < x.length; i++) {
      double d = x[i] - y[i];
      sum0 += d * d;
    }
    return (sum0 + sum1) + (sum2 + sum3);
  }

  private static double ofNorm(double[] x) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    for (; i < x.length - 3; i += 4) {
      sum0 += x[i] * x[i];
      sum1 += x[i + 1] * x[i + 1];
      sum2 += x[i + 2] * x[i + 2];
      sum3 += x[i + 3] * x[i + 3];
    }
    for (; i < x.length; i++) {
      sum0 += x[i] * x[i];
    }
    return (sum0 + sum1) + (sum2 + sum3);
  }
}
