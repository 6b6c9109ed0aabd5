package io.github.rankfold.cli.forecast;

import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.L2Penalty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network of which each hidden layer is a few groups of equal neurons, trained as the network
 * with one neuron for each group.
 *
 * <p>Let layer l have m_l neurons in h_l groups of {@code r_l = m_l / h_l} (r = 1 for the input and
 * the logits), and let the narrow network with kernels V_l [h_{l-1} x h_l] compute what one neuron
 * of each group does. The wide network's kernel then is {@code W_l = V_l x 1/r_{l-1}}, x the
 * Kronecker product with the constant [r_{l-1} x r_l] block: the same outputs, and
 *
 * <pre>s_i(W_l) = sqrt(r_l / r_{l-1}) s_i(V_l),    ||W_l||_F^2 = (r_l / r_{l-1}) ||V_l||_F^2.</pre>
 *
 * So with {@code lambda r_l / r_{l-1}} in place of lambda (and {@code lambda r_l} for a penalized
 * bias) both have the same objective, whatever the activation. Equal neurons have equal gradients,
 * so that a critical point of the narrow network is one of the wide network too. Nothing is lost
 * where the wide network would not use more than h_l different neurons, and deep collapse says that
 * beyond the first hidden layer it uses few. With an r that is no whole number the objective is
 * only in between those of two such networks.
 *
 * @param wide the network that is forecast
 * @param narrow the network that is trained
 */
record NarrowNetwork(NetworkSpec wide, NetworkSpec narrow) {
  /**
   * With at most {@code width} neurons in each hidden layer after the first, which sees the data
   * and keeps its own. Residual layers keep theirs too: they would no longer add their input.
   *
   * @param inputs of the narrow network: the wide one's, or coordinates of {@link PrincipalInputs}
   */
  static NarrowNetwork of(NetworkSpec wide, int width, int inputs) {
    List<Integer> hidden = new ArrayList<>(wide.hidden());
    for (int l = 1; l < hidden.size() && !wide.residual(); l++) {
      hidden.set(l, Math.min(hidden.get(l), width));
    }
    return new NarrowNetwork(wide, with(wide, inputs, hidden));
  }

  private static NetworkSpec with(NetworkSpec spec, int inputs, List<Integer> hidden) {
    return new NetworkSpec(
        inputs,
        hidden,
        spec.classes(),
        spec.activation(),
        spec.residual(),
        spec.bias(),
        spec.initializer());
  }

  /** The share of the wide network's parameters, and so of its cost for one sample. */
  double share() {
    return (double) narrow.parameters() / wide.parameters();
  }

  /** The penalty that the narrow network is trained with, for one of the wide network. */
  L2Penalty penalty(L2Penalty ofWide) {
    Map<String, Double> factors = new LinkedHashMap<>();
    for (int l = 0; l < wide.layers().size(); l++) {
      DenseLayer layer = narrow.layers().get(l);
      factors.put(layer.kernelName(), energy(l));
      factors.put(layer.biasName(), neurons(l));
    }
    return ofWide.withFactors(factors);
  }

  /** The singular values of the wide network's kernels, by layer. */
  Map<String, Spectrum> spectra(NetworkWeights weights) {
    Map<String, Spectrum> spectra = new LinkedHashMap<>();
    for (int l = 0; l < wide.layers().size(); l++) {
      DenseLayer layer = wide.layers().get(l);
      Spectrum found =
          Spectrum.of(ForecastStage.kernel(weights, narrow.layers().get(l)), Precision.FLOAT32);
      double[] values = Arrays.copyOf(found.toArray(), Math.min(layer.inputs(), layer.outputs()));
      for (int i = 0; i < values.length; i++) {
        values[i] *= Math.sqrt(energy(l));
      }
      spectra.put(layer.name(), Spectrum.ofValues(layer.inputs(), layer.outputs(), values));
    }
    return spectra;
  }

  /** {@code r_l / r_{l-1}}. */
  private double energy(int l) {
    return neurons(l) / (l == 0 ? 1 : neurons(l - 1));
  }

  /** {@code r_l}. */
  private double neurons(int l) {
    return (double) wide.layers().get(l).outputs() / narrow.layers().get(l).outputs();
  }
}
