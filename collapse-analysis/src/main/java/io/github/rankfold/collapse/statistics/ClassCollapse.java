package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How collapsed one class is, and how far from the others: a row of {@code class_collapse.csv}.
 *
 * @param label from 0
 * @param samples n_k
 * @param variation {@code v_k = (1/n_k) sum ||z_i - mu_k||^2}, the class's own TCV
 * @param shareOfTcv {@code (n_k/N) v_k / TCV}; empty where TCV = 0
 * @param cdnv mean over the other classes j of {@code (v_k + v_j) / (2 ||mu_k - mu_j||^2)}; empty
 *     where the means of two classes are equal
 * @param meanNorm {@code ||mu_k - mu_G||}
 * @param nearest the class whose mean is nearest
 * @param nearestDistance {@code ||mu_k - mu_nearest||}
 * @param largestCosine over the other classes j, of mu_k - mu_G with mu_j - mu_G: -1/(K-1) at
 *     collapse, towards 1 where a minority merges with another class; empty where a mean is mu_G
 */
public record ClassCollapse(
    int label,
    long samples,
    double variation,
    OptionalDouble shareOfTcv,
    OptionalDouble cdnv,
    double meanNorm,
    int nearest,
    double nearestDistance,
    OptionalDouble largestCosine) {

  /** All classes, in order; at least two. */
  public static List<ClassCollapse> of(ClusterStatistics statistics) {
    Matrix centred = statistics.centredMeans();
    double[] norms = new double[statistics.clusters()];
    for (int k = 0; k < norms.length; k++) {
      norms[k] = Math.sqrt(SquaredDistance.between(centred.row(k), null));
    }
    Matrix products = centred.timesTransposed(centred);
    List<ClassCollapse> all = new ArrayList<>();
    for (int k = 0; k < norms.length; k++) {
      all.add(of(statistics, k, norms, products));
    }
    return all;
  }

  private static ClassCollapse of(
      ClusterStatistics statistics, int k, double[] norms, Matrix products) {
    int clusters = statistics.clusters();
    double tcv = statistics.tcv();
    double v = statistics.variation(k);
    double sum = 0;
    double largest = Double.NEGATIVE_INFINITY;
    boolean separate = true;
    boolean directed = norms[k] > 0;
    int nearest = k == 0 ? 1 : 0;
    double least = Double.POSITIVE_INFINITY;
    for (int j = 0; j < clusters; j++) {
      if (j == k) {
        continue;
      }
      double distance = statistics.squaredDistance(k, j);
      separate &= distance > 0;
      sum += (v + statistics.variation(j)) / (2 * distance);
      if (distance < least) {
        least = distance;
        nearest = j;
      }
      directed &= norms[j] > 0;
      largest = Math.max(largest, products.get(k, j) / (norms[k] * norms[j]));
    }
    return new ClassCollapse(
        k,
        statistics.count(k),
        v,
        tcv > 0
            ? OptionalDouble.of(v * statistics.count(k) / statistics.samples() / tcv)
            : OptionalDouble.empty(),
        separate ? OptionalDouble.of(sum / (clusters - 1)) : OptionalDouble.empty(),
        norms[k],
        nearest,
        Math.sqrt(least),
        directed ? OptionalDouble.of(largest) : OptionalDouble.empty());
  }
}
