package io.github.rankfold.compression.trials;

import io.github.rankfold.models.live.TensorValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * Variables that Adam updates (Kingma and Ba, arXiv 1412.6980), with its moments as further
 * variables of the same graph.
 */
final class AdamVariables {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;

  private final Ops tf;
  private final Operand<TFloat32> rate;
  private final List<Operation> updates = new ArrayList<>();
  private final List<Operation> initial = new ArrayList<>();
  private final List<Operation> freed = new ArrayList<>();
  private final Map<String, Output<?>> reads = new LinkedHashMap<>();

  /**
   * @param rate with the correction of {@link #corrected}
   */
  AdamVariables(Ops tf, Operand<TFloat32> rate) {
    this.tf = tf;
    this.rate = rate;
  }

  /** The rate that makes up for moments that start at zero, in step number 1, 2, ... */
  static float corrected(double rate, int step) {
    return (float) (rate * Math.sqrt(1 - Math.pow(BETA2, step)) / (1 - Math.pow(BETA1, step)));
  }

  /** Adds a variable to be updated by a gradient; {@code like} tells its shape and type. */
  @SuppressWarnings("unchecked") // factors and their gradients are floating
  void add(String name, Output<?> handle, Tensor like, Output<?> gradient) {
    Output<TNumber> slope = (Output<TNumber>) gradient;
    Class<TNumber> type = slope.type();
    Operand<? extends TType> first = moment(type, like);
    Operand<? extends TType> second = moment(type, like);
    Operand<? extends TType> variable = (Output<TType>) handle;
    updates.add(
        tf.train
            .resourceApplyAdam(
                variable,
                first,
                second,
                number(0, type), // powers of zero: the rate is corrected already
                number(0, type),
                tf.dtypes.cast(rate, type),
                number(BETA1, type),
                number(BETA2, type),
                number(1e-8, type),
                slope)
            .op());
    reads.put(name, tf.readVariableOp(variable, type).asOutput());
  }

  private Operand<TNumber> number(double value, Class<TNumber> type) {
    return tf.dtypes.cast(tf.constant(value), type);
  }

  private Operand<? extends TType> moment(Class<TNumber> type, Tensor like) {
    VarHandleOp handle =
        tf.varHandleOp(type, like.shape(), VarHandleOp.sharedName(tf.scope().makeUnique("moment")));
    Operand<TNumber> zeros =
        tf.dtypes.cast(tf.fill(tf.constant(like.shape().asArray()), tf.constant(0f)), type);
    initial.add(tf.assignVariableOp(handle, zeros).op());
    freed.add(tf.destroyResourceOp(handle).op());
    return handle;
  }

  boolean isEmpty() {
    return updates.isEmpty();
  }

  /** What a step runs. */
  List<Operation> updates() {
    return List.copyOf(updates);
  }

  void initialize(Session session) {
    run(session, initial);
  }

  /** Frees the moments. */
  void free(Session session) {
    run(session, freed);
  }

  private static void run(Session session, List<Operation> operations) {
    if (!operations.isEmpty()) {
      Session.Runner runner = session.runner();
      operations.forEach(runner::addTarget);
      runner.run().close();
    }
  }

  /** The variables' values, by name. */
  Map<String, double[]> values(Session session) {
    Map<String, double[]> values = new LinkedHashMap<>();
    if (reads.isEmpty()) {
      return values;
    }
    Session.Runner runner = session.runner();
    reads.values().forEach(runner::fetch);
    try (Result result = runner.run()) {
      int next = 0;
      for (String name : reads.keySet()) {
        values.put(name, TensorValues.toDoubles(result.get(next++)));
      }
    }
    return values;
  }
}
