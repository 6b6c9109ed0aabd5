package io.github.rankfold.models.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class NetworkGraphTest {
  private static final int BATCH = 5;

  @ParameterizedTest(name = "{0}, residual {1}, bias {2}")
  @CsvSource({
    "RELU, false, true", "RELU, true, false", "TANH, true, true", "TANH, false, false",
    "GELU, true, true", "GELU, false, true", "LINEAR, true, false", "LINEAR, false, true"
  })
  void forwardEqualsPlainJava(Activation activation, boolean residual, boolean bias) {
    NetworkSpec spec =
        NetworkSpec.mlp(6, 6, 4, 4, 3)
            .withActivation(activation)
            .withResidual(residual)
            .withBias(bias);
    NetworkWeights weights = randomWeights(spec);
    float[] x = gaussians(BATCH * 6, new Random(2));
    List<double[]> expected = forward(spec, weights, x);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Map<String, Operand<TFloat32>> values = new LinkedHashMap<>();
      weights
          .arrays()
          .forEach(
              (name, array) ->
                  values.put(
                      name, tf.reshape(tf.constant(array.values()), tf.constant(shape(array)))));
      NetworkGraph network =
          NetworkGraph.forward(
              tf, spec, tf.reshape(tf.constant(x), tf.constant(new int[] {BATCH, 6})), values);
      try (Session session = new Session(graph)) {
        Session.Runner runner = session.runner();
        network.layerInputs().values().forEach(runner::fetch);
        try (Result result = runner.fetch(network.logits()).run()) {
          assertEquals(
              List.of("dense_1", "dense_2", "dense_3", "classifier"),
              List.copyOf(network.layerInputs().keySet()));
          for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), doubles((TFloat32) result.get(i)), 2e-6);
          }
        }
      }
    }
  }

  @Test
  void inferenceReadsItsVariablesByTheirNames() {
    NetworkSpec spec = NetworkSpec.mlp(6, 4, 3);
    NetworkWeights weights = randomWeights(spec);
    float[] x = gaussians(BATCH * 6, new Random(2));
    try (Graph graph = new Graph()) {
      InferenceNodes nodes = NetworkGraph.inference(graph, spec);
      assertEquals("x", nodes.input());
      assertEquals("logits", nodes.logits());
      assertEquals(
          List.copyOf(spec.variableShapes().keySet()),
          nodes.variables().stream().map(InferenceNodes.Variable::handle).toList());
      Ops tf = Ops.create(graph);
      try (Session session = new Session(graph);
          TFloat32 input = TFloat32.tensorOf(Shape.of(BATCH, 6))) {
        Session.Runner assign = session.runner();
        for (InferenceNodes.Variable variable : nodes.variables()) {
          WeightArray array = weights.get(variable.name());
          assertEquals(array.shape(), variable.shape());
          assign.addTarget(
              tf.assignVariableOp(
                  graph.operationOrThrow(variable.handle()).output(0),
                  tf.reshape(tf.constant(array.values()), tf.constant(shape(array)))));
        }
        assign.run().close();
        input.asRawTensor().data().asFloats().write(x);
        try (Result result = session.runner().feed("x", input).fetch("logits").run()) {
          List<double[]> expected = forward(spec, weights, x);
          assertArrayEquals(
              expected.get(expected.size() - 1), doubles((TFloat32) result.get(0)), 2e-6);
        }
      }
    }
  }

  /** The input of every layer, then the logits, in double. */
  private static List<double[]> forward(NetworkSpec spec, NetworkWeights weights, float[] x) {
    double[] h = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      h[i] = x[i];
    }
    List<double[]> all = new ArrayList<>();
    for (DenseLayer layer : spec.layers()) {
      all.add(h);
      double[] next = new double[BATCH * layer.outputs()];
      for (int b = 0; b < BATCH; b++) {
        for (int j = 0; j < layer.outputs(); j++) {
          double a = layer.bias() ? weights.get(layer.biasName()).at(j) : 0;
          for (int i = 0; i < layer.inputs(); i++) {
            a +=
                h[b * layer.inputs() + i]
                    * weights.get(layer.kernelName()).at(i * layer.outputs() + j);
          }
          double skip = layer.residual() ? h[b * layer.inputs() + j] : 0;
          next[b * layer.outputs() + j] = activate(layer.activation(), a) + skip;
        }
      }
      h = next;
    }
    all.add(h);
    return all;
  }

  private static double activate(Activation activation, double a) {
    return switch (activation) {
      case RELU -> Math.max(0, a);
      case TANH -> Math.tanh(a);
      case GELU -> a * normalDistribution(a);
      case LINEAR -> a;
    };
  }

  /** {@code Phi(a)} by its Taylor series around 0, which converges everywhere. */
  private static double normalDistribution(double a) {
    double term = a;
    double sum = a;
    for (int k = 1; k < 200; k++) {
      term *= -a * a / (2 * k);
      sum += term / (2 * k + 1);
    }
    return 0.5 + sum / Math.sqrt(2 * Math.PI);
  }

  private static NetworkWeights randomWeights(NetworkSpec spec) {
    Random random = new Random(1);
    Map<String, WeightArray> arrays = new LinkedHashMap<>();
    spec.variableShapes()
        .forEach(
            (name, shape) -> {
              float[] values = gaussians(shape.stream().reduce(1, Math::multiplyExact), random);
              for (int i = 0; i < values.length; i++) {
                values[i] *= 0.4f;
              }
              arrays.put(name, WeightArray.of(shape, values));
            });
    return NetworkWeights.of(arrays);
  }

  private static float[] gaussians(int count, Random random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static int[] shape(WeightArray array) {
    return array.shape().stream().mapToInt(Integer::intValue).toArray();
  }

  private static double[] doubles(TFloat32 tensor) {
    double[] values = new double[(int) tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.asRawTensor().data().asFloats().getFloat(i);
    }
    return values;
  }
}
