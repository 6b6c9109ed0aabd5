package io.github.rankfold.collapse.statistics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Clusters by halving: the cluster with the most variation along its first principal direction is
 * cut at its mean, across that direction, until there are enough.
 *
 * <p>Boley 1998, Principal Direction Divisive Partitioning. A little coarser than k-means, for
 * {@code O(N m log C)} in place of {@code O(N m C)} multiply-adds a round: with thousands of
 * clusters k-means would cost more than the training that the clusters are to spare.
 */
final class PrincipalBisection {
  /** Power iterations from the farthest row: enough for a direction to cut across. */
  private static final int ITERATIONS = 6;

  /** Rows that a direction is sought by, at most: more would not turn it much. */
  private static final int SOUGHT_BY = 256;

  private PrincipalBisection() {}

  /** A cluster's size, its mean [m] and its spread {@code s_1 v_1 / sqrt(n)} [m]. */
  static final class Cluster {
    private final int[] members;
    private final double[] mean;
    private final double[] spread;
    private final double energy;

    private Cluster(int[] members, double[] mean, double[] spread, double energy) {
      this.members = members;
      this.mean = mean;
      this.spread = spread;
      this.energy = energy;
    }

    int size() {
      return members.length;
    }

    /** {@code s_1^2}: the variation along the first principal direction, times the samples. */
    double energy() {
      return energy;
    }

    /** {@code mean + sign * spread}. */
    double[] moved(int sign) {
      double[] point = mean.clone();
      for (int j = 0; j < point.length; j++) {
        point[j] += sign * spread[j];
      }
      return point;
    }
  }

  /**
   * At most {@code count} clusters of the rows of {@code values} [N x width]; fewer where rows
   * repeat.
   */
  static List<Cluster> of(double[] values, int width, int count) {
    int[] all = new int[values.length / width];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    PriorityQueue<Cluster> clusters =
        new PriorityQueue<>(Comparator.comparingDouble(cluster -> -cluster.energy));
    clusters.add(cluster(values, width, all));
    while (clusters.size() < count && clusters.element().energy > 0) {
      Cluster whole = clusters.remove();
      int[][] halves = halves(values, whole);
      clusters.add(cluster(values, width, halves[0]));
      clusters.add(cluster(values, width, halves[1]));
    }
    return new ArrayList<>(clusters);
  }

  private static Cluster cluster(double[] values, int width, int[] members) {
    double[] mean = new double[width];
    for (int i : members) {
      for (int j = 0; j < width; j++) {
        mean[j] += values[i * width + j] / members.length;
      }
    }
    int[] some = spread(members);
    double[] direction = farthest(values, width, some, mean);
    if (SquaredDistance.between(direction, null) == 0) {
      direction = farthest(values, width, members, mean);
      some = members;
    }
    double energy = normalize(direction) == 0 ? 0 : 1;
    for (int iteration = 0; energy > 0 && iteration < ITERATIONS; iteration++) {
      double[] next = new double[width];
      for (int i : some) {
        double along = along(values, i, mean, direction);
        for (int j = 0; j < width; j++) {
          next[j] += along * (values[i * width + j] - mean[j]);
        }
      }
      energy = normalize(next);
      direction = next;
    }
    double squares = 0;
    for (int i : members) {
      double along = along(values, i, mean, direction);
      squares += along * along;
    }
    double spread = Math.sqrt(squares / members.length);
    for (int j = 0; j < width; j++) {
      direction[j] *= spread;
    }
    return new Cluster(members, mean, direction, squares);
  }

  /** At most {@link #SOUGHT_BY} of the members, evenly spread. */
  private static int[] spread(int[] members) {
    if (members.length <= SOUGHT_BY) {
      return members;
    }
    int[] some = new int[SOUGHT_BY];
    for (int i = 0; i < some.length; i++) {
      some[i] = members[(int) ((long) i * members.length / some.length)];
    }
    return some;
  }

  private static double[] farthest(double[] values, int width, int[] members, double[] mean) {
    double most = -1;
    double[] farthest = new double[width];
    for (int i : members) {
      double squares = 0;
      for (int j = 0; j < width; j++) {
        double difference = values[i * width + j] - mean[j];
        squares += difference * difference;
      }
      if (squares > most) {
        most = squares;
        for (int j = 0; j < width; j++) {
          farthest[j] = values[i * width + j] - mean[j];
        }
      }
    }
    return farthest;
  }

  /** To length 1, or left at 0; its length before. */
  private static double normalize(double[] vector) {
    double norm = Math.sqrt(SquaredDistance.between(vector, null));
    for (int j = 0; norm > 0 && j < vector.length; j++) {
      vector[j] /= norm;
    }
    return norm;
  }

  private static double along(double[] values, int row, double[] mean, double[] direction) {
    double sum = 0;
    int start = row * mean.length;
    for (int j = 0; j < mean.length; j++) {
      sum += (values[start + j] - mean[j]) * direction[j];
    }
    return sum;
  }

  /** The two sides of the mean; variation above 0 puts a row on each. */
  private static int[][] halves(double[] values, Cluster whole) {
    int[] sides = new int[whole.members.length];
    int above = 0;
    for (int i = 0; i < sides.length; i++) {
      if (along(values, whole.members[i], whole.mean, whole.spread) > 0) {
        sides[i] = 1;
        above++;
      }
    }
    int[][] halves = {new int[sides.length - above], new int[above]};
    int[] at = new int[2];
    for (int i = 0; i < sides.length; i++) {
      halves[sides[i]][at[sides[i]]++] = whole.members[i];
    }
    return halves;
  }
}
