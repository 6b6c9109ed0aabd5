package io.github.rankfold.training;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * L-BFGS: quasi-Newton steps from the last {@link #MEMORY} changes of point and gradient.
 *
 * <p>Nocedal, Wright, Numerical Optimization, 2nd ed., algorithm 7.4. The line search is the
 * bracketing one of Lewis, Overton 2013 (doi:10.1007/s10107-012-0514-2), which also gets along with
 * the kinks of ReLU, and accepts steps by slope where the function's own rounding hides a decrease
 * (Hager, Zhang 2005, doi:10.1137/030601880).
 */
final class LimitedMemoryBfgs {
  /** A function of P values and its gradient. */
  interface Objective {
    /** The value at {@code point}; writes the gradient there. */
    double at(double[] point, double[] gradient);
  }

  /** An estimate of the inverse Hessian, of which a multiple is what the memory corrects. */
  interface InverseHessian {
    /** Knows nothing: the last step alone gives the scale. */
    InverseHessian IDENTITY = vector -> vector.clone();

    /** The estimate times a vector of P values, a new array. */
    double[] times(double[] vector);
  }

  /** One change of the point, s, with the gradient's, y, and their product. */
  private static final class Change {
    private final double[] s;
    private final double[] y;
    private final double curvature;

    Change(double[] s, double[] y, double curvature) {
      this.s = s;
      this.y = y;
      this.curvature = curvature;
    }
  }

  private static final int MEMORY = 20;
  private static final int MAX_TRIALS = 25;
  private static final double DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;

  /** Relative rounding of an objective computed in float32. */
  private static final double ROUNDING = 1e-6;

  private final Objective objective;
  private final InverseHessian inverse;
  private final Deque<Change> changes = new ArrayDeque<>();
  private double[] point;
  private double[] gradient;
  private double value;

  LimitedMemoryBfgs(Objective objective, double[] start) {
    this(objective, InverseHessian.IDENTITY, start);
  }

  LimitedMemoryBfgs(Objective objective, InverseHessian inverse, double[] start) {
    this.objective = objective;
    this.inverse = inverse;
    this.point = start.clone();
    this.gradient = new double[start.length];
    this.value = objective.at(point, gradient);
  }

  double[] point() {
    return point;
  }

  double[] gradient() {
    return gradient;
  }

  double value() {
    return value;
  }

  /** One iteration; false where no step makes progress any more. */
  boolean iterate() {
    double[] direction = direction();
    double slope = dot(direction, gradient);
    if (!(slope < 0)) {
      if (changes.isEmpty()) {
        return false;
      }
      changes.clear();
      direction = direction();
      slope = dot(direction, gradient);
      if (!(slope < 0)) {
        return false;
      }
    }
    double first = changes.isEmpty() ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    if (search(direction, slope, first)) {
      return true;
    }
    // A memory spoiled by rounding gives directions that lead nowhere; steepest descent may not.
    boolean retry = !changes.isEmpty();
    changes.clear();
    return retry;
  }

  private boolean search(double[] direction, double slope, double first) {
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double step = first;
    double slack = ROUNDING * Math.abs(value);
    double[] trial = new double[point.length];
    double[] trialGradient = new double[point.length];
    for (int i = 0; i < MAX_TRIALS; i++) {
      for (int p = 0; p < point.length; p++) {
        // Rounded here, so that the differences in the memory are those of what was evaluated.
        trial[p] = (float) (point[p] + step * direction[p]);
      }
      double found = objective.at(trial, trialGradient);
      double foundSlope = dot(direction, trialGradient);
      boolean decreased = found <= value + DECREASE * step * slope;
      boolean flat = found <= value + slack && foundSlope <= (2 * DECREASE - 1) * slope;
      if (!decreased && !flat) {
        high = step;
      } else if (foundSlope < CURVATURE * slope) {
        low = step;
      } else {
        accept(trial, trialGradient, found);
        return true;
      }
      step = Double.isInfinite(high) ? 2 * step : (low + high) / 2;
    }
    return false;
  }

  private void accept(double[] newPoint, double[] newGradient, double newValue) {
    double[] s = new double[point.length];
    double[] y = new double[point.length];
    for (int p = 0; p < s.length; p++) {
      s[p] = newPoint[p] - point[p];
      y[p] = newGradient[p] - gradient[p];
    }
    double curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) {
      changes.addLast(new Change(s, y, curvature));
      if (changes.size() > MEMORY) {
        changes.removeFirst();
      }
    }
    point = newPoint;
    gradient = newGradient;
    value = newValue;
  }

  /** The two-loop recursion: minus the approximate inverse Hessian times the gradient. */
  private double[] direction() {
    double[] q = gradient.clone();
    double[] alpha = new double[changes.size()];
    Iterator<Change> newestFirst = changes.descendingIterator();
    for (int i = changes.size() - 1; i >= 0; i--) {
      Change change = newestFirst.next();
      alpha[i] = dot(change.s, q) / change.curvature;
      add(q, -alpha[i], change.y);
    }
    q = inverse.times(q);
    if (!changes.isEmpty()) {
      Change newest = changes.getLast();
      double scale = newest.curvature / dot(newest.y, inverse.times(newest.y));
      for (int p = 0; p < q.length; p++) {
        q[p] *= scale;
      }
    }
    int i = 0;
    for (Change change : changes) {
      double beta = dot(change.y, q) / change.curvature;
      add(q, alpha[i++] - beta, change.s);
    }
    for (int p = 0; p < q.length; p++) {
      q[p] = -q[p];
    }
    return q;
  }

  private static double dot(double[] a, double[] b) {
    // Four sums side by side: one alone waits for each addition to finish.
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int p = 0;
    for (; p + 3 < a.length; p += 4) {
      s0 += a[p] * b[p];
      s1 += a[p + 1] * b[p + 1];
      s2 += a[p + 2] * b[p + 2];
      s3 += a[p + 3] * b[p + 3];
    }
    for (; p < a.length; p++) {
      s0 += a[p] * b[p];
    }
    return (s0 + s1) + (s2 + s3);
  }

  private static void add(double[] to, double factor, double[] other) {
    for (int p = 0; p < to.length; p++) {
      to[p] += factor * other[p];
    }
  }
}
