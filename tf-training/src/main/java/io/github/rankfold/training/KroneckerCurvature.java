package io.github.rankfold.training;

import io.github.rankfold.models.network.DenseLayer;
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
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.linalg.SelfAdjointEig;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * An estimate of the inverse Hessian, layer by layer: {@code (A x D + lambda)^-1}, with {@code A =
 * mean z^T z} [m x m] of the layer's inputs and {@code D = mean delta^T delta} [n x n] of the
 * gradients of its pre-activations, x the Kronecker product.
 *
 * <p>With {@code A = U diag(a) U^T} and {@code D = V diag(d) V^T} a kernel's part is {@code U ((U^T
 * Q V) / (a d^T + lambda)) V^T}, a bias's {@code V ((V^T q) / (d + max(d)/10 + lambda))}. Martens,
 * Grosse 2015, arXiv 1503.05671, with the gradients of the data's own labels in place of sampled
 * ones. What matters here is the penalty: in the many directions of a kernel that no sample sees,
 * the Hessian is lambda alone, and the random initial weights are gone in one step of length
 * 1/lambda instead of fading slowly.
 *
 * <p>A and D come from some rows of the data, spread evenly. The state lives in the session.
 */
final class KroneckerCurvature {
  /** Rows that A and D are means over, at most: enough for a direction in which to go. */
  private static final int ROWS = 1024;

  /** For variables without a penalty: nothing may be divided by 0. */
  private static final double LEAST_DAMPING = 1e-8;

  /** A bias has one input, 1; a tenth of the largest curvature keeps its steps from running off. */
  private static final float BIAS_DAMPING = 0.1f;

  private final ParameterLayout layout;
  private final int rows;
  private final List<Op> ofInputs = new ArrayList<>();
  private final List<Op> ofWeights = new ArrayList<>();
  private final List<Placeholder<TFloat32>> given = new ArrayList<>();
  private final List<Operand<TFloat32>> found = new ArrayList<>();
  private boolean inputsKnown;

  KroneckerCurvature(
      Graph graph,
      Ops tf,
      NetworkSpec spec,
      ResidentData data,
      TrainedVariables variables,
      ParameterLayout layout) {
    this.layout = layout;
    rows = rows(data.size());
    int[] spread = new int[rows];
    for (int i = 0; i < rows; i++) {
      spread[i] = (int) ((long) i * data.size() / rows);
    }
    Operand<TInt32> chosen = tf.constant(spread);
    Map<String, Operand<TFloat32>> values = Classification.read(tf, variables);
    Classification passed = Classification.of(tf, spec, data, chosen, values);
    Optional<Operand<TFloat32>> weights =
        passed.weights().map(found -> tf.expandDims(found, tf.constant(1)));
    Map<String, ParameterLayout.Part> parts = new LinkedHashMap<>();
    layout.parts().forEach(part -> parts.put(part.name(), part));
    Map<String, Operand<TFloat32>> deltas = deltas(graph, spec, passed);
    boolean first = true;
    for (DenseLayer layer : spec.layers()) {
      Operand<TFloat32> z = operand(passed.network().layerInputs(), layer);
      Operand<TFloat32> delta = operand(deltas, layer);
      // delta carries the sample's weight, which must count once.
      Operand<TFloat32> unweighted =
          weights.isPresent() ? tf.math.div(delta, weights.get()) : delta;
      Operand<TFloat32> weighted = weights.isPresent() ? tf.math.mul(z, weights.get()) : z;
      Eigen in =
          eigen(
              tf, layer.name() + "/in", z, weighted, layer.inputs(), first ? ofInputs : ofWeights);
      Eigen out = eigen(tf, layer.name() + "/out", unweighted, delta, layer.outputs(), ofWeights);
      kernel(tf, part(parts, layer.kernelName()), in, out);
      if (layer.bias()) {
        bias(tf, part(parts, layer.biasName()), out);
      }
      first = false;
    }
  }

  /** Of so many samples, how many A and D are means over. */
  static int rows(int samples) {
    return Math.min(ROWS, samples);
  }

  /** Takes A and D anew at the current weights; how many samples that passed. */
  int refresh(Session session) {
    Session.Runner runner = session.runner();
    ofWeights.forEach(runner::addTarget);
    if (!inputsKnown) {
      ofInputs.forEach(runner::addTarget);
      inputsKnown = true;
    }
    runner.run().close();
    return rows;
  }

  /** The estimate times a vector [P]. */
  double[] inverseTimes(Session session, double[] vector) {
    Session.Runner runner = session.runner();
    List<Tensor> fed = new ArrayList<>();
    double[] product = new double[vector.length];
    try {
      for (int i = 0; i < given.size(); i++) {
        ParameterLayout.Part part = layout.parts().get(i);
        float[] values = new float[part.size()];
        for (int j = 0; j < values.length; j++) {
          values[j] = (float) vector[part.offset() + j];
        }
        TFloat32 tensor = TFloat32.tensorOf(TrainedVariables.shape(part.shape()));
        fed.add(tensor);
        tensor.asRawTensor().data().asFloats().write(values);
        runner.feed(given.get(i), tensor).fetch(found.get(i));
      }
      try (Result result = runner.run()) {
        for (int i = 0; i < found.size(); i++) {
          ParameterLayout.Part part = layout.parts().get(i);
          float[] values = new float[part.size()];
          ((TFloat32) result.get(i)).asRawTensor().data().asFloats().read(values);
          for (int j = 0; j < values.length; j++) {
            product[part.offset() + j] = values[j];
          }
        }
      }
    } finally {
      fed.forEach(Tensor::close);
    }
    return product;
  }

  /** The gradients of the losses, weights included, at the pre-activations [B x n], by layer. */
  private static Map<String, Operand<TFloat32>> deltas(
      Graph graph, NetworkSpec spec, Classification passed) {
    List<DenseLayer> layers = spec.layers();
    List<DenseLayer> hidden = layers.subList(0, layers.size() - 1);
    Map<String, Operand<TFloat32>> deltas = new LinkedHashMap<>();
    if (!hidden.isEmpty()) {
      Output<?>[] to =
          hidden.stream()
              .map(layer -> operand(passed.network().preActivations(), layer).asOutput())
              .toArray(Output<?>[]::new);
      Output<?>[] found =
          graph.addGradients(
              "curvature",
              new Output<?>[] {passed.logits().asOutput()},
              to,
              new Output<?>[] {passed.backprop().asOutput()});
      for (int l = 0; l < found.length; l++) {
        deltas.put(hidden.get(l).name(), found[l].expect(TFloat32.class));
      }
    }
    deltas.put(layers.get(layers.size() - 1).name(), passed.backprop());
    return deltas;
  }

  /** The eigenvectors [n x n] and eigenvalues [n] of {@code mean left^T right}, kept. */
  private record Eigen(Operand<TFloat32> vectors, Operand<TFloat32> values) {}

  private Eigen eigen(
      Ops tf,
      String name,
      Operand<TFloat32> left,
      Operand<TFloat32> right,
      int width,
      List<Op> assigns) {
    Operand<TFloat32> moments =
        tf.math.div(
            tf.linalg.matMul(left, right, MatMul.transposeA(true)), tf.constant((float) rows));
    SelfAdjointEig<TFloat32> found = tf.linalg.selfAdjointEig(moments);
    Output<? extends TType> vectors =
        NetworkGraph.variable(tf, "curvature/" + name + "/vectors", List.of(width, width));
    Output<? extends TType> values =
        NetworkGraph.variable(tf, "curvature/" + name + "/values", List.of(width));
    assigns.add(tf.assignVariableOp(vectors, found.v()));
    // Rounding leaves eigenvalues a little below 0.
    assigns.add(tf.assignVariableOp(values, tf.math.maximum(found.e(), tf.constant(0f))));
    return new Eigen(
        tf.readVariableOp(vectors, TFloat32.class), tf.readVariableOp(values, TFloat32.class));
  }

  private void kernel(Ops tf, ParameterLayout.Part part, Eigen in, Eigen out) {
    Placeholder<TFloat32> q = placeholder(tf, part);
    Operand<TFloat32> curvature =
        tf.math.add(
            tf.math.mul(
                tf.expandDims(in.values(), tf.constant(1)),
                tf.expandDims(out.values(), tf.constant(0))),
            tf.constant(damping(part)));
    Operand<TFloat32> rotated = between(tf, in.vectors(), true, q, out.vectors(), false);
    found.add(
        between(tf, in.vectors(), false, tf.math.div(rotated, curvature), out.vectors(), true));
  }

  private void bias(Ops tf, ParameterLayout.Part part, Eigen out) {
    Placeholder<TFloat32> q = placeholder(tf, part);
    Operand<TFloat32> most = tf.reduceMax(out.values(), tf.constant(0));
    Operand<TFloat32> curvature =
        tf.math.add(
            tf.math.add(out.values(), tf.math.mul(most, tf.constant(BIAS_DAMPING))),
            tf.constant(damping(part)));
    Operand<TFloat32> row = tf.expandDims(q, tf.constant(0));
    Operand<TFloat32> rotated = tf.linalg.matMul(row, out.vectors());
    Operand<TFloat32> back =
        tf.linalg.matMul(tf.math.div(rotated, curvature), out.vectors(), MatMul.transposeB(true));
    found.add(tf.squeeze(back, Squeeze.axis(List.of(0L))));
  }

  /** {@code left q right}, with left or right transposed. */
  private static Operand<TFloat32> between(
      Ops tf,
      Operand<TFloat32> left,
      boolean transposeLeft,
      Operand<TFloat32> q,
      Operand<TFloat32> right,
      boolean transposeRight) {
    return tf.linalg.matMul(
        tf.linalg.matMul(left, q, MatMul.transposeA(transposeLeft)),
        right,
        MatMul.transposeB(transposeRight));
  }

  private Placeholder<TFloat32> placeholder(Ops tf, ParameterLayout.Part part) {
    Shape shape = TrainedVariables.shape(part.shape());
    Placeholder<TFloat32> placeholder = tf.placeholder(TFloat32.class, Placeholder.shape(shape));
    given.add(placeholder);
    return placeholder;
  }

  private static float damping(ParameterLayout.Part part) {
    return (float) Math.max(part.lambda(), LEAST_DAMPING);
  }

  private static Operand<TFloat32> operand(
      Map<String, Operand<TFloat32>> byLayer, DenseLayer layer) {
    Operand<TFloat32> found = byLayer.get(layer.name());
    if (found == null) {
      throw new IllegalStateException("no layer " + layer.name() + " among " + byLayer.keySet());
    }
    return found;
  }

  private static ParameterLayout.Part part(
      Map<String, ParameterLayout.Part> parts, String variable) {
    ParameterLayout.Part found = parts.get(variable);
    if (found == null) {
      throw new IllegalStateException("no variable " + variable + " among " + parts.keySet());
    }
    return found;
  }
}
