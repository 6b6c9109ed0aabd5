package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Svd;

/**
 * The eigenvectors of the between-class scatter whose eigenvalues are not numerically zero.
 *
 * <p>{@code S_B = (1/K) sum_k (mu_k - mu_G)^T (mu_k - mu_G)} [m x m] has rank at most K - 1. With
 * the thin decomposition {@code M = V diag(s) U^T} of the centred means M [K x m], its eigenpairs
 * are {@code e_j = s_j^2 / K} and the rows u_j of U^T; S_B itself is never formed.
 *
 * <p>Kept are the first K - 1 pairs, without those whose s_j is rounding noise: {@code s_j <=
 * max(K, m) 2^-52 max(s_1, sqrt(K) ||mu_G||)}. The second term is there because means far from the
 * origin carry the rounding of their own size. A pair above this is kept however small: NC1 by pinv
 * weighs it by 1/e_j, which is why the quotient is reported beside it.
 */
final class BetweenClassBasis {
  private final Matrix vectors;
  private final double[] eigenvalues;

  private BetweenClassBasis(Matrix vectors, double[] eigenvalues) {
    this.vectors = vectors;
    this.eigenvalues = eigenvalues;
  }

  static BetweenClassBasis of(ClusterStatistics statistics) {
    int clusters = statistics.clusters();
    Svd svd = Svd.of(statistics.centredMeans(), Precision.FLOAT64);
    double offset =
        Matrix.owning(1, statistics.width(), statistics.meanOfMeans()).frobeniusNorm()
            * Math.sqrt(clusters);
    double noise =
        Math.max(clusters, statistics.width())
            * Precision.FLOAT64.epsilon()
            * Math.max(svd.spectrum().largest(), offset);
    int dimension = Math.min(clusters - 1, svd.spectrum().rank(RankTolerance.absolute(noise)));
    double[] eigenvalues = new double[dimension];
    for (int j = 0; j < dimension; j++) {
      double s = svd.spectrum().value(j);
      eigenvalues[j] = s * s / clusters;
    }
    return new BetweenClassBasis(svd.vt().leadingRows(dimension), eigenvalues);
  }

  int dimension() {
    return eigenvalues.length;
  }

  /** u_j as rows [dimension x m]. */
  Matrix vectors() {
    return vectors;
  }

  /** e_j, descending. */
  double eigenvalue(int j) {
    return eigenvalues[j];
  }
}
