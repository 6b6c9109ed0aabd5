package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;

/**
 * Count, mean and scatter {@code sum_i (z_i - mean)^T (z_i - mean)} of rows z_i [1 x m].
 *
 * <p>Parts are merged by the update of Chan, Golub and LeVeque 1983, so that nothing cancels. Takes
 * O(m^2) memory. Not thread-safe.
 */
public final class SecondMoments {
  private final int width;
  private final double[] mean;
  private final double[] scatter;
  private double count;

  public SecondMoments(int width) {
    this.width = width;
    this.mean = new double[width];
    this.scatter = new double[Math.multiplyExact(width, width)];
  }

  /**
   * Merges a part.
   *
   * @param rows how many rows it has, at least 1; may be a weight
   * @param partMean [m]
   * @param partScatter [m x m], around that mean
   */
  public void add(double rows, double[] partMean, double[] partScatter) {
    if (partMean.length != width || partScatter.length != scatter.length || !(rows > 0)) {
      throw new IllegalArgumentException(
          "expected rows and moments of width %d, found %s rows, %d means and %d products"
              .formatted(width, rows, partMean.length, partScatter.length));
    }
    double total = count + rows;
    double[] shift = new double[width];
    for (int i = 0; i < width; i++) {
      shift[i] = partMean[i] - mean[i];
    }
    double between = count * rows / total;
    for (int i = 0; i < width; i++) {
      double factor = between * shift[i];
      int row = i * width;
      for (int j = 0; j < width; j++) {
        scatter[row + j] += partScatter[row + j] + factor * shift[j];
      }
    }
    for (int i = 0; i < width; i++) {
      mean[i] += shift[i] * rows / total;
    }
    count = total;
  }

  /** m. */
  public int width() {
    return width;
  }

  /** How many rows were added. */
  public double count() {
    return count;
  }

  /** [1 x m]. */
  public Matrix mean() {
    return Matrix.of(1, width, mean);
  }

  /** {@code (1/N) sum_i (z_i - mean)^T (z_i - mean)} [m x m]. */
  public Matrix covariance() {
    double[] covariance = scatter.clone(); // scaled in place: it may be hundreds of megabytes
    double share = 1 / Math.max(count, 1);
    for (int i = 0; i < covariance.length; i++) {
      covariance[i] *= share;
    }
    return Matrix.owning(width, width, covariance);
  }

  /** {@code (1/N) sum_i z_i^T z_i} [m x m]. */
  public Matrix uncentred() {
    Matrix row = mean();
    return covariance().plus(row.transposedTimes(row));
  }
}
