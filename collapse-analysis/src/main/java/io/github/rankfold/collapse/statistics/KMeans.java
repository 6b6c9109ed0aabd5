package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.Arrays;
import java.util.Random;

/**
 * Centroids that are near the rows of a sample: k-means++ and Lloyd's iterations, seeded.
 *
 * <p>Arthur and Vassilvitskii 2007. The sum of squared distances that it ends at is an upper
 * estimate of the least one, {@code TCV_C}, not the least.
 */
public final class KMeans {
  private static final int ITERATIONS = 25;

  private KMeans() {}

  /**
   * The centroids [C x m] of {@code rows} [N x m], {@code C = min(clusters, N)}; fewer where rows
   * repeat.
   */
  public static Matrix centroids(Matrix rows, int clusters, long seed) {
    Matrix centroids = startingPoints(rows, clusters, new Random(seed));
    int[] assigned = new int[0];
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      int[] nearest = nearest(rows, centroids);
      if (Arrays.equals(nearest, assigned)) {
        break;
      }
      assigned = nearest;
      centroids = means(rows, assigned, centroids);
    }
    return centroids;
  }

  /** Of each row the number of the nearest centroid: the least {@code ||c||^2/2 - <z, c>}. */
  static int[] nearest(Matrix rows, Matrix centroids) {
    double[] products = rows.timesTransposed(centroids).toDoubles();
    int count = centroids.rows();
    double[] offset = new double[count];
    for (int c = 0; c < count; c++) {
      offset[c] = SquaredDistance.between(centroids.row(c), null) / 2;
    }
    int[] nearest = new int[rows.rows()];
    for (int i = 0; i < nearest.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (int c = 0; c < count; c++) {
        double score = offset[c] - products[i * count + c];
        if (score < least) {
          least = score;
          nearest[i] = c;
        }
      }
    }
    return nearest;
  }

  private static Matrix startingPoints(Matrix rows, int clusters, Random random) {
    int wanted = Math.min(clusters, rows.rows());
    double[] chosen = new double[wanted * rows.cols()];
    double[] distances = new double[rows.rows()];
    Arrays.fill(distances, 1);
    int found = 0;
    while (found < wanted) {
      double total = Arrays.stream(distances).sum();
      if (total == 0) {
        break; // every row is a centroid already
      }
      double[] row = rows.row(drawn(distances, random.nextDouble() * total));
      System.arraycopy(row, 0, chosen, found * rows.cols(), row.length);
      for (int i = 0; i < distances.length; i++) {
        double distance = SquaredDistance.between(rows.row(i), row);
        distances[i] = found == 0 ? distance : Math.min(distances[i], distance);
      }
      found++;
    }
    return Matrix.owning(found, rows.cols(), Arrays.copyOf(chosen, found * rows.cols()));
  }

  private static int drawn(double[] weights, double target) {
    double sum = 0;
    int last = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        last = i;
        sum += weights[i];
        if (sum > target) {
          return i;
        }
      }
    }
    return last;
  }

  /** The mean of the rows of each cluster; of an empty one the centroid that it had. */
  private static Matrix means(Matrix rows, int[] assigned, Matrix before) {
    int width = rows.cols();
    double[] sums = new double[before.rows() * width];
    int[] counts = new int[before.rows()];
    for (int i = 0; i < assigned.length; i++) {
      double[] row = rows.row(i);
      int start = assigned[i] * width;
      counts[assigned[i]]++;
      for (int j = 0; j < width; j++) {
        sums[start + j] += row[j];
      }
    }
    for (int c = 0; c < counts.length; c++) {
      for (int j = 0; j < width; j++) {
        sums[c * width + j] = counts[c] == 0 ? before.get(c, j) : sums[c * width + j] / counts[c];
      }
    }
    return Matrix.owning(before.rows(), width, sums);
  }
}
