package io.github.rankfold.collapse.probe;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * What an analysis does beside the metrics and the certificates by the labels.
 *
 * @param clusters the numbers of clusters of k-means on the inputs of each kernel, for certificates
 *     by these partitions
 * @param clustersPerClass the same, with k-means inside each class
 * @param featureRanks whether the ranks of the features are measured: about a forward pass more
 * @param seed of the random starting points
 * @param keptBytes the most native memory that features and gradients may take between the two
 *     passes: the model runs once for the batches that fit, and twice for the others
 */
public record AnalysisOptions(
    List<Integer> clusters,
    List<Integer> clustersPerClass,
    boolean featureRanks,
    long seed,
    long keptBytes) {
  /** An eighth of the machine's memory, and no more than this. */
  private static final long MOST_KEPT = 2L << 30;

  /** Partitions of more clusters than this are left out. */
  static final int MOST_CLUSTERS = 512;

  public AnalysisOptions {
    clusters = List.copyOf(clusters);
    clustersPerClass = List.copyOf(clustersPerClass);
    if (keptBytes < 0) {
      throw new IllegalArgumentException("kept bytes must be >= 0, was " + keptBytes);
    }
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

  /** With as much memory as a part of the machine's. */
  public AnalysisOptions(
      List<Integer> clusters, List<Integer> clustersPerClass, boolean featureRanks, long seed) {
    this(clusters, clustersPerClass, featureRanks, seed, defaultKeptBytes());
  }

  private static long defaultKeptBytes() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine
        ? Math.min(MOST_KEPT, machine.getTotalMemorySize() / 8)
        : 0;
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
