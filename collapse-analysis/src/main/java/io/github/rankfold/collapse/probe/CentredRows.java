package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/**
 * Rows minus the mean of their cluster, as the first pass found it, in the graph.
 *
 * <p>The graph subtracts the means rounded to its own precision, which is exact where a row is near
 * its mean.
 *
 * @param values {@code z - mu_c}, [B positions, m]
 * @param rounding {@code mu - rounded mu} [C x m]: what was subtracted too little
 */
record CentredRows(Operand<TNumber> values, Matrix rounding) {
  /**
   * @param rows [B, positions, m], or [B, m]
   * @param means [C x m]
   */
  static CentredRows of(
      PassPlan plan, ClusterOps clusters, Operand<TNumber> rows, Matrix means, long positions) {
    Ops tf = clusters.tf();
    int width = means.cols();
    GraphWithin.FedMatrix fed = GraphWithin.FedMatrix.add(plan, tf, means, rows.type());
    Operand<TNumber> ofEach = clusters.ofEach(fed.operand()); // [B, m]
    int[] vectors = {-1, width};
    Operand<TNumber> values =
        positions == 1
            ? tf.math.sub(tf.reshape(rows, tf.constant(vectors)), ofEach)
            : tf.reshape(
                tf.math.sub(rows, tf.expandDims(ofEach, tf.constant(1))), tf.constant(vectors));
    return new CentredRows(values, means.minus(fed.rounded()));
  }
}
