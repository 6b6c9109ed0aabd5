package io.github.rankfold.training;

import io.github.rankfold.models.network.NetworkGraph;
import io.github.rankfold.models.network.NetworkSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.SparseSoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * One batch passed forward through the network to its cross-entropies.
 *
 * @param network its operations
 * @param labels [B]
 * @param losses [B], {@code -log softmax(logits)[label]}, times the sample's weight
 * @param backprop [B x K], the gradient of each loss with respect to its logits
 * @param weights [B], of mean 1 over the whole data; empty where every sample counts the same
 */
record Classification(
    NetworkGraph network,
    Operand<TInt32> labels,
    Operand<TFloat32> losses,
    Operand<TFloat32> backprop,
    Optional<Operand<TFloat32>> weights) {
  /**
   * @param values of the variables, by name
   */
  static Classification of(
      Ops tf,
      NetworkSpec spec,
      ResidentData data,
      Operand<TInt32> rows,
      Map<String, Operand<TFloat32>> values) {
    NetworkGraph network = NetworkGraph.forward(tf, spec, data.features(tf, rows), values);
    Operand<TInt32> labels = data.labels(tf, rows);
    SparseSoftmaxCrossEntropyWithLogits<TFloat32> entropy =
        tf.nn.sparseSoftmaxCrossEntropyWithLogits(network.logits(), labels);
    Optional<Operand<TFloat32>> weights = data.weights(tf, rows);
    Operand<TFloat32> losses = entropy.loss();
    Operand<TFloat32> backprop = entropy.backprop();
    if (weights.isPresent()) {
      losses = tf.math.mul(losses, weights.get());
      backprop = tf.math.mul(backprop, tf.expandDims(weights.get(), tf.constant(1)));
    }
    return new Classification(network, labels, losses, backprop, weights);
  }

  /** [B x K]. */
  Operand<TFloat32> logits() {
    return network.logits();
  }

  /**
   * Gradients with respect to the values, in their order, of whatever has the gradient {@code seed}
   * [B x K] at the logits. Going out from the logits sidesteps the gradient function that the
   * sparse cross-entropy lacks, and costs nothing: the operation has computed {@link #backprop}
   * anyway.
   */
  List<Operand<TFloat32>> gradients(
      Graph graph, String prefix, Operand<TFloat32> seed, Map<String, Operand<TFloat32>> values) {
    Output<?>[] to = values.values().stream().map(Operand::asOutput).toArray(Output<?>[]::new);
    Output<?>[] found =
        graph.addGradients(
            prefix, new Output<?>[] {logits().asOutput()}, to, new Output<?>[] {seed.asOutput()});
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    for (Output<?> gradient : found) {
      gradients.add(gradient.expect(TFloat32.class));
    }
    return gradients;
  }

  /** The sum of losses and the number of right predictions of several batches, float32 [2]. */
  static Operand<TFloat32> sums(Ops tf, List<Classification> batches) {
    Operand<TFloat32> losses = rows(tf, batches.stream().map(Classification::losses).toList());
    Operand<TFloat32> logits = rows(tf, batches.stream().map(Classification::logits).toList());
    Operand<TInt32> labels = rows(tf, batches.stream().map(Classification::labels).toList());
    Operand<TInt32> predicted = tf.math.argMax(logits, tf.constant(1), TInt32.class);
    Operand<TFloat32> right = tf.dtypes.cast(tf.math.equal(predicted, labels), TFloat32.class);
    if (batches.get(0).weights().isPresent()) {
      right = tf.math.mul(right, rows(tf, batches.stream().map(b -> b.weights().get()).toList()));
    }
    return tf.stack(List.of(tf.sum(losses, tf.constant(0)), tf.sum(right, tf.constant(0))));
  }

  /** Several batches are measured at once: a call of many small operations is what costs. */
  private static <T extends TType> Operand<T> rows(Ops tf, List<Operand<T>> batches) {
    return batches.size() == 1 ? batches.get(0) : tf.concat(batches, tf.constant(0));
  }

  /** Reads every variable; the values by name. */
  static Map<String, Operand<TFloat32>> read(Ops tf, TrainedVariables variables) {
    Map<String, Operand<TFloat32>> values = new LinkedHashMap<>();
    for (TrainedVariables.Variable variable : variables.all()) {
      values.put(variable.name(), tf.readVariableOp(variable.handle(), TFloat32.class));
    }
    return values;
  }
}
