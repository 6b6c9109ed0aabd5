package io.github.rankfold.collapse.probe;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Mean;
import org.tensorflow.op.random.RandomStandardNormal;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * {@code s J}: the derivative of a random combination s of a model's outputs by other tensors of
 * its graph, each sample having a direction of its own.
 *
 * <p>Where TensorFlow has no gradient on some way to the output, the tensors before it have none
 * here, and the others do.
 */
public final class OutputGradients {
  private final Map<Output<?>, Output<?>> byTensor = new HashMap<>();

  private OutputGradients() {}

  static OutputGradients addTo(
      LiveModel model, Map<Layer, List<KernelUse>> uses, OutputDirections directions) {
    List<Output<?>> tensors = new ArrayList<>();
    uses.values()
        .forEach(ofLayer -> ofLayer.forEach(use -> tensors.add(model.tensor(use.preActivation()))));
    return addTo(model, model.tensor(model.logits()), tensors, directions);
  }

  /**
   * Adds the gradients of {@code output} by {@code tensors} to the model's graph.
   *
   * @param output one row a sample
   */
  public static OutputGradients addTo(
      LiveModel model,
      Output<?> output,
      List<? extends Output<?>> tensors,
      OutputDirections directions) {
    Ops tf = Ops.create(model.graph()).withSubScope("rankfold_directions");
    return addTo(model, output, tensors, directions(tf, output, directions));
  }

  /**
   * As above, for one combination of the outputs.
   *
   * @param seed its coefficients, of the output's shape and type
   */
  public static OutputGradients addTo(
      LiveModel model, Output<?> output, List<? extends Output<?>> tensors, Output<?> seed) {
    OutputGradients result = new OutputGradients();
    String name = seed.op().name() + "_gradients"; // as unique: a model may be probed repeatedly
    if (!result.add(model, name, output, tensors, seed)) {
      for (int i = 0; i < tensors.size(); i++) {
        result.add(model, name + "_" + i, output, List.of(tensors.get(i)), seed);
      }
    }
    return result;
  }

  private static Output<?> directions(Ops tf, Output<?> output, OutputDirections directions) {
    @SuppressWarnings("unchecked") // the output of a model that is compressed is floating
    Output<TNumber> values = (Output<TNumber>) output;
    Operand<TFloat32> normal =
        tf.random.randomStandardNormal(
            tf.shape(values),
            TFloat32.class,
            RandomStandardNormal.seed(directions.seed()),
            RandomStandardNormal.seed2(1L));
    if (directions.shiftInvariant()) {
      normal = tf.math.sub(normal, tf.math.mean(normal, tf.constant(-1), Mean.keepDims(true)));
    }
    return tf.dtypes.cast(normal, values.type()).asOutput();
  }

  /** Whether TensorFlow could differentiate all of these. */
  private boolean add(
      LiveModel model,
      String name,
      Output<?> output,
      List<? extends Output<?>> tensors,
      Output<?> seed) {
    if (tensors.isEmpty()) {
      return true;
    }
    try {
      @Nullable Output<?>[] gradients =
          model
              .graph()
              .addGradients(
                  name,
                  new Output<?>[] {output},
                  tensors.toArray(Output<?>[]::new),
                  new Output<?>[] {seed});
      for (int i = 0; i < gradients.length; i++) {
        if (gradients[i] != null) {
          byTensor.put(tensors.get(i), gradients[i]);
        }
      }
      return true;
    } catch (TensorFlowException
        | IllegalArgumentException
        | IllegalStateException
        | UnsupportedOperationException e) {
      return false;
    }
  }

  /**
   * Drops the gradients that TensorFlow has an operation for but cannot run, see {@link
   * GradientTrial}.
   *
   * @param data as many of its first samples as {@link #tried} says are fed
   * @param feeding gives a runner that is fed these samples, and whatever else is needed
   */
  public void dropWhatFails(
      LiveModel model, LabeledData data, Function<InputBatch, Session.Runner> feeding) {
    try (InputBatch few = model.inputOf(data, 0, tried(data))) {
      GradientTrial.failures(() -> feeding.apply(few), byTensor).keySet().forEach(byTensor::remove);
    }
  }

  /** On how many samples gradients are tried. */
  public static int tried(LabeledData data) {
    return Math.min(2, data.size());
  }

  /** The gradient by a tensor, of its shape; empty where there is none. */
  public Optional<Output<?>> by(Output<?> tensor) {
    return Optional.ofNullable(byTensor.get(tensor));
  }
}
