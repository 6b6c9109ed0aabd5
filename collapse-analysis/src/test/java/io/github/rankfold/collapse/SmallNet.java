package io.github.rankfold.collapse;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A network of dense layers in doubles with softmax cross-entropy, and its gradients by
 * backpropagation: written apart from the main code, so that both can be wrong only separately.
 */
public record SmallNet(List<Matrix> kernels, List<Bias> biases, Activation activation) {
  /** Of the hidden layers; the last layer is linear. */
  public enum Activation {
    TANH,
    RELU;

    double value(double a) {
      return this == TANH ? Math.tanh(a) : Math.max(0, a);
    }

    /** The derivative, from the value. */
    double slope(double value) {
      return this == TANH ? 1 - value * value : value > 0 ? 1 : 0;
    }
  }

  /** A row that is added to every sample. */
  public static final class Bias {
    private final double[] values;

    public Bias(double... values) {
      this.values = values.clone();
    }
  }

  /** Input z [N x m] and {@code delta = N d(mean loss)/d(z W + b)} [N x n] of one layer. */
  public record Layer(Matrix kernel, Matrix z, Matrix delta) {
    /** {@code G = (1/N) z^T delta}. */
    public Matrix dataGradient() {
      return z.transposedTimes(delta).scaled(1.0 / z.rows());
    }
  }

  public static SmallNet random(Random random, Activation activation, int... widths) {
    List<Matrix> kernels = new ArrayList<>();
    List<Bias> biases = new ArrayList<>();
    for (int l = 0; l + 1 < widths.length; l++) {
      kernels.add(gaussian(random, widths[l], widths[l + 1]).scaled(1.5 / Math.sqrt(widths[l])));
      biases.add(new Bias(gaussian(random, 1, widths[l + 1]).toDoubles()));
    }
    return new SmallNet(kernels, biases, activation);
  }

  public static Matrix gaussian(Random random, int rows, int cols) {
    double[] values = new double[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Matrix.owning(rows, cols, values);
  }

  /** All layers at x [N x m], from the first to the last. */
  public List<Layer> layers(Matrix x, int[] labels) {
    List<Matrix> inputs = new ArrayList<>(List.of(x));
    for (int l = 0; l + 1 < kernels.size(); l++) {
      inputs.add(activated(preActivation(l, inputs.get(l))));
    }
    int last = kernels.size() - 1;
    Matrix delta = softmaxMinusOneHot(preActivation(last, inputs.get(last)), labels);
    List<Layer> layers = new ArrayList<>();
    for (int l = last; l >= 0; l--) {
      layers.add(0, new Layer(kernels.get(l), inputs.get(l), delta));
      if (l > 0) {
        delta = timesSlope(delta.timesTransposed(kernels.get(l)), inputs.get(l));
      }
    }
    return layers;
  }

  private Matrix preActivation(int layer, Matrix z) {
    double[] values = z.times(kernels.get(layer)).toDoubles();
    double[] bias = biases.get(layer).values;
    for (int i = 0; i < values.length; i++) {
      values[i] += bias[i % bias.length];
    }
    return Matrix.owning(z.rows(), bias.length, values);
  }

  private Matrix activated(Matrix a) {
    double[] values = a.toDoubles();
    for (int i = 0; i < values.length; i++) {
      values[i] = activation.value(values[i]);
    }
    return Matrix.owning(a.rows(), a.cols(), values);
  }

  private Matrix timesSlope(Matrix gradient, Matrix activated) {
    double[] values = gradient.toDoubles();
    double[] outputs = activated.toDoubles();
    for (int i = 0; i < values.length; i++) {
      values[i] *= activation.slope(outputs[i]);
    }
    return Matrix.owning(gradient.rows(), gradient.cols(), values);
  }

  private static Matrix softmaxMinusOneHot(Matrix logits, int[] labels) {
    int classes = logits.cols();
    double[] values = new double[logits.rows() * classes];
    for (int i = 0; i < logits.rows(); i++) {
      double[] row = logits.row(i);
      double max = Double.NEGATIVE_INFINITY;
      for (double value : row) {
        max = Math.max(max, value);
      }
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        row[k] = Math.exp(row[k] - max);
        sum += row[k];
      }
      for (int k = 0; k < classes; k++) {
        values[i * classes + k] = row[k] / sum - (k == labels[i] ? 1 : 0);
      }
    }
    return Matrix.owning(logits.rows(), classes, values);
  }
}
