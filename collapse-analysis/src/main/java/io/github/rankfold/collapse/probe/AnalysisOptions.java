package io.github.rankfold.collapse.probe;

import java.util.List;

/**
 * What an analysis does beside the metrics and the certificates by the labels.
 *
 * @param clusters the numbers of clusters of k-means on the inputs of each kernel, for certificates
 *     by these partitions
 * @param clustersPerClass the same, with k-means inside each class
 * @param featureRanks whether the ranks of the features are measured: about a forward pass more
 * @param seed of the random starting points
 */
public record AnalysisOptions(
    List<Integer> clusters, List<Integer> clustersPerClass, boolean featureRanks, long seed) {
  /** Partitions of more clusters than this are left out. */
  static final int MOST_CLUSTERS = 512;

  public AnalysisOptions {
    clusters = List.copyOf(clusters);
    clustersPerClass = List.copyOf(clustersPerClass);
    for (int count : clusters) {
      if (count < 1) {
        throw new IllegalArgumentException("clusters must be >= 1, was " + count);
      }
    }
    for (int count : clustersPerClass) {
      if (count < 1) {
        throw new IllegalArgumentException("clusters per class must be >= 1, was " + count);
      }
    }
  }

  /** Metrics, and certificates by the labels alone: the fewest passes. */
  public static AnalysisOptions labelsOnly() {
    return new AnalysisOptions(List.of(), List.of(), false, 1);
  }

  /** Everything: k-means with half, once and twice as many clusters as classes, ranks. */
  public static AnalysisOptions full(int classes) {
    return new AnalysisOptions(
        List.of(Math.max(1, classes / 2), classes, 2 * classes), List.of(2, 4), true, 1);
  }
}
