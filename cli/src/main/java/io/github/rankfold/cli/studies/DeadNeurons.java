package io.github.rankfold.cli.studies;

import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import java.util.List;

/** Networks some of whose hidden neurons have no weight going in, none going out, and no bias. */
final class DeadNeurons {
  private DeadNeurons() {}

  /** The network with the neurons from the middle of each hidden layer on dead. */
  static NetworkWeights upperHalf(NetworkSpec spec, NetworkWeights weights) {
    NetworkWeights halved = weights;
    List<DenseLayer> layers = spec.layers();
    for (int l = 0; l < layers.size(); l++) {
      DenseLayer layer = layers.get(l);
      int rows = l == 0 ? layer.inputs() : layer.inputs() / 2;
      int cols = l == layers.size() - 1 ? layer.outputs() : layer.outputs() / 2;
      halved = halved.with(layer.kernelName(), kept(weights.get(layer.kernelName()), rows, cols));
      if (layer.bias()) {
        halved = halved.with(layer.biasName(), kept(weights.get(layer.biasName()), 1, cols));
      }
    }
    return halved;
  }

  /** The array with only its first rows and columns left, zeros elsewhere. */
  private static WeightArray kept(WeightArray array, int rows, int cols) {
    int width = array.shape().get(array.shape().size() - 1);
    float[] values = array.values();
    for (int i = 0; i < values.length; i++) {
      if (i / width >= rows || i % width >= cols) {
        values[i] = 0;
      }
    }
    return WeightArray.of(array.shape(), values);
  }
}
