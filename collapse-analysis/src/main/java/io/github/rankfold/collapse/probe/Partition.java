package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.KMeans;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Clusters by the nearest centroid, of all or of those of the row's class.
 *
 * @param name as the tables have it
 * @param centroids [C x m]
 * @param classOf of each centroid the class whose rows it may take, or nothing where it takes all
 */
record Partition(String name, Matrix centroids, List<Integer> classOf) {
  Partition {
    classOf = List.copyOf(classOf);
  }

  /** k-means on all rows. */
  static Partition kMeans(Matrix rows, int clusters, long seed) {
    return new Partition("kmeans", KMeans.centroids(rows, clusters, seed), List.of());
  }

  /** k-means on the rows of each class apart; a class without rows is not in the sample. */
  static Partition inClasses(Matrix rows, int[] labels, int classes, int perClass, long seed) {
    List<Matrix> parts = new ArrayList<>();
    List<Integer> classOf = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      Matrix ofClass = select(rows, labels, k);
      Matrix centroids =
          ofClass.rows() == 0
              ? Matrix.zeros(1, rows.cols()) // takes all rows of the class, whatever it is
              : KMeans.centroids(ofClass, perClass, seed);
      parts.add(centroids);
      for (int c = 0; c < centroids.rows(); c++) {
        classOf.add(k);
      }
    }
    double[] values = new double[classOf.size() * rows.cols()];
    int at = 0;
    for (Matrix part : parts) {
      double[] of = part.toDoubles();
      System.arraycopy(of, 0, values, at, of.length);
      at += of.length;
    }
    return new Partition(
        "kmeans_in_class", Matrix.owning(classOf.size(), rows.cols(), values), classOf);
  }

  /** At most so many clusters {@link #inClasses} finds, known before it looks for them. */
  static int mostInClasses(int[] labels, int classes, int perClass) {
    int[] rows = new int[classes];
    for (int label : labels) {
      rows[label]++;
    }
    return Arrays.stream(rows).map(count -> Math.max(1, Math.min(count, perClass))).sum();
  }

  private static Matrix select(Matrix rows, int[] labels, int label) {
    List<double[]> selected = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == label) {
        selected.add(rows.row(i));
      }
    }
    double[] values = new double[selected.size() * rows.cols()];
    for (int i = 0; i < selected.size(); i++) {
      System.arraycopy(selected.get(i), 0, values, i * rows.cols(), rows.cols());
    }
    return Matrix.owning(selected.size(), rows.cols(), values);
  }

  int clusters() {
    return centroids.rows();
  }
}
