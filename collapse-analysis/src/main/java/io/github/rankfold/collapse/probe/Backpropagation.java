package io.github.rankfold.collapse.probe;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The gradients of the sum of softmax cross-entropies, added to a model's graph.
 *
 * <p>With {@code p = softmax(logits)} [B x K], the per-sample gradient of the logits is {@code p -
 * onehot(label)}; from there TensorFlow's own gradients give {@code delta_l = d(sum loss)/d a_l} of
 * each pre-activation, one row a position, and {@code sum_i z_i^T delta_i} of each kernel. Summed
 * over the data and divided by N the latter is G.
 */
final class Backpropagation {
  private final Output<TInt32> labels;
  private final Map<Layer, Output<?>> deltas = new LinkedHashMap<>();
  private final Map<Layer, Output<?>> kernelSums = new LinkedHashMap<>();

  private Backpropagation(Output<TInt32> labels) {
    this.labels = labels;
  }

  /** Adds the gradients of these layers; an operation without a gradient is an input error. */
  static Backpropagation addTo(LiveModel model, Map<Layer, KernelUse> layers, int classes) {
    Ops tf = Ops.create(model.graph()).withSubScope("rankfold_gradient");
    Placeholder<TInt32> labels = tf.placeholder(TInt32.class);
    Output<?> logits = model.tensor(model.logits());
    Output<?> seed = logitGradient(tf, logits, labels, classes);
    Backpropagation result = new Backpropagation(labels.output());
    List<Output<?>> targets = new ArrayList<>();
    layers.values().forEach(use -> targets.add(model.tensor(use.preActivation())));
    layers.values().forEach(use -> targets.add(model.tensor(use.kernel())));
    Output<?>[] gradients;
    try {
      gradients =
          model
              .graph()
              .addGradients(
                  labels.op().name() + "_gradients", // as unique: a model is analysed repeatedly
                  new Output<?>[] {logits},
                  targets.toArray(Output<?>[]::new),
                  new Output<?>[] {seed});
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new InvalidInputException(
          "%s: expected operations that have gradients, found %s"
              .formatted(model.files().folder(), e.getMessage()),
          e);
    }
    int index = 0;
    for (Layer layer : layers.keySet()) {
      result.deltas.put(layer, gradients[index]);
      result.kernelSums.put(layer, gradients[index + layers.size()]);
      index++;
    }
    return result;
  }

  private static Output<?> logitGradient(
      Ops tf, Output<?> logits, Operand<TInt32> labels, int classes) {
    @SuppressWarnings("unchecked") // the logits of a network are of a floating type
    Output<TNumber> scores = (Output<TNumber>) logits;
    Operand<TNumber> one = tf.dtypes.cast(tf.constant(1f), scores.type());
    Operand<TNumber> zero = tf.dtypes.cast(tf.constant(0f), scores.type());
    Operand<TNumber> target = tf.oneHot(labels, tf.constant(classes), one, zero);
    return tf.math.sub(tf.nn.softmax(scores), target).asOutput();
  }

  /** Where the labels of a batch are fed, int32 [B]. */
  Output<TInt32> labels() {
    return labels;
  }

  /** Adds the fetches of one layer's delta. */
  void fetchDelta(Session.Runner runner, Layer layer) {
    runner.fetch(deltas.get(layer));
  }

  /** Adds the fetches of one layer's sum of {@code z^T delta}, as its kernel is stored. */
  void fetchKernelSum(Session.Runner runner, Layer layer) {
    runner.fetch(kernelSums.get(layer));
  }
}
