package io.github.rankfold.collapse.linalg;

/**
 * When a singular value counts: the numerical rank is the number of {@code s_i > threshold}.
 *
 * <p>Ranks by different tolerances are different quantities, so the tolerance is always named.
 */
public sealed interface RankTolerance {
  /** The value that a singular value of {@code spectrum} must exceed to count. */
  double threshold(Spectrum spectrum);

  /** {@code max(m, n) 2^-23 s_1}: NumPy's rule with the precision of float weights. */
  static RankTolerance float32() {
    return new Rounding(Precision.FLOAT32);
  }

  /** {@code max(m, n) 2^-52 s_1}: NumPy's rule. On trained float kernels it counts noise. */
  static RankTolerance float64() {
    return new Rounding(Precision.FLOAT64);
  }

  /** {@code fraction s_1}. */
  static RankTolerance relative(double fraction) {
    return new Relative(fraction);
  }

  /** {@code fraction ||W||_F}: the count on {@code W / ||W||_F} of arXiv 2206.05794 (at 1e-3). */
  static RankTolerance frobenius(double fraction) {
    return new Frobenius(fraction);
  }

  /** {@code value}, in the unit of the singular values. */
  static RankTolerance absolute(double value) {
    return new Absolute(value);
  }

  /** {@code max(m, n) epsilon s_1}. */
  record Rounding(Precision precision) implements RankTolerance {
    @Override
    public double threshold(Spectrum spectrum) {
      return Math.max(spectrum.rows(), spectrum.cols()) * precision.epsilon() * spectrum.largest();
    }
  }

  /** {@code fraction s_1}. */
  record Relative(double fraction) implements RankTolerance {
    public Relative {
      requireNonNegative("relative", fraction);
    }

    @Override
    public double threshold(Spectrum spectrum) {
      return fraction * spectrum.largest();
    }
  }

  /** {@code fraction ||W||_F}. */
  record Frobenius(double fraction) implements RankTolerance {
    public Frobenius {
      requireNonNegative("Frobenius", fraction);
    }

    @Override
    public double threshold(Spectrum spectrum) {
      return fraction * spectrum.distanceToRank(0);
    }
  }

  /** {@code value} itself. */
  record Absolute(double value) implements RankTolerance {
    public Absolute {
      requireNonNegative("absolute", value);
    }

    @Override
    public double threshold(Spectrum spectrum) {
      return value;
    }
  }

  private static void requireNonNegative(String name, double value) {
    if (!(value >= 0)) { // also refuses NaN
      throw new IllegalArgumentException(name + " tolerance must be >= 0, was " + value);
    }
  }
}
