package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.WithinProjections;
import io.github.rankfold.models.live.TensorValues;
import org.tensorflow.Operand;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.family.TNumber;

/**
 * The second pass over a layer's features in the graph: {@code (z - mu_label) U} [B x (K-1)] leaves
 * it, not the features.
 *
 * <p>What the rounding of mu took, {@code (mu - rounded mu) U}, is put back in double.
 */
final class GraphWithin {
  private final WithinProjections projections;
  private final int projectedAt;
  private final int predictionsAt;
  private final double[] rounding;

  private GraphWithin(
      WithinProjections projections, int projectedAt, int predictionsAt, double[] rounding) {
    this.projections = projections;
    this.projectedAt = projectedAt;
    this.predictionsAt = predictionsAt;
    this.rounding = rounding;
  }

  /**
   * Adds this pass to a plan.
   *
   * @param centred the features [B, m] minus their class's mean
   * @param predictionsAt where the plan has the predicted classes, int32 [B]
   */
  static void add(
      PassPlan plan,
      Ops tf,
      CentredRows centred,
      WithinProjections projections,
      int predictionsAt) {
    if (projections.dimension() == 0) {
      return; // all class means are equal: nothing is projected, and no mean is the nearest
    }
    Matrix directions = projections.directions();
    FedMatrix fedDirections = FedMatrix.add(plan, tf, directions, centred.values().type());
    int projectedAt =
        plan.fetch(
            tf.linalg.matMul(centred.values(), fedDirections.operand(), MatMul.transposeB(true)));
    double[] rounding = centred.rounding().timesTransposed(directions).toDoubles(); // [K x (K-1)]
    plan.read(new GraphWithin(projections, projectedAt, predictionsAt, rounding)::read);
  }

  private void read(PassPlan.Batch batch) {
    double[] projected = TensorValues.toDoubles(batch.get(projectedAt));
    int[] labels = batch.labels();
    int[] predictions = batch.predictions(predictionsAt);
    int dimension = projections.dimension();
    for (int i = 0; i < labels.length; i++) {
      for (int j = 0; j < dimension; j++) {
        projected[i * dimension + j] -= rounding[labels[i] * dimension + j];
      }
    }
    projections.addProjected(projected, labels, predictions);
  }

  /**
   * A matrix that is fed to every batch of a pass.
   *
   * @param operand what the graph takes it from
   * @param rounded the values that the graph sees
   */
  record FedMatrix(Operand<TNumber> operand, Matrix rounded) {
    static FedMatrix add(PassPlan plan, Ops tf, Matrix matrix, Class<TNumber> type) {
      Operand<TNumber> placeholder = tf.placeholder(type);
      Tensor tensor =
          TensorValues.of(
              placeholder.asOutput().dataType(),
              Shape.of(matrix.rows(), matrix.cols()),
              matrix.toDoubles());
      plan.feed(placeholder, tensor);
      return new FedMatrix(
          placeholder, Matrix.owning(matrix.rows(), matrix.cols(), TensorValues.toDoubles(tensor)));
    }
  }
}
