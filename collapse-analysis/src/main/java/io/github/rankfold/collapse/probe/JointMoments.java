package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.SecondMoments;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Moments of what a layer multiplies in a changed model together with what the layer gives in the
 * original, both fed the same samples.
 */
public final class JointMoments {
  private final LiveModel model;
  private final Layer layer;
  private final Output<?> otherInput;
  private final Output<TInt32> count;
  private final Output<?> mean;
  private final Output<?> scatter;

  /**
   * @param others tensors of the changed model, in the same graph, by their names in this one
   * @param otherInput where the changed model is fed
   */
  public JointMoments(
      LiveModel model,
      Layer layer,
      KernelUse use,
      Function<TensorRef, Output<?>> others,
      Output<?> otherInput) {
    this.model = model;
    this.layer = layer;
    this.otherInput = otherInput;
    Ops tf = Ops.create(model.graph()).withSubScope("rankfold_joint");
    Class<TNumber> type = KernelMomentsPass.number();
    UseRows changed = UseRows.of(tf, model, layer, use, type, others);
    UseRows original = UseRows.of(tf, model, layer, use, type);
    Operand<TNumber> rows =
        tf.concat(
            List.of(changed.inputs(), original.gradients(model.tensor(use.preActivation()))),
            tf.constant(1));
    Operand<TNumber> average = tf.math.mean(rows, tf.constant(0));
    Operand<TNumber> centred = tf.math.sub(rows, average);
    this.count = KernelMomentsPass.rowCount(tf, rows).asOutput();
    this.mean = average.asOutput();
    this.scatter = tf.linalg.matMul(centred, centred, MatMul.transposeA(true)).asOutput();
  }

  /**
   * A pass over the data.
   *
   * @param batch how many samples at a time
   * @param centred whether moments are taken around the means
   */
  public Values collect(LabeledData data, int batch, boolean centred) {
    SecondMoments sums = new SecondMoments(layer.rows() + layer.cols());
    for (int from = 0; from < data.size(); from += batch) {
      try (Tensor input = model.inputOf(data, from, Math.min(from + batch, data.size()));
          Result result =
              model
                  .feeding(input)
                  .feed(otherInput, input)
                  .fetch(count)
                  .fetch(mean)
                  .fetch(scatter)
                  .run()) {
        int rows = ((TInt32) result.get(0)).getInt();
        sums.add(
            rows, TensorValues.toDoubles(result.get(1)), TensorValues.toDoubles(result.get(2)));
      }
    }
    int m = layer.rows();
    int n = layer.cols();
    Matrix all = centred ? sums.covariance() : sums.uncentred();
    return new Values(
        sums,
        all.block(0, m, 0, m),
        all.block(0, m, m, m + n),
        sums.mean().block(0, 1, 0, m),
        sums.mean().block(0, 1, m, m + n));
  }

  /**
   * What a pass gives.
   *
   * @param sums of inputs and outputs side by side
   * @param inputs {@code Z'^T Z' / N} [m x m], around the means where asked for
   * @param cross {@code Z'^T A / N} [m x n]
   * @param inputMean [1 x m]
   * @param outputMean [1 x n]
   */
  public record Values(
      SecondMoments sums, Matrix inputs, Matrix cross, Matrix inputMean, Matrix outputMean) {
    /** The moments of the changed inputs, and how the original's outputs depend on the layer. */
    public KernelMoments asMoments(Matrix sensitivity) {
      int m = inputs.rows();
      SecondMoments ofInputs = new SecondMoments(m);
      ofInputs.add(
          sums.count(),
          inputMean.toDoubles(),
          sums.covariance().block(0, m, 0, m).scaled(sums.count()).toDoubles());
      return new KernelMoments(Optional.of(ofInputs), Optional.empty(), Optional.of(sensitivity));
    }
  }
}
