package io.github.rankfold.compression.trials;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.probe.OutputDirections;
import io.github.rankfold.collapse.probe.OutputGradients;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.NodeReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Cumsum;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * How much the outputs change where one layer is truncated, for all layers and all ranks at once.
 *
 * <p>With the layer as {@code a = (z left) right}, direction j of its factors gives {@code c_j = z
 * left_j}, and {@code g_j} is the derivative of a random combination of the sample's outputs by
 * c_j. To first order, truncating to rank r changes that combination by {@code sum_{j >= r} c_j
 * g_j}, summed over positions too; its mean square over samples and directions is the mean square
 * of the change of the outputs: one forward and backward pass gives the whole curve, where trying
 * each rank of each layer takes layers times ranks. Where the layer's mean is given back, c_j is
 * taken around its mean.
 */
public final class OutputSensitivity {
  private final TrialGraph trial;
  private final LiveModel model;
  private final Map<Layer, Output<?>> curves = new LinkedHashMap<>();

  /**
   * Adds the curves to the graph of {@code trial}.
   *
   * @param data gradients that cannot be run on its first samples are left out
   */
  public OutputSensitivity(TrialGraph trial, OutputDirections directions, LabeledData data) {
    this.trial = trial;
    this.model = trial.model();
    Map<Layer, List<KernelUse>> uses = new LinkedHashMap<>();
    List<Output<?>> inner = new ArrayList<>();
    for (Layer layer : trial.layers()) {
      List<KernelUse> called = model.calledUses(layer);
      uses.put(layer, called);
      called.forEach(use -> inner.add(trial.inner(use)));
    }
    OutputGradients gradients =
        OutputGradients.addTo(model, trial.tensor(model.logits()), inner, directions);
    gradients.dropWhatFails(model, data, few -> feeding(few));
    Ops tf = Ops.create(model.graph()).withSubScope("rankfold_sensitivity");
    uses.forEach(
        (layer, called) ->
            curve(tf, layer, called, gradients).ifPresent(c -> curves.put(layer, c)));
  }

  private Session.Runner feeding(InputBatch input) {
    return input.feed(model.session().runner(), trial::tensor);
  }

  /** The sum over a batch, [r], of squares of what is lost at each rank. */
  private Optional<Output<?>> curve(
      Ops tf, Layer layer, List<KernelUse> uses, OutputGradients gradients) {
    Optional<Operand<TFloat32>> sum = Optional.empty();
    for (KernelUse use : uses) {
      Output<?> inner = trial.inner(use);
      Optional<Output<?>> gradient = gradients.by(inner);
      if (gradient.isEmpty()) {
        return Optional.empty();
      }
      Operand<TFloat32> changes = changes(tf, layer, use, inner, gradient.get());
      sum = Optional.of(sum.isEmpty() ? changes : tf.math.add(sum.get(), changes));
    }
    return sum.map(
        changes ->
            tf.sum(
                    tf.math.square(tf.math.cumsum(changes, tf.constant(1), Cumsum.reverse(true))),
                    tf.constant(0))
                .asOutput());
  }

  /** {@code c_j g_j} summed over the positions of each sample, [B x r]. */
  private Operand<TFloat32> changes(
      Ops tf, Layer layer, KernelUse use, Output<?> inner, Output<?> gradient) {
    int rank = layer.fullRank();
    Operand<TFloat32> c = bySample(tf, use, inner, rank);
    Operand<TFloat32> g = bySample(tf, use, gradient, rank);
    Operand<TInt32> positions = tf.constant(1);
    Operand<TFloat32> changes = tf.sum(tf.math.mul(c, g), positions);
    KernelApproximations one = trial.approximations().get(layer);
    if (one == null || one.mean().isEmpty() || !trial.shifts(layer)) {
      return changes;
    }
    Matrix mean = one.mean().get().times(one.at(rank).left());
    Operand<TFloat32> ofMean = tf.math.mul(tf.sum(g, positions), tf.constant(mean.toFloats()));
    return tf.math.sub(changes, ofMean);
  }

  /** [B x positions x r]. */
  private Operand<TFloat32> bySample(Ops tf, KernelUse use, Output<?> tensor, int rank) {
    Operand<TFloat32> values = tf.dtypes.cast(tensor, TFloat32.class);
    NodeDef node = model.flatGraph().node(use.operation());
    boolean first = NodeReader.hasChannelsFirst(node);
    Operand<TInt32> samples =
        tf.reshape(
            tf.shape.head(tf.shape(trial.tensor(model.inputs().values().iterator().next()))),
            tf.constant(new int[] {1}));
    int[] rest = first ? new int[] {rank, -1} : new int[] {-1, rank};
    Operand<TFloat32> rows =
        tf.reshape(values, tf.concat(List.of(samples, tf.constant(rest)), tf.constant(0)));
    return first ? tf.linalg.transpose(rows, tf.constant(new int[] {0, 2, 1})) : rows;
  }

  /**
   * {@code E ||change of the outputs||^2 / 2} for each layer that has gradients, by rank from 0 to
   * the full one, where it is 0.
   */
  public Map<Layer, double[]> of(LabeledData data) {
    Map<Layer, double[]> sums = new LinkedHashMap<>();
    curves.keySet().forEach(layer -> sums.put(layer, new double[layer.fullRank() + 1]));
    for (int from = 0; from < data.size() && !curves.isEmpty(); from += trial.batch()) {
      int to = Math.min(from + trial.batch(), data.size());
      try (InputBatch input = model.inputOf(data, from, to)) {
        Session.Runner runner = feeding(input);
        curves.values().forEach(runner::fetch);
        try (Result result = runner.run()) {
          int next = 0;
          for (double[] sum : sums.values()) {
            double[] batch = TensorValues.toDoubles(result.get(next++));
            for (int r = 0; r < batch.length; r++) {
              sum[r] += batch[r] / (2 * data.size());
            }
          }
        }
      }
    }
    return new HashMap<>(sums);
  }
}
