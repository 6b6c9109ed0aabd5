package io.github.rankfold.cli.studies;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.nio.DoubleBuffer;

/**
 * The mean cross-entropy of logits {@code a F_1 + b F_2}, F_1 and F_2 [N x K] those of two ReLU
 * networks: {@code psi(a, b)}, convex in (a, b). In double precision.
 */
final class ParallelLoss {
  private final int classes;
  private final int[] labels;
  private final double[] first;
  private final double[] second;

  /**
   * @param first F_1 by rows
   * @param second F_2 by rows
   */
  ParallelLoss(int[] labels, int classes, double[] first, double[] second) {
    if (first.length != labels.length * classes || second.length != first.length) {
      throw new IllegalArgumentException(
          "expected %d x %d logits of both, found %d and %d values"
              .formatted(labels.length, classes, first.length, second.length));
    }
    this.labels = labels.clone();
    this.classes = classes;
    this.first = first.clone();
    this.second = second.clone();
  }

  static ParallelLoss of(
      LabeledData data,
      NetworkSpec firstSpec,
      NetworkWeights first,
      NetworkSpec secondSpec,
      NetworkWeights second) {
    int[] labels = new int[data.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = data.label(i);
    }
    return new ParallelLoss(
        labels, data.classes(), logits(firstSpec, first, data), logits(secondSpec, second, data));
  }

  /** {@code psi(a, b)}. */
  double at(double a, double b) {
    double sum = 0;
    double[] row = new double[classes];
    for (int i = 0; i < labels.length; i++) {
      fill(row, i, a, b);
      sum += Math.log(normalized(row)) - Math.log(row[labels[i]]);
    }
    return sum / labels.length;
  }

  /** {@code -dpsi/da} at (a, b): what a larger share of the first would take off the loss. */
  double gainOfFirst(double a, double b) {
    double sum = 0;
    double[] row = new double[classes];
    for (int i = 0; i < labels.length; i++) {
      fill(row, i, a, b);
      double total = normalized(row);
      sum += first[i * classes + labels[i]];
      for (int k = 0; k < classes; k++) {
        sum -= row[k] / total * first[i * classes + k];
      }
    }
    return sum / labels.length;
  }

  /** Whether the second network alone gives every sample's own class the largest logit. */
  boolean secondIsRightEverywhere() {
    for (int i = 0; i < labels.length; i++) {
      for (int k = 0; k < classes; k++) {
        if (second[i * classes + k] > second[i * classes + labels[i]]) {
          return false;
        }
      }
    }
    return true;
  }

  private void fill(double[] row, int i, double a, double b) {
    for (int k = 0; k < classes; k++) {
      row[k] = a * first[i * classes + k] + b * second[i * classes + k];
    }
  }

  /** Replaces a row by its exponentials, the largest 1, and gives their sum. */
  private static double normalized(double[] row) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double value : row) {
      largest = Math.max(largest, value);
    }
    double sum = 0;
    for (int k = 0; k < row.length; k++) {
      // Never 0, whose logarithm is none: a loss beyond 700 is not told apart.
      row[k] = Math.max(Math.exp(row[k] - largest), Double.MIN_NORMAL);
      sum += row[k];
    }
    return sum;
  }

  /** The logits [N x K] of a ReLU network. */
  static double[] logits(NetworkSpec spec, NetworkWeights weights, LabeledData data) {
    double[] rows = new double[data.size() * data.featureWidth()];
    data.copyFeatures(0, data.size(), DoubleBuffer.wrap(rows));
    for (DenseLayer layer : spec.layers()) {
      boolean isHidden = !layer.name().equals("classifier");
      rows = layer(layer, weights, rows, data.size(), isHidden);
    }
    return rows;
  }

  private static double[] layer(
      DenseLayer layer, NetworkWeights weights, double[] inputs, int rows, boolean isHidden) {
    float[] kernel = weights.get(layer.kernelName()).values();
    int width = layer.outputs();
    double[] outputs = new double[rows * width];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < width && layer.bias(); j++) {
        outputs[i * width + j] = weights.get(layer.biasName()).at(j);
      }
      for (int in = 0; in < layer.inputs(); in++) {
        double z = inputs[i * layer.inputs() + in];
        for (int j = 0; j < width && z != 0; j++) {
          outputs[i * width + j] += z * kernel[in * width + j];
        }
      }
      for (int j = 0; j < width && isHidden; j++) {
        outputs[i * width + j] = Math.max(0, outputs[i * width + j]);
      }
    }
    return outputs;
  }
}
