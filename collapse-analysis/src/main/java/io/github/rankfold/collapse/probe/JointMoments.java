package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.SecondMoments;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Moments of what a layer multiplies in a changed model together with what the layer is to give,
 * both models fed the same samples: what it gives in the original, or, where only a ReLU takes it,
 * what would do as well.
 */
public final class JointMoments {
  /**
   * How much of an error is left to be made up for where both models are below 0 at a ReLU, which
   * lets nothing of it through. None at all lets values drift up to 0.
   */
  private static final float LEFT_BELOW_ZERO = 0.2f;

  private final LiveModel model;
  private final Layer layer;
  private final Function<TensorRef, Output<?>> others;
  private final Output<TInt32> count;
  private final Output<?> mean;
  private final Output<?> scatter;
  private final LabeledData data;
  private final int batch;

  /**
   * Adds what is needed to the graph.
   *
   * @param others tensors of the changed model, in the same graph, by their names in this one
   * @param rectified what the ReLU is taken of that alone takes the layer's product, whatever it
   *     was scaled and shifted by
   * @param data what a pass goes over
   * @param batch how many samples at a time
   */
  public JointMoments(
      LiveModel model,
      Layer layer,
      KernelUse use,
      Function<TensorRef, Output<?>> others,
      Optional<TensorRef> rectified,
      LabeledData data,
      int batch) {
    this.data = data;
    this.batch = batch;
    this.model = model;
    this.layer = layer;
    this.others = others;
    Ops tf = Ops.create(model.graph()).withSubScope("rankfold_joint");
    Class<TNumber> type = KernelMomentsPass.number();
    UseRows changed = UseRows.of(tf, model, layer, use, type, others);
    UseRows original = UseRows.of(tf, model, layer, use, type);
    int batches = (data.size() + batch - 1) / batch;
    Output<?> product = model.tensor(use.preActivation());
    Output<?> target =
        rectified
            .<Output<?>>map(
                at ->
                    target(
                        tf,
                        product,
                        others.apply(use.preActivation()),
                        model.tensor(at),
                        others.apply(at)))
            .orElse(product);
    List<Operand<TNumber>> rows =
        RowSample.of(
            tf, List.of(changed.inputs(), original.gradients(target)), layer.rows(), batches);
    Operand<TNumber> both = tf.concat(rows, tf.constant(1));
    Operand<TNumber> average = tf.math.mean(both, tf.constant(0));
    Operand<TNumber> inputs = rows.get(0);
    Operand<TNumber> centred = tf.math.sub(inputs, tf.math.mean(inputs, tf.constant(0)));
    this.count = KernelMomentsPass.rowCount(tf, both).asOutput();
    this.mean = average.asOutput();
    // The products of the original's outputs with each other are not needed.
    this.scatter =
        tf.linalg.matMul(centred, tf.math.sub(both, average), MatMul.transposeA(true)).asOutput();
  }

  /**
   * The product where a ReLU lets it through in either model; elsewhere mostly what the changed
   * model gives already, as a ReLU makes 0 of both (after the nonlinear case of Zhang et al., arXiv
   * 1505.06798).
   */
  private static Output<?> target(
      Ops tf,
      Output<?> originalProduct,
      Output<?> changedProduct,
      Output<?> original,
      Output<?> changed) {
    Operand<TFloat32> product = number(tf, originalProduct);
    Operand<TInt32> shape = tf.shape(product);
    Operand<TFloat32> zero = tf.zerosLike(product);
    Operand<TFloat32> error = tf.math.sub(number(tf, changedProduct), product);
    Operand<TBool> passes =
        tf.math.logicalOr(
            tf.math.greater(tf.reshape(number(tf, original), shape), zero),
            tf.math.greater(tf.reshape(number(tf, changed), shape), zero));
    Operand<TFloat32> made = tf.math.mul(tf.constant(1 - LEFT_BELOW_ZERO), error);
    return tf.math.add(product, tf.select(passes, zero, made)).asOutput();
  }

  @SuppressWarnings("unchecked") // what a kernel is multiplied to is of a floating type
  private static Operand<TFloat32> number(Ops tf, Output<?> tensor) {
    return tf.dtypes.cast((Output<TNumber>) tensor, TFloat32.class);
  }

  /**
   * A pass over the first samples of the data.
   *
   * @param centred whether moments are taken around the means
   * @param most how many samples, if there are so many
   */
  public Values collect(boolean centred, int most) {
    int samples = Math.min(most, data.size());
    int m = layer.rows();
    int n = layer.cols();
    Sums sums = new Sums(m, m + n);
    for (int from = 0; from < samples; from += batch) {
      try (InputBatch input = model.inputOf(data, from, Math.min(from + batch, samples));
          Result result =
              input
                  .feed(model.feeding(input), others)
                  .fetch(count)
                  .fetch(mean)
                  .fetch(scatter)
                  .run()) {
        sums.add(
            ((TInt32) result.get(0)).getInt(),
            TensorValues.toDoubles(result.get(1)),
            TensorValues.toFloats(result.get(2)));
      }
    }
    Matrix mean = Matrix.of(1, m + n, sums.mean);
    Matrix around = Matrix.of(m, m + n, sums.scatter).scaled(1 / sums.count);
    Matrix all = centred ? around : around.plus(mean.block(0, 1, 0, m).transpose().times(mean));
    return new Values(
        sums.count,
        around.block(0, m, 0, m),
        all.block(0, m, 0, m),
        all.block(0, m, m, m + n),
        mean.block(0, 1, 0, m),
        mean.block(0, 1, m, m + n));
  }

  /** Means of all columns, and products of the first ones with all, around them. */
  private static final class Sums {
    private final int first;
    private final int all;
    private final double[] mean;
    private final double[] scatter;
    private double count;

    Sums(int first, int all) {
      this.first = first;
      this.all = all;
      this.mean = new double[all];
      this.scatter = new double[Math.multiplyExact(first, all)];
    }

    /** Merges a part as {@link SecondMoments} does. */
    void add(int rows, double[] partMean, float[] partScatter) {
      double total = count + rows;
      double between = count * rows / total;
      for (int i = 0; i < first; i++) {
        double factor = between * (partMean[i] - mean[i]);
        int row = i * all;
        for (int j = 0; j < all; j++) {
          scatter[row + j] += partScatter[row + j] + factor * (partMean[j] - mean[j]);
        }
      }
      for (int j = 0; j < all; j++) {
        mean[j] += (partMean[j] - mean[j]) * rows / total;
      }
      count = total;
    }
  }

  /**
   * What a pass gives.
   *
   * @param count N, rows
   * @param covariance of the inputs [m x m]
   * @param inputs {@code Z'^T Z' / N} [m x m], around the means where asked for
   * @param cross {@code Z'^T A / N} [m x n]
   * @param inputMean [1 x m]
   * @param outputMean [1 x n]
   */
  public record Values(
      double count,
      Matrix covariance,
      Matrix inputs,
      Matrix cross,
      Matrix inputMean,
      Matrix outputMean) {
    /** The moments of the changed inputs, and how the original's outputs depend on the layer. */
    public KernelMoments asMoments(Matrix sensitivity) {
      SecondMoments ofInputs = new SecondMoments(inputs.rows());
      ofInputs.add(count, inputMean.toDoubles(), covariance.scaled(count).toDoubles());
      return new KernelMoments(Optional.of(ofInputs), Optional.empty(), Optional.of(sensitivity));
    }
  }
}
