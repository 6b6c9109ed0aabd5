package io.github.rankfold.training;

import io.github.rankfold.models.network.NetworkGraph;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** The network's variables in a graph, with the optimizer's state, and how they get in and out. */
final class TrainedVariables {
  /** One variable: what it is, its handle and those of its optimizer state. */
  record Variable(
      ParameterLayout.Part part,
      Output<? extends TType> handle,
      List<Output<? extends TType>> slots) {
    String name() {
      return part.name();
    }
  }

  private final ParameterLayout layout;
  private final List<Variable> variables = new ArrayList<>();
  private final List<Placeholder<TFloat32>> newValues = new ArrayList<>();
  private final List<Op> assigns = new ArrayList<>();
  private final List<Op> clearSlots = new ArrayList<>();
  private final List<Operand<TFloat32>> reads = new ArrayList<>();

  TrainedVariables(Ops tf, ParameterLayout layout, Optimizer optimizer) {
    this.layout = layout;
    for (ParameterLayout.Part part : layout.parts()) {
      Output<? extends TType> handle = NetworkGraph.variable(tf, part.name(), part.shape());
      List<Output<? extends TType>> slots = new ArrayList<>();
      for (int i = 1; i <= optimizer.slots(); i++) {
        Output<? extends TType> slot =
            NetworkGraph.variable(tf, "optimizer/" + part.name() + "/slot_" + i, part.shape());
        slots.add(slot);
        int[] dimensions = part.shape().stream().mapToInt(Integer::intValue).toArray();
        clearSlots.add(
            tf.assignVariableOp(slot, tf.fill(tf.constant(dimensions), tf.constant(0f))));
      }
      variables.add(new Variable(part, handle, List.copyOf(slots)));
      Placeholder<TFloat32> value =
          tf.placeholder(TFloat32.class, Placeholder.shape(shape(part.shape())));
      newValues.add(value);
      assigns.add(tf.assignVariableOp(handle, value));
      reads.add(tf.readVariableOp(handle, TFloat32.class));
    }
  }

  List<Variable> all() {
    return variables;
  }

  static Shape shape(List<Integer> shape) {
    return Shape.of(shape.stream().mapToLong(Integer::longValue).toArray());
  }

  void clearOptimizer(Session session) {
    if (!clearSlots.isEmpty()) {
      Session.Runner runner = session.runner();
      clearSlots.forEach(runner::addTarget);
      runner.run().close();
    }
  }

  /** All in one run: one by one is quadratic in the number of variables. */
  void assign(Session session, NetworkWeights weights) {
    Session.Runner runner = session.runner();
    List<Tensor> fed = new ArrayList<>();
    try {
      for (int i = 0; i < variables.size(); i++) {
        WeightArray array = weights.get(variables.get(i).name());
        TFloat32 tensor = TFloat32.tensorOf(shape(array.shape()));
        fed.add(tensor);
        tensor.asRawTensor().data().asFloats().write(array.values());
        runner.feed(newValues.get(i), tensor).addTarget(assigns.get(i));
      }
      runner.run().close();
    } finally {
      fed.forEach(Tensor::close);
    }
  }

  /** As {@link #assign(Session, NetworkWeights)}, rounded to float. */
  void assign(Session session, double[] vector) {
    assign(session, layout.weights(vector));
  }

  /** A heap copy of the current values. */
  NetworkWeights read(Session session) {
    Session.Runner runner = session.runner();
    reads.forEach(runner::fetch);
    Map<String, WeightArray> arrays = new LinkedHashMap<>();
    try (Result result = runner.run()) {
      for (int i = 0; i < variables.size(); i++) {
        ParameterLayout.Part part = variables.get(i).part();
        float[] values = new float[part.size()];
        ((TFloat32) result.get(i)).asRawTensor().data().asFloats().read(values);
        arrays.put(part.name(), WeightArray.of(part.shape(), values));
      }
    }
    return NetworkWeights.of(arrays);
  }
}
