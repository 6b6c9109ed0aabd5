package io.github.rankfold.training;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The network in plain Java doubles, forwards and backwards: what TensorFlow is checked against.
 */
final class ReferenceNetwork {
  private final NetworkSpec spec;
  private final ParameterLayout layout;

  ReferenceNetwork(NetworkSpec spec, L2Penalty l2) {
    this.spec = spec;
    this.layout = new ParameterLayout(spec, l2);
  }

  ParameterLayout layout() {
    return layout;
  }

  /** Mean loss and accuracy over samples [from, to), and the gradient of that mean. */
  BatchSums gradient(double[] w, LabeledData data, int from, int to, double[] gradient) {
    Arrays.fill(gradient, 0);
    double loss = 0;
    int correct = 0;
    for (int i = from; i < to; i++) {
      List<double[]> inputs = new ArrayList<>();
      List<double[]> outputs = new ArrayList<>();
      double[] h = new double[data.featureWidth()];
      data.copyFeatures(i, i + 1, DoubleBuffer.wrap(h));
      for (int l = 0; l < spec.layers().size(); l++) {
        DenseLayer layer = spec.layers().get(l);
        inputs.add(h);
        double[] f = new double[layer.outputs()];
        for (int n = 0; n < f.length; n++) {
          double a = layer.bias() ? w[offset(layer.biasName()) + n] : 0;
          for (int m = 0; m < h.length; m++) {
            a += h[m] * w[offset(layer.kernelName()) + m * f.length + n];
          }
          f[n] = activate(layer.activation(), a);
        }
        outputs.add(f);
        double[] next = f.clone();
        for (int n = 0; layer.residual() && n < f.length; n++) {
          next[n] += h[n];
        }
        h = next;
      }
      double[] delta = softmax(h);
      loss -= Math.log(delta[data.label(i)]);
      correct += argMax(h) == data.label(i) ? 1 : 0;
      delta[data.label(i)] -= 1;
      for (int l = spec.layers().size() - 1; l >= 0; l--) {
        DenseLayer layer = spec.layers().get(l);
        double[] z = inputs.get(l);
        double[] below = new double[z.length];
        for (int n = 0; n < delta.length; n++) {
          double d = delta[n] * slope(layer.activation(), outputs.get(l)[n]);
          if (layer.bias()) {
            gradient[offset(layer.biasName()) + n] += d / (to - from);
          }
          for (int m = 0; m < z.length; m++) {
            int at = offset(layer.kernelName()) + m * delta.length + n;
            gradient[at] += z[m] * d / (to - from);
            below[m] += w[at] * d;
          }
        }
        for (int m = 0; layer.residual() && m < z.length; m++) {
          below[m] += delta[m];
        }
        delta = below;
      }
    }
    return new BatchSums(loss, correct, to - from);
  }

  private int offset(String name) {
    return layout.parts().stream()
        .filter(part -> part.name().equals(name))
        .findFirst()
        .orElseThrow()
        .offset();
  }

  private static double activate(Activation activation, double a) {
    return switch (activation) {
      case RELU -> Math.max(0, a);
      case TANH -> Math.tanh(a);
      case LINEAR -> a;
      case GELU -> throw new IllegalArgumentException("no reference for " + activation);
    };
  }

  /** The activation's slope, from its value. */
  private static double slope(Activation activation, double f) {
    return switch (activation) {
      case RELU -> f > 0 ? 1 : 0;
      case TANH -> 1 - f * f;
      case LINEAR -> 1;
      case GELU -> throw new IllegalArgumentException("no reference for " + activation);
    };
  }

  private static double[] softmax(double[] logits) {
    double sum = 0;
    double[] shares = new double[logits.length];
    for (int k = 0; k < logits.length; k++) {
      shares[k] = Math.exp(logits[k]);
      sum += shares[k];
    }
    for (int k = 0; k < logits.length; k++) {
      shares[k] /= sum;
    }
    return shares;
  }

  private static int argMax(double[] values) {
    int best = 0;
    for (int k = 1; k < values.length; k++) {
      best = values[k] > values[best] ? k : best;
    }
    return best;
  }
}
