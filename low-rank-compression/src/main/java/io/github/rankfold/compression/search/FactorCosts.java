package io.github.rankfold.compression.search;

import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.rewriting.InterpolativeLayers;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.Optional;

/**
 * What kernels cost, and factors of any rank in the form in which they will be stored; in the type
 * in which the layer takes them.
 */
final class FactorCosts {
  private final Optional<InterpolativeLayers> interpolative;

  private FactorCosts(Optional<InterpolativeLayers> interpolative) {
    this.interpolative = interpolative;
  }

  /** Of two plain factors everywhere. */
  static FactorCosts ofPlainFactors() {
    return new FactorCosts(Optional.empty());
  }

  /** Of what a model's layers get. */
  static FactorCosts of(LiveModel model, WeightStorage storage) {
    return new FactorCosts(storage.interpolative(model));
  }

  long whole(Layer layer, Cost cost) {
    return cost.whole(layer);
  }

  long atRank(Layer layer, int rank, Cost cost) {
    boolean joined = interpolative.filter(layers -> layers.include(layer, rank)).isPresent();
    long identity = joined ? cost.ofWeights(layer, (long) rank * rank) : 0;
    return cost.atRank(layer, rank) - identity;
  }

  /** The largest rank at which factors have fewer parameters than the kernel; may be 0. */
  int largestRank(Layer layer) {
    int below = layer.fullRank() - 1;
    return interpolative.filter(layers -> layers.include(layer, below)).isPresent()
        ? Math.max(below, layer.breakEvenRank())
        : layer.breakEvenRank();
  }
}
