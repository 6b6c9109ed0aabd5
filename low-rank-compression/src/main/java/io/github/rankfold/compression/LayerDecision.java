package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.models.layers.Layer;
import java.util.Optional;

/**
 * What is done with one layer: factors in its place, or nothing and why.
 *
 * @param layer the layer
 * @param spectrum all its singular values
 * @param chosenRank what the rule asked for
 * @param factors present where the kernel is replaced
 * @param keptBecause present where it is not
 */
public record LayerDecision(
    Layer layer,
    Spectrum spectrum,
    int chosenRank,
    Optional<Factorization> factors,
    Optional<String> keptBecause) {
  public LayerDecision {
    if (factors.isPresent() == keptBecause.isPresent()) {
      throw new IllegalArgumentException(
          "layer %s: expected either factors or a reason to keep it".formatted(layer.name()));
    }
  }

  static LayerDecision factored(Layer layer, Spectrum spectrum, Factorization factors) {
    return new LayerDecision(
        layer, spectrum, factors.rank(), Optional.of(factors), Optional.empty());
  }

  static LayerDecision kept(Layer layer, Spectrum spectrum, int chosenRank, String because) {
    return new LayerDecision(layer, spectrum, chosenRank, Optional.empty(), Optional.of(because));
  }

  LayerDecision kept(String because) {
    return kept(layer, spectrum, chosenRank, because);
  }

  /** The rank after the decision: the factors', or the full one. */
  public int rank() {
    return factors.map(Factorization::rank).orElse(layer.fullRank());
  }

  public long parametersAfter() {
    return factors.map(Factorization::parameters).orElse(layer.parameters());
  }

  public long multiplyAddsAfter() {
    return factors.map(pair -> layer.multiplyAddsAtRank(pair.rank())).orElse(layer.multiplyAdds());
  }

  /** {@code sum_{i>r} s_i^2}, the squared Frobenius norm of what is removed; 0 where kept. */
  public double discardedEnergy() {
    return factors.isPresent() ? spectrum.tailEnergy(rank()) : 0;
  }
}
