package io.github.rankfold.models.network;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * The forward pass of a {@link NetworkSpec} as TensorFlow operations: the logits [B x K] and the
 * input of every layer [B x m_l]. Holds references into a graph that its caller owns and closes.
 */
public final class NetworkGraph {
  private final Operand<TFloat32> logits;
  private final Map<String, Operand<TFloat32>> layerInputs;
  private final Map<String, Operand<TFloat32>> preActivations;

  private NetworkGraph(
      Operand<TFloat32> logits,
      Map<String, Operand<TFloat32>> layerInputs,
      Map<String, Operand<TFloat32>> preActivations) {
    this.logits = logits;
    this.layerInputs = Collections.unmodifiableMap(layerInputs);
    this.preActivations = Collections.unmodifiableMap(preActivations);
  }

  /**
   * Adds the forward pass to the graph behind {@code tf}.
   *
   * @param x [B x inputWidth]
   * @param variables the value of every variable of {@code spec} by name
   */
  public static NetworkGraph forward(
      Ops tf, NetworkSpec spec, Operand<TFloat32> x, Map<String, Operand<TFloat32>> variables) {
    Map<String, Operand<TFloat32>> inputs = new LinkedHashMap<>();
    Map<String, Operand<TFloat32>> preActivations = new LinkedHashMap<>();
    Operand<TFloat32> h = x;
    for (DenseLayer layer : spec.layers()) {
      inputs.put(layer.name(), h);
      Operand<TFloat32> a = tf.linalg.matMul(h, variable(variables, layer.kernelName()));
      if (layer.bias()) {
        a = tf.nn.biasAdd(a, variable(variables, layer.biasName()));
      }
      preActivations.put(layer.name(), a);
      Operand<TFloat32> out = layer.activation().apply(tf, a);
      h = layer.residual() ? tf.math.add(out, h) : out;
    }
    return new NetworkGraph(h, inputs, preActivations);
  }

  /**
   * Adds the whole network for inference to {@code graph}: a placeholder {@code x} [? x
   * inputWidth], a resource variable for every variable of {@code spec} (node name and shared_name
   * are the variable's name), the forward pass, and an identity {@code logits} [? x K]. The
   * variables are left uninitialized.
   */
  public static InferenceNodes inference(Graph graph, NetworkSpec spec) {
    Ops tf = Ops.create(graph);
    Placeholder<TFloat32> x =
        tf.withName("x")
            .placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, spec.inputWidth())));
    Map<String, Operand<TFloat32>> variables = new LinkedHashMap<>();
    List<InferenceNodes.Variable> names = new ArrayList<>();
    spec.variableShapes()
        .forEach(
            (name, shape) -> {
              Output<? extends TType> handle = variable(tf, name, shape);
              Operand<TFloat32> value =
                  tf.withName(name.replace('/', '_') + "_read")
                      .readVariableOp(handle, TFloat32.class);
              variables.put(name, value);
              names.add(
                  new InferenceNodes.Variable(
                      name, handle.op().name(), value.asOutput().op().name(), shape));
            });
    NetworkGraph network = forward(tf.withSubScope("network"), spec, x, variables);
    Operand<TFloat32> logits = tf.withName("logits").identity(network.logits());
    return new InferenceNodes(x.op().name(), logits.asOutput().op().name(), names);
  }

  /** Adds the handle of a float32 resource variable, its node and shared_name both {@code name}. */
  public static Output<? extends TType> variable(Ops tf, String name, List<Integer> shape) {
    long[] dimensions = shape.stream().mapToLong(Integer::longValue).toArray();
    // Ops.withName takes no slash, and sub-scopes would number the second variable of a layer.
    return tf.scope()
        .env()
        .opBuilder("VarHandleOp", name, tf.scope())
        .setAttr("dtype", DataType.DT_FLOAT)
        .setAttr("shape", Shape.of(dimensions))
        .setAttr("shared_name", name)
        .build()
        .output(0);
  }

  /** [B x K]. */
  public Operand<TFloat32> logits() {
    return logits;
  }

  /** What each layer multiplies with its kernel, [B x inputs], by layer name, in order. */
  public Map<String, Operand<TFloat32>> layerInputs() {
    return layerInputs;
  }

  /** What each layer's activation is given, {@code z W + b} [B x outputs], by layer name. */
  public Map<String, Operand<TFloat32>> preActivations() {
    return preActivations;
  }

  private static Operand<TFloat32> variable(Map<String, Operand<TFloat32>> variables, String name) {
    Operand<TFloat32> value = variables.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no variable " + name + " among " + variables.keySet());
    }
    return value;
  }
}
