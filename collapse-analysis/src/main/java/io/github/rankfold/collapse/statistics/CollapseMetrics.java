package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.OptionalDouble;

/**
 * The measures of neural collapse NC1 to NC4, each a pure function of accumulated statistics.
 *
 * <p>Papyan, Han, Donoho 2020, doi:10.1073/pnas.2015509117. Notation of {@link ClusterStatistics}:
 * {@code S_W = (1/N) sum (z_i - mu_k)^T (z_i - mu_k)}, {@code S_B = (1/K) sum (mu_k - mu_G)^T (mu_k
 * - mu_G)}, both [m x m]; classes weigh equally in S_B. A value that is not defined is empty, never
 * NaN. {@link Cdnv} and {@link ClusterStatistics#tcv} stand by themselves.
 */
public final class CollapseMetrics {
  private CollapseMetrics() {}

  /**
   * NC1: within-class variability {@code tr(S_W pinv(S_B)) / K = (1/K) sum_j (u_j S_W u_j^T) / e_j}
   * over the eigenpairs of S_B; 0 means collapsed.
   *
   * <p>pinv takes the K - 1 largest eigenpairs, without those that are zero to rounding in double.
   * Where training leaves the class means with rank below K - 1 this divides by tiny e_j and is
   * ill-conditioned: read {@link #nc1Quotient} beside it. Empty where S_B = 0.
   */
  public static OptionalDouble nc1Pinv(WithinProjections projections) {
    ClusterStatistics statistics = projections.statistics();
    if (projections.samples() != statistics.samples()) {
      throw new IllegalArgumentException(
          "expected projections of the same %d samples as the class means, found %d"
              .formatted(statistics.samples(), projections.samples()));
    }
    if (projections.dimension() == 0) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    for (int j = 0; j < projections.dimension(); j++) {
      sum += projections.within(j) / projections.between(j);
    }
    return OptionalDouble.of(sum / statistics.clusters());
  }

  /** NC1 as the quotient {@code tr(S_W) / tr(S_B)}; empty where {@code tr(S_B) = 0}. */
  public static OptionalDouble nc1Quotient(ClusterStatistics statistics) {
    double trace = 0;
    for (double norm : centredMeanNorms(statistics)) {
      trace += norm * norm;
    }
    trace /= statistics.clusters();
    return trace == 0 ? OptionalDouble.empty() : OptionalDouble.of(statistics.tcv() / trace);
  }

  /**
   * NC2, equal norms: std/mean over k of {@code ||mu_k - mu_G||} (population standard deviation); 0
   * means collapsed. Empty where all are 0.
   */
  public static OptionalDouble nc2Equinorm(ClusterStatistics statistics) {
    return variationCoefficient(centredMeanNorms(statistics));
  }

  /**
   * NC2, equal norms of the classifier: std/mean of the column norms of its kernel [m x K], not
   * centred. Empty where the kernel is 0.
   */
  public static OptionalDouble classifierEquinorm(Matrix kernel) {
    return variationCoefficient(rowNorms(kernel.transpose()));
  }

  /**
   * NC2, equal angles: mean over pairs k < j of {@code |cos(mu_k - mu_G, mu_j - mu_G) + 1/(K-1)|};
   * 0 for a simplex equiangular tight frame. Empty for fewer than two classes or where a class mean
   * is mu_G.
   */
  public static OptionalDouble nc2Equiangularity(ClusterStatistics statistics) {
    int clusters = statistics.clusters();
    Matrix centred = statistics.centredMeans();
    double[] scale = rowNorms(centred);
    for (int k = 0; k < clusters; k++) {
      if (scale[k] == 0) {
        return OptionalDouble.empty();
      }
      scale[k] = 1 / scale[k];
    }
    Matrix directions = centred.rowsScaled(scale);
    Matrix cosines = directions.timesTransposed(directions);
    double sum = 0;
    for (int k = 0; k < clusters; k++) {
      for (int j = k + 1; j < clusters; j++) {
        sum += Math.abs(cosines.get(k, j) + 1.0 / (clusters - 1));
      }
    }
    double pairs = clusters * (clusters - 1.0) / 2;
    return pairs == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / pairs);
  }

  /**
   * NC3, self-duality: {@code || W/||W||_F - M/||M||_F ||_F} in [0, 2], W [m x K] the classifier's
   * kernel, M [m x K] with the columns {@code (mu_k - mu_G)^T} of its input; 0 means collapsed.
   * Empty where W or M is 0.
   */
  public static OptionalDouble nc3SelfDuality(ClusterStatistics statistics, Matrix kernel) {
    if (kernel.rows() != statistics.width() || kernel.cols() != statistics.clusters()) {
      throw new IllegalArgumentException(
          "expected a classifier kernel of %d x %d, found %d x %d"
              .formatted(statistics.width(), statistics.clusters(), kernel.rows(), kernel.cols()));
    }
    Matrix centred = statistics.centredMeans();
    double kernelNorm = kernel.frobeniusNorm();
    double meansNorm = centred.frobeniusNorm();
    if (kernelNorm == 0 || meansNorm == 0) {
      return OptionalDouble.empty();
    }
    Matrix difference =
        kernel.transpose().scaled(1 / kernelNorm).minus(centred.scaled(1 / meansNorm));
    return OptionalDouble.of(difference.frobeniusNorm());
  }

  /**
   * NC4: the share of samples whose predicted class differs from the class of the nearest class
   * mean; 0 means collapsed. Empty where no predictions were given.
   */
  public static OptionalDouble nc4Mismatch(WithinProjections projections) {
    return projections.predicted() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) projections.mismatches() / projections.predicted());
  }

  private static double[] centredMeanNorms(ClusterStatistics statistics) {
    return rowNorms(statistics.centredMeans());
  }

  private static double[] rowNorms(Matrix matrix) {
    double[] norms = new double[matrix.rows()];
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Math.sqrt(SquaredDistance.between(matrix.row(i), null));
    }
    return norms;
  }

  /** Population standard deviation over mean, by two passes. */
  private static OptionalDouble variationCoefficient(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return mean == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.sqrt(squares / values.length) / mean);
  }
}
