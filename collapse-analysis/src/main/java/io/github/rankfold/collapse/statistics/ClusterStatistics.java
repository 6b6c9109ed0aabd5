package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.Arrays;

/**
 * Means and variations of features in K clusters, usually the classes. Immutable.
 *
 * <p>N samples of width m, n_k of them in cluster k, none empty. {@code mu_k} the mean of a
 * cluster, {@code mu = (1/N) sum z_i} the mean of the samples, {@code mu_G = (1/K) sum mu_k} the
 * mean of the means. Zangrando et al., arXiv 2402.03991; Papyan, Han, Donoho 2020.
 */
public final class ClusterStatistics {
  private final long[] counts;
  private final long samples;
  private final Matrix means;

  /** The array of {@link #means}, for loops over samples. */
  private final double[] meanValues;

  private final double[] within;
  private final double[] mean;
  private final double[] meanOfMeans;

  /** Takes {@code means} over, row after row, and copies the rest. */
  ClusterStatistics(int width, long[] counts, double[] means, double[] within) {
    this.counts = counts.clone();
    this.samples = Arrays.stream(counts).sum();
    this.meanValues = means;
    this.means = Matrix.owning(counts.length, width, means);
    this.within = within.clone();
    double[] bySamples = new double[counts.length];
    double[] equal = new double[counts.length];
    for (int k = 0; k < counts.length; k++) {
      bySamples[k] = (double) counts[k] / samples;
      equal[k] = 1.0 / counts.length;
    }
    this.mean = weightedMean(bySamples);
    this.meanOfMeans = weightedMean(equal);
  }

  /** {@code mu_1 + sum w_k (mu_k - mu_1)}: equal means give exactly that mean, so that S_B is 0. */
  private double[] weightedMean(double[] weights) {
    double[] first = means.row(0);
    double[] result = first.clone();
    for (int k = 1; k < weights.length; k++) {
      double[] row = means.row(k);
      for (int j = 0; j < result.length; j++) {
        result[j] += weights[k] * (row[j] - first[j]);
      }
    }
    return result;
  }

  /** K. */
  public int clusters() {
    return counts.length;
  }

  /** m. */
  public int width() {
    return means.cols();
  }

  /** N. */
  public long samples() {
    return samples;
  }

  /** n_k. */
  public long count(int cluster) {
    return counts[cluster];
  }

  /** The means mu_k as rows [K x m]. */
  public Matrix means() {
    return means;
  }

  /** A copy of mu [m]. */
  public double[] mean() {
    return mean.clone();
  }

  /** A copy of mu_G [m]. */
  public double[] meanOfMeans() {
    return meanOfMeans.clone();
  }

  /** {@code mu_k - mu_G} as rows [K x m]. */
  public Matrix centredMeans() {
    double[] centred = means.toDoubles();
    int width = width();
    for (int k = 0; k < clusters(); k++) {
      for (int j = 0; j < width; j++) {
        centred[k * width + j] -= meanOfMeans[j];
      }
    }
    return Matrix.owning(clusters(), width, centred);
  }

  /** {@code z - mu_cluster}, in place, for the row z of width m that starts at {@code offset}. */
  void subtractMean(int cluster, double[] rows, int offset) {
    subtractMean(cluster, 0, width(), rows, offset);
  }

  /** The same in columns [from, to) alone, which start at {@code offset}. */
  void subtractMean(int cluster, int from, int to, double[] rows, int offset) {
    int mean = cluster * width() + from;
    for (int j = 0; j < to - from; j++) {
      rows[offset + j] -= meanValues[mean + j];
    }
  }

  /** {@code v_k = (1/n_k) sum_{i in k} ||z_i - mu_k||^2}. */
  public double variation(int cluster) {
    return within[cluster] / counts[cluster];
  }

  /** {@code ||mu_k - mu_j||^2}. */
  public double squaredDistance(int k, int j) {
    return SquaredDistance.between(means.row(k), means.row(j));
  }

  /**
   * Whether the means of all clusters are equal but for rounding: {@code sum (n_k/N) ||mu_k -
   * mu||^2 <= 1e-24 ||mu||^2}, as sums taken elsewhere leave it even of constant features.
   */
  public boolean meansAreEqual() {
    double between = betweenVariation();
    return between == 0 || between <= 1e-24 * SquaredDistance.between(mean, null);
  }

  /** Whether the features do not vary but for rounding: {@code TV <= 1e-24 ||mu||^2}. */
  public boolean isConstant() {
    return meansAreEqual() && tcv() <= 1e-24 * SquaredDistance.between(mean, null);
  }

  /** {@code sum_k sum_{i in k} ||z_i - mu_k||^2 = N TCV}. */
  public double withinSumOfSquares() {
    return Arrays.stream(within).sum();
  }

  /**
   * Total cluster variation {@code TCV = (1/N) sum_k sum_{i in k} ||z_i - mu_k||^2 = tr S_W}; 0
   * means collapsed. arXiv 2402.03991.
   */
  public double tcv() {
    return withinSumOfSquares() / samples;
  }

  /** {@code sum_k (n_k/N) ||mu_k - mu||^2}: what of the total variation lies between clusters. */
  public double betweenVariation() {
    double sum = 0;
    for (int k = 0; k < clusters(); k++) {
      sum += counts[k] * SquaredDistance.between(means.row(k), mean);
    }
    return sum / samples;
  }

  /**
   * Total variation {@code TV = (1/N) sum_i ||z_i - mu||^2}, as {@code TCV} plus the variation
   * between clusters: two sums of squares, so nothing cancels.
   */
  public double totalVariation() {
    return tcv() + betweenVariation();
  }

  /** {@code TCV/TV} in [0, 1]; 0 where TV = 0. */
  public double normalizedTcv() {
    double total = totalVariation();
    return total == 0 ? 0 : tcv() / total;
  }

  @Override
  public String toString() {
    return "ClusterStatistics[%d samples, %d clusters, width %d, TCV %s]"
        .formatted(samples, clusters(), width(), tcv());
  }
}
