package io.github.rankfold.cli.studies;

import java.util.ArrayList;
import java.util.List;

/**
 * The path in {@link ParallelNetworks} from the first network alone to the second alone: shares (1,
 * 0), then straight to (c, 1), then straight to (0, 1); and what proves that the objective falls
 * all along it.
 *
 * <p>With D layers, {@code R_1, R_2} the squared norms of all kernels, {@code psi} the loss of
 * {@link ParallelLoss}, the objective is {@code L(u, v) = psi(u^(D/2), v^(D/2)) + lambda/2 (u R_1 +
 * v R_2)}. It never rises on the path if D >= 2 and
 *
 * <ol>
 *   <li>the second network is right about every sample,
 *   <li>{@code (1 - c) (lambda R_1 - D g) >= lambda R_2}, g = {@code psi(t c^(D/2), 0) / ((1 - t)
 *       c^(D/2))} for any {@code 0 < t < 1}: the least of several is taken,
 *   <li>{@code lambda R_1 >= D c^(D/2 - 1) max(0, -dpsi/da (0, 1))}.
 * </ol>
 *
 * <p>docs/theory.md has the proof. The conditions ask for the logits of the two networks alone, not
 * for anything on the way.
 *
 * @param corner c
 * @param isRight whether the first condition holds
 * @param firstMargin left minus right side of the second condition, halved: the least slope of the
 *     objective's fall on the first leg, that leg as long as 1
 * @param secondMargin the same of the third: the least slope against u on the second leg
 */
record MonotonePath(double corner, boolean isRight, double firstMargin, double secondMargin) {
  /** Shares of the two networks. */
  record Shares(double first, double second) {}

  /**
   * The corner of the widest first margin among those that fulfil the last condition; or among all,
   * if none does.
   */
  static MonotonePath between(
      ParallelLoss loss, double firstNorm, double secondNorm, double lambda, int depth) {
    boolean isRight = loss.secondIsRightEverywhere();
    double gain = Math.max(0, loss.gainOfFirst(0, 1));
    MonotonePath best = null;
    for (int percent = 1; percent < 100; percent++) {
      double corner = percent / 100.0;
      double fall = lambda / 2 * firstNorm - depth / 2.0 * largestGain(loss, corner, depth);
      double first = (1 - corner) * fall - lambda / 2 * secondNorm;
      double second =
          lambda / 2 * firstNorm - depth / 2.0 * Math.pow(corner, depth / 2.0 - 1) * gain;
      MonotonePath found = new MonotonePath(corner, isRight, first, second);
      if (best == null || found.isBetterThan(best)) {
        best = found;
      }
    }
    if (best == null) {
      throw new IllegalStateException("no corner was tried");
    }
    return best;
  }

  private boolean isBetterThan(MonotonePath other) {
    boolean holds = secondMargin >= 0;
    boolean otherHolds = other.secondMargin >= 0;
    return holds == otherHolds ? firstMargin > other.firstMargin : holds;
  }

  /** A bound on {@code -dpsi/da} for {@code a >= c^(D/2), b >= 0}, from values at b = 0 alone. */
  private static double largestGain(ParallelLoss loss, double corner, int depth) {
    double a = Math.pow(corner, depth / 2.0);
    double least = Double.POSITIVE_INFINITY;
    for (int i = 1; i < 20; i++) {
      double t = i / 20.0;
      least = Math.min(least, loss.at(t * a, 0) / ((1 - t) * a));
    }
    return least;
  }

  /** Whether the objective is proven never to rise. */
  boolean isProven() {
    return isRight && firstMargin >= 0 && secondMargin >= 0;
  }

  /** {@code 2 legs + 1} points, both ends and the corner included. */
  List<Shares> points(int legs) {
    List<Shares> points = new ArrayList<>();
    for (int i = 0; i <= legs; i++) {
      double s = (double) i / legs;
      points.add(new Shares(1 - s * (1 - corner), s));
    }
    for (int i = 1; i <= legs; i++) {
      points.add(new Shares(corner * (legs - i) / legs, 1));
    }
    return points;
  }
}
