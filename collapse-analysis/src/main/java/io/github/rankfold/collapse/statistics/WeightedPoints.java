package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A few weighted points [M x m] that stand for N samples: class by class the centroids of k-means,
 * each plus and minus its cluster's spread along the cluster's first principal direction.
 *
 * <p>A cluster of n rows with centroid c, centred rows X [n x m], first singular value s_1 and
 * right vector v_1 becomes {@code c + s_1 v_1 / sqrt(n)} and {@code c - s_1 v_1 / sqrt(n)}, of
 * weight n/2 each. So the number of samples and the mean of every class are kept exactly, and of
 * its variation all that is between clusters and the most that two points can hold of what is
 * inside each. With as many points as samples the points are the samples.
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
   * At most {@code count} points for the {@code rows} [N x m], shared among the classes as the
   * samples are, but at least one for every class.
   *
   * @param labels N classes in 0..K-1
   */
  public static WeightedPoints of(Matrix rows, int[] labels, int classes, int count, long seed) {
    if (count < classes) {
      throw new IllegalArgumentException(
          "points must be >= the number of classes, %d, was %d".formatted(classes, count));
    }
    if (labels.length != rows.rows()) {
      throw new IllegalArgumentException(
          "expected %d labels, found %d".formatted(rows.rows(), labels.length));
    }
    Collector collector = new Collector(rows.cols());
    if (count >= labels.length) {
      for (int i = 0; i < labels.length; i++) {
        collector.add(rows.row(i), labels[i], 1);
      }
      return collector.points();
    }
    int[] shares = shares(counts(labels, classes), count);
    for (int k = 0; k < classes; k++) {
      Matrix members = members(rows, labels, k);
      if (shares[k] > 0) {
        addClass(members, k, shares[k], seed + k, collector);
      }
    }
    return collector.points();
  }

  private static void addClass(Matrix rows, int label, int share, long seed, Collector to) {
    if (share >= rows.rows()) {
      for (int i = 0; i < rows.rows(); i++) {
        to.add(rows.row(i), label, 1);
      }
      return;
    }
    Matrix centroids = KMeans.centroids(rows, (share + 1) / 2, seed);
    int[] nearest = KMeans.nearest(rows, centroids);
    List<Cluster> clusters = new ArrayList<>();
    for (int c = 0; c < centroids.rows(); c++) {
      Matrix members = members(rows, nearest, c);
      if (members.rows() > 0) {
        clusters.add(Cluster.of(members));
      }
    }
    // An odd share has one cluster too many to split: the one that loses least stays whole.
    clusters.sort(Comparator.comparingDouble(cluster -> -cluster.energy()));
    int split = share - clusters.size();
    for (int c = 0; c < clusters.size(); c++) {
      Cluster cluster = clusters.get(c);
      if (c < split && cluster.energy() > 0) {
        to.add(cluster.moved(1), label, cluster.size() / 2.0);
        to.add(cluster.moved(-1), label, cluster.size() / 2.0);
      } else {
        to.add(cluster.moved(0), label, cluster.size());
      }
    }
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

  private static int[] counts(int[] labels, int classes) {
    int[] counts = new int[classes];
    for (int label : labels) {
      counts[label]++;
    }
    return counts;
  }

  private static Matrix members(Matrix rows, int[] assigned, int cluster) {
    int count = (int) Arrays.stream(assigned).filter(a -> a == cluster).count();
    double[] values = new double[count * rows.cols()];
    int at = 0;
    for (int i = 0; i < assigned.length; i++) {
      if (assigned[i] == cluster) {
        System.arraycopy(rows.row(i), 0, values, at, rows.cols());
        at += rows.cols();
      }
    }
    return Matrix.owning(count, rows.cols(), values);
  }

  /** A cluster's size, centroid [1 x m] and spread {@code s_1 v_1 / sqrt(n)} [1 x m]. */
  private record Cluster(int size, Matrix centroid, Matrix spread) {
    static Cluster of(Matrix rows) {
      int n = rows.rows();
      double[] mean = new double[rows.cols()];
      for (int i = 0; i < n; i++) {
        double[] row = rows.row(i);
        for (int j = 0; j < mean.length; j++) {
          mean[j] += row[j] / n;
        }
      }
      Matrix centroid = Matrix.owning(1, mean.length, mean);
      if (n == 1) {
        return new Cluster(n, rows, Matrix.zeros(1, rows.cols()));
      }
      double[] ones = new double[n];
      Arrays.fill(ones, 1);
      Matrix centred = rows.minus(Matrix.owning(n, 1, ones).times(centroid));
      Svd svd = Svd.of(centred, Precision.FLOAT64);
      double spread = svd.spectrum().largest() / Math.sqrt(n);
      return new Cluster(n, centroid, svd.vt().leadingRows(1).scaled(spread));
    }

    /** The variation that splitting keeps, times the samples. */
    double energy() {
      double norm = spread.frobeniusNorm();
      return size * norm * norm;
    }

    double[] moved(int sign) {
      return centroid.plusScaled(sign, spread).toDoubles();
    }
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
