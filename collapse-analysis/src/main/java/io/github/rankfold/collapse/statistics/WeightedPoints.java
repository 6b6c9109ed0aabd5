package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.data.LabeledData;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A few weighted points [M x m] that stand for N samples: class by class the means of clusters,
 * each plus and minus its cluster's spread along the cluster's first principal direction.
 *
 * <p>A cluster of n rows with mean c, centred rows X [n x m], first singular value s_1 and right
 * vector v_1 becomes {@code c + s_1 v_1 / sqrt(n)} and {@code c - s_1 v_1 / sqrt(n)}, of weight n/2
 * each. So the number of samples and the mean of every class are kept exactly, and of its variation
 * all that is between clusters and the most that two points can hold of what is inside each. With
 * as many points as samples the points are the samples. Clusters are cut by halving, see {@link
 * PrincipalBisection}.
 *
 * @param points [M x m]
 * @param labels M classes
 * @param weights M numbers of samples, summing to N
 */
public record WeightedPoints(Matrix points, List<Integer> labels, List<Double> weights) {
  public WeightedPoints {
    labels = List.copyOf(labels);
    weights = List.copyOf(weights);
    if (labels.size() != points.rows() || weights.size() != points.rows()) {
      throw new IllegalArgumentException(
          "expected %d labels and weights, found %d and %d"
              .formatted(points.rows(), labels.size(), weights.size()));
    }
  }

  /** The number of points, M. */
  public int size() {
    return points.rows();
  }

  /**
   * At most {@code count} points for the samples, shared among the classes as the samples are, but
   * at least one for every class. Samples are read class by class.
   */
  public static WeightedPoints of(LabeledData data, int count) {
    if (count < data.classes()) {
      throw new IllegalArgumentException(
          "points must be >= the number of classes, %d, was %d".formatted(data.classes(), count));
    }
    int[] samples = data.classCounts();
    int[] shares = shares(samples, Math.min(count, data.size()));
    Collector collector = new Collector(data.featureWidth());
    for (int k = 0; k < samples.length; k++) {
      if (shares[k] > 0) {
        addClass(members(data, k, samples[k]), k, shares[k], collector);
      }
    }
    return collector.points();
  }

  private static void addClass(double[] values, int label, int share, Collector to) {
    int width = to.width;
    int samples = values.length / width;
    if (share >= samples) {
      for (int i = 0; i < samples; i++) {
        to.add(Arrays.copyOfRange(values, i * width, (i + 1) * width), label, 1);
      }
      return;
    }
    List<PrincipalBisection.Cluster> clusters =
        PrincipalBisection.of(values, width, (share + 1) / 2);
    // An odd share has one cluster too many to split: the one that loses least stays whole.
    clusters.sort(Comparator.comparingDouble(cluster -> -cluster.energy()));
    int split = share - clusters.size();
    for (int c = 0; c < clusters.size(); c++) {
      PrincipalBisection.Cluster cluster = clusters.get(c);
      if (c < split && cluster.energy() > 0) {
        to.add(cluster.moved(1), label, cluster.size() / 2.0);
        to.add(cluster.moved(-1), label, cluster.size() / 2.0);
      } else {
        to.add(cluster.moved(0), label, cluster.size());
      }
    }
  }

  private static double[] members(LabeledData data, int label, int count) {
    DoubleBuffer rows = DoubleBuffer.allocate(Math.multiplyExact(count, data.featureWidth()));
    for (int i = 0; i < data.size(); i++) {
      if (data.label(i) == label) {
        data.copyFeatures(i, i + 1, rows);
      }
    }
    return rows.array();
  }

  /**
   * {@code count} points shared by the largest remainder, each class that has samples at least 1.
   */
  static int[] shares(int[] samples, int count) {
    int total = Arrays.stream(samples).sum();
    int[] shares = new int[samples.length];
    for (int k = 0; k < shares.length; k++) {
      shares[k] = samples[k] == 0 ? 0 : 1;
    }
    for (int left = count - Arrays.stream(shares).sum(); left > 0; left--) {
      int neediest = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < shares.length; k++) {
        double lack = (double) count * samples[k] / total - shares[k];
        if (shares[k] < samples[k] && lack > most) {
          most = lack;
          neediest = k;
        }
      }
      shares[neediest]++;
    }
    return shares;
  }

  private static final class Collector {
    private final int width;
    private final List<double[]> rows = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();
    private final List<Double> weights = new ArrayList<>();

    Collector(int width) {
      this.width = width;
    }

    void add(double[] row, int label, double weight) {
      rows.add(row);
      labels.add(label);
      weights.add(weight);
    }

    WeightedPoints points() {
      double[] values = new double[rows.size() * width];
      for (int i = 0; i < rows.size(); i++) {
        System.arraycopy(rows.get(i), 0, values, i * width, width);
      }
      return new WeightedPoints(Matrix.owning(rows.size(), width, values), labels, weights);
    }
  }
}
