package io.github.rankfold.collapse.linalg;

import java.util.Arrays;
import java.util.Objects;

/**
 * The singular values {@code s_1 >= s_2 >= ... >= 0} of an [m x n] matrix, and what follows from
 * them alone: ranks, energies, distances. Immutable.
 *
 * <p>Indices are from 0 in Java: {@code value(0)} is s_1.
 */
public final class Spectrum {
  private final int rows;
  private final int cols;
  private final double[] values;

  private Spectrum(int rows, int cols, double[] values) {
    this.rows = rows;
    this.cols = cols;
    this.values = values;
  }

  /** Computes the singular values only: less than half the work of {@link Svd#of}. */
  public static Spectrum of(Matrix matrix, Precision precision) {
    return Lapack.decompose(matrix, precision, false).spectrum();
  }

  /** Known values of a [rows x cols] matrix, in descending order: min(rows, cols) of them. */
  public static Spectrum ofValues(int rows, int cols, double... values) {
    if (values.length != Math.min(rows, cols)) {
      throw new IllegalArgumentException(
          "expected %d singular values for a %d x %d matrix, found %d"
              .formatted(Math.min(rows, cols), rows, cols, values.length));
    }
    for (int i = 0; i < values.length; i++) {
      double above = i == 0 ? Double.MAX_VALUE : values[i - 1];
      if (!(values[i] >= 0 && values[i] <= above)) { // also refuses NaN
        throw new IllegalArgumentException(
            "singular values must be >= 0 and descend, but value %d is %s after %s"
                .formatted(i + 1, values[i], above));
      }
    }
    return new Spectrum(rows, cols, values.clone());
  }

  /** Rows m of the matrix. */
  public int rows() {
    return rows;
  }

  /** Columns n of the matrix. */
  public int cols() {
    return cols;
  }

  /** {@code min(m, n)}. */
  public int size() {
    return values.length;
  }

  /** {@code s_(index+1)}. */
  public double value(int index) {
    return values[Objects.checkIndex(index, values.length)];
  }

  /** A copy of all values. */
  public double[] toArray() {
    return values.clone();
  }

  /** {@code s_1 = ||W||_2}; 0 for an empty matrix. */
  public double largest() {
    return values.length == 0 ? 0 : values[0];
  }

  /** Numerical rank: the number of {@code s_i > tolerance}. */
  public int rank(RankTolerance tolerance) {
    double threshold = tolerance.threshold(this);
    int rank = 0;
    while (rank < values.length && values[rank] > threshold) {
      rank++;
    }
    return rank;
  }

  /**
   * Stable rank {@code sum s_i^2 / s_1^2}, in [1, rank]; 0 for the zero matrix, whose rank is 0.
   */
  public double stableRank() {
    return largest() == 0 ? 0 : relativeTail(0);
  }

  /**
   * Effective rank {@code exp(-sum p_i ln p_i)}, {@code p_i = s_i / sum s}; 0 for the zero matrix.
   *
   * <p>Roy and Vetterli 2007; the measure of arXiv 2103.10427. The probabilities are of the values,
   * not of their squares.
   */
  public double effectiveRank() {
    double sum = 0;
    for (double value : values) {
      sum += value / largest();
    }
    double entropy = 0;
    for (double value : values) {
      double p = value / largest() / sum;
      if (p > 0) {
        entropy -= p * Math.log(p);
      }
    }
    return largest() == 0 ? 0 : Math.exp(entropy);
  }

  /**
   * {@code sum_{i>r} s_i^2}: the squared Frobenius distance to the nearest matrix of rank r
   * (Eckart-Young-Mirsky).
   *
   * <p>A square can over- or underflow where {@link #distanceToRank} does not.
   */
  public double tailEnergy(int rank) {
    double distance = distanceToRank(rank);
    return distance * distance;
  }

  /** {@code sum s_i^2 = ||W||_F^2}. */
  public double totalEnergy() {
    return tailEnergy(0);
  }

  /**
   * {@code sqrt(sum_{i>r} s_i^2)}: the Frobenius distance to the nearest matrix of rank r; 0 from
   * {@code r = min(m, n)} on.
   */
  public double distanceToRank(int rank) {
    if (rank < 0) {
      throw new IllegalArgumentException("rank must be >= 0, was " + rank);
    }
    return rank >= values.length ? 0 : Matrix.norm(Arrays.copyOfRange(values, rank, values.length));
  }

  /**
   * The least r with {@code sum_{i<=r} s_i^2 >= fraction * sum s_i^2}.
   *
   * <p>Compared as {@code tail(r) <= (1 - fraction) total}, summed from the small end: kept
   * energies near 1 would drown the tail. So {@code fraction = 1} gives the number of values above
   * 0, up to those whose square vanishes beside s_1's.
   */
  public int keptEnergyRank(double fraction) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("kept energy must be in [0, 1], was " + fraction);
    }
    if (largest() == 0) {
      return 0;
    }
    double allowed = (1 - fraction) * relativeTail(0);
    int rank = values.length;
    double tail = 0;
    while (rank > 0) {
      double ratio = values[rank - 1] / values[0];
      tail += ratio * ratio;
      if (tail > allowed) {
        return rank;
      }
      rank--;
    }
    return 0;
  }

  /** {@code sum_{i<=r} s_i^2 / sum s_i^2}, in [0, 1]; 1 for the zero matrix. */
  public double keptEnergy(int rank) {
    return largest() == 0 ? 1 : 1 - relativeTail(rank) / relativeTail(0);
  }

  /** {@code sum_{i>r} (s_i / s_1)^2}, from the small end. */
  private double relativeTail(int rank) {
    double sum = 0;
    for (int i = values.length - 1; i >= rank; i--) {
      double ratio = values[i] / values[0];
      sum += ratio * ratio;
    }
    return sum;
  }

  @Override
  public String toString() {
    return "Spectrum of %d x %d: %s".formatted(rows, cols, Arrays.toString(values));
  }
}
