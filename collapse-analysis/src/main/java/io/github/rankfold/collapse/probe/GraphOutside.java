package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Subspace;
import io.github.rankfold.models.live.TensorValues;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.family.TNumber;

/**
 * What of the variation within the clusters lies outside a subspace, summed in the graph: {@code
 * sum_i ||(z_i - mu_c)(I - P)||^2}, every residual formed and squared.
 */
final class GraphOutside {
  /** Takes the sum of squares of some rows. */
  @FunctionalInterface
  interface Sums {
    void add(double squares, long rows);
  }

  private GraphOutside() {}

  /**
   * Adds this sum to a plan.
   *
   * @param centred rows minus their cluster's mean
   * @param positions of each sample
   * @param sums told the sum of each batch
   */
  static void add(
      PassPlan plan,
      Ops tf,
      Operand<TNumber> centred,
      Subspace subspace,
      long positions,
      Sums sums) {
    Operand<TNumber> residual = centred;
    if (subspace.dimension() > 0) {
      Operand<TNumber> basis =
          GraphWithin.FedMatrix.add(plan, tf, subspace.basis(), centred.type()).operand();
      Operand<TNumber> coordinates = tf.linalg.matMul(centred, basis, MatMul.transposeB(true));
      residual = tf.math.sub(centred, tf.linalg.matMul(coordinates, basis));
    }
    int squaresAt = plan.fetch(tf.reduceSum(tf.math.square(residual), tf.constant(1)));
    plan.read(
        batch -> {
          double total = 0;
          for (double square : TensorValues.toDoubles(batch.get(squaresAt))) {
            total += square;
          }
          sums.add(total, batch.labels().length * positions);
        });
  }
}
