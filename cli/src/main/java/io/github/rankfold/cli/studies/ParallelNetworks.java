package io.github.rankfold.cli.studies;

import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Two ReLU networks of D layers side by side in one whose hidden layers are as wide as both
 * together, each scaled by its share.
 *
 * <p>At shares u, v >= 0 the kernels of the first are multiplied by {@code u^(1/2)} and the bias of
 * its layer l by {@code u^(l/2)}, those of the second by v's. As {@code relu(c a) = c relu(a)} for
 * c >= 0, layer l of the first is {@code u^(l/2)} times what it was, so that
 *
 * <pre>
 *   logits          u^(D/2) F_1 + v^(D/2) F_2
 *   sum ||W_l||^2   u R_1 + v R_2
 * </pre>
 *
 * At share 0 the neurons of a network are dead: nothing goes in and nothing comes out.
 */
final class ParallelNetworks {
  private final NetworkSpec spec;
  private final NetworkSpec firstSpec;
  private final NetworkWeights first;
  private final NetworkSpec secondSpec;
  private final NetworkWeights second;

  private ParallelNetworks(
      NetworkSpec spec,
      NetworkSpec firstSpec,
      NetworkWeights first,
      NetworkSpec secondSpec,
      NetworkWeights second) {
    this.spec = spec;
    this.firstSpec = firstSpec;
    this.first = first;
    this.secondSpec = secondSpec;
    this.second = second;
  }

  /** Both of ReLU layers without skip connections, of one depth, for the same data. */
  static ParallelNetworks of(
      NetworkSpec firstSpec, NetworkWeights first, NetworkSpec secondSpec, NetworkWeights second) {
    first.checkFit(firstSpec);
    second.checkFit(secondSpec);
    for (NetworkSpec spec : List.of(firstSpec, secondSpec)) {
      if (spec.activation() != Activation.RELU || spec.residual() || spec.hidden().isEmpty()) {
        throw new IllegalArgumentException(
            "expected hidden ReLU layers without skip connections, found " + spec.text());
      }
    }
    if (firstSpec.hidden().size() != secondSpec.hidden().size()
        || firstSpec.bias() != secondSpec.bias()
        || firstSpec.inputWidth() != secondSpec.inputWidth()
        || firstSpec.classes() != secondSpec.classes()) {
      throw new IllegalArgumentException(
          "expected networks of one depth for the same data, found %s and %s"
              .formatted(firstSpec.text(), secondSpec.text()));
    }
    List<Integer> widths = new ArrayList<>();
    for (int l = 0; l < firstSpec.hidden().size(); l++) {
      widths.add(firstSpec.hidden().get(l) + secondSpec.hidden().get(l));
    }
    NetworkSpec spec =
        new NetworkSpec(
            firstSpec.inputWidth(),
            widths,
            firstSpec.classes(),
            Activation.RELU,
            false,
            firstSpec.bias(),
            firstSpec.initializer());
    return new ParallelNetworks(spec, firstSpec, first, secondSpec, second);
  }

  /** The wide network that holds both. */
  NetworkSpec spec() {
    return spec;
  }

  /** The number of layers, the classifier's included: D. */
  int depth() {
    return spec.layers().size();
  }

  /** The wide network's weights at these shares. */
  NetworkWeights at(double u, double v) {
    Map<String, WeightArray> arrays = new LinkedHashMap<>();
    List<DenseLayer> layers = spec.layers();
    for (int l = 0; l < layers.size(); l++) {
      DenseLayer layer = layers.get(l);
      boolean isLast = l == layers.size() - 1;
      DenseLayer a = firstSpec.layers().get(l);
      DenseLayer b = secondSpec.layers().get(l);
      // The first layer reads the data and the last gives the logits of both: no place of its own.
      int down = l == 0 ? 0 : a.inputs();
      int across = isLast ? 0 : a.outputs();
      Block kernel = new Block(layer.inputs(), layer.outputs());
      kernel.add(first.get(a.kernelName()), a.inputs(), a.outputs(), 0, 0, Math.sqrt(u));
      kernel.add(second.get(b.kernelName()), b.inputs(), b.outputs(), down, across, Math.sqrt(v));
      arrays.put(layer.kernelName(), WeightArray.of(layer.kernelShape(), kernel.rounded()));
      if (layer.bias()) {
        Block bias = new Block(1, layer.outputs());
        double power = (l + 1) / 2.0;
        bias.add(first.get(a.biasName()), 1, a.outputs(), 0, 0, Math.pow(u, power));
        bias.add(second.get(b.biasName()), 1, b.outputs(), 0, across, Math.pow(v, power));
        arrays.put(layer.biasName(), WeightArray.of(layer.biasShape(), bias.rounded()));
      }
    }
    return NetworkWeights.of(arrays);
  }

  /** A matrix that parts are added to. */
  private static final class Block {
    private final int cols;
    private final double[] values;

    Block(int rows, int cols) {
      this.cols = cols;
      this.values = new double[rows * cols];
    }

    void add(WeightArray part, int rows, int width, int down, int across, double scale) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < width; j++) {
          values[(i + down) * cols + j + across] += scale * part.at(i * width + j);
        }
      }
    }

    float[] rounded() {
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i];
      }
      return floats;
    }
  }
}
