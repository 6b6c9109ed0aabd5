package io.github.rankfold.collapse.probe;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The clusters that the rows of a batch belong to, in the graph: sums over each cluster, and what
 * belongs to the cluster of each row.
 */
final class ClusterOps {
  /** Up to this many clusters a product with the one-hot rows is faster than a scatter. */
  private static final int FEW = 128;

  private final Ops tf;
  private final Operand<TInt32> ids;
  private final int clusters;
  private final Operand<TNumber> oneHot;
  private final Operand<TNumber> counts;

  /**
   * Of rows whose clusters are {@code ids} [B], numbered from 0.
   *
   * @param type of the sums
   */
  ClusterOps(Ops tf, Operand<TInt32> ids, int clusters, Class<TNumber> type) {
    this.tf = tf;
    this.ids = ids;
    this.clusters = clusters;
    Operand<TNumber> one = tf.dtypes.cast(tf.constant(1f), type);
    Operand<TNumber> zero = tf.dtypes.cast(tf.constant(0f), type);
    this.oneHot = tf.oneHot(ids, tf.constant(clusters), one, zero); // [B, C]
    this.counts =
        tf.reshape(tf.reduceSum(oneHot, tf.constant(0)), tf.constant(new int[] {clusters, 1}));
  }

  Ops tf() {
    return tf;
  }

  /** The cluster of each row, [B]. */
  Operand<TInt32> ids() {
    return ids;
  }

  int clusters() {
    return clusters;
  }

  /** How many rows each cluster has, [C, 1]. */
  Operand<TNumber> counts() {
    return counts;
  }

  /** The sum of the rows [B, m] of each cluster, [C, m]. */
  Operand<TNumber> sums(Operand<TNumber> rows) {
    return clusters <= FEW
        ? tf.linalg.matMul(oneHot, rows, MatMul.transposeA(true))
        : tf.math.unsortedSegmentSum(rows, ids, tf.constant(clusters));
  }

  /** Of each row its cluster's row of {@code values} [C, m], [B, m]. */
  Operand<TNumber> ofEach(Operand<TNumber> values) {
    return tf.gather(values, ids, tf.constant(0));
  }
}
