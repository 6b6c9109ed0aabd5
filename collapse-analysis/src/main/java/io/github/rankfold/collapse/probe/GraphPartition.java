package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.rank.LayerMoments;
import io.github.rankfold.collapse.statistics.ClassMoments;
import java.util.Arrays;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The moments of a layer's inputs and gradients in another partition than the labels, gathered in
 * the second pass: each row goes to its nearest centroid, in the graph.
 *
 * <p>Which centroid is nearest may be decided by rounding: every partition has its bound.
 */
final class GraphPartition {
  /** Makes the centroids of other classes farther than any of the row's own. */
  private static final double NEVER = -1e30;

  private final Partition partition;
  private final ClassMoments inputs;
  private final ClassMoments gradients;

  /**
   * @param left [B, positions, m]
   * @param right [B, positions, n]
   */
  GraphPartition(
      PassPlan plan,
      ClusterOps labels,
      Partition partition,
      String layer,
      Operand<TNumber> left,
      Operand<TNumber> right,
      int cols,
      long positions) {
    this.partition = partition;
    int rows = partition.centroids().cols();
    int clusters = partition.clusters();
    this.inputs = new ClassMoments(rows, clusters);
    this.gradients = new ClassMoments(cols, clusters);
    Ops tf = labels.tf();
    Operand<TNumber> z = tf.reshape(left, tf.constant(new int[] {-1, rows}));
    Operand<TNumber> delta = tf.reshape(right, tf.constant(new int[] {-1, cols}));
    Operand<TInt32> nearest =
        tf.math.argMax(
            scores(plan, labels, z, Math.toIntExact(positions)), tf.constant(1), TInt32.class);
    ClusterOps assigned = new ClusterOps(tf, nearest, clusters, z.type());
    // Every row is one position of its own here: its cluster is its own, too.
    GraphMoments.ofVectors(assigned, z, rows).into(inputs, layer, plan);
    GraphMoments.ofVectors(assigned, delta, cols).into(gradients, layer, plan);
  }

  /** {@code <z, c> - ||c||^2/2}, which the nearest centroid has the most of: [B positions, C]. */
  private Operand<TNumber> scores(
      PassPlan plan, ClusterOps labels, Operand<TNumber> z, int positions) {
    Ops tf = labels.tf();
    Matrix centroids = partition.centroids();
    int clusters = partition.clusters();
    double[] offsets = new double[clusters];
    for (int c = 0; c < clusters; c++) {
      double norm = Matrix.of(1, centroids.cols(), centroids.row(c)).frobeniusNorm();
      offsets[c] = norm * norm / 2;
    }
    Operand<TNumber> scores =
        tf.math.sub(
            tf.linalg.matMul(
                z,
                GraphWithin.FedMatrix.add(plan, tf, centroids, z.type()).operand(),
                MatMul.transposeB(true)),
            GraphWithin.FedMatrix.add(plan, tf, Matrix.owning(1, clusters, offsets), z.type())
                .operand());
    if (partition.classOf().isEmpty()) {
      return scores;
    }
    double[] allowed = new double[labels.clusters() * clusters];
    Arrays.fill(allowed, NEVER);
    for (int c = 0; c < clusters; c++) {
      allowed[partition.classOf().get(c) * clusters + c] = 0;
    }
    Matrix matrix = Matrix.owning(labels.clusters(), clusters, allowed);
    Operand<TNumber> ofLabels = // [B, C]
        labels.ofEach(GraphWithin.FedMatrix.add(plan, tf, matrix, z.type()).operand());
    Operand<TNumber> byInput = tf.reshape(scores, tf.constant(new int[] {-1, positions, clusters}));
    return tf.reshape(
        tf.math.add(byInput, tf.expandDims(ofLabels, tf.constant(1))),
        tf.constant(new int[] {-1, clusters}));
  }

  String name() {
    return partition.name();
  }

  /** What the pass found, without the clusters that stayed empty. */
  LayerMoments moments(long inputCount) {
    return new LayerMoments(
        inputs.statisticsOfOccupied(), gradients.statisticsOfOccupied(), inputCount);
  }
}
