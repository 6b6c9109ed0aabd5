package io.github.rankfold.compression.search;

import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.rewriting.InterpolativeLayers;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.Map;
import java.util.Optional;

/** What factors of any rank cost in the form in which they will be stored. */
final class FactorCosts {
  private final Optional<InterpolativeLayers> interpolative;
  private final Map<Layer, Integer> shifts;

  private FactorCosts(Optional<InterpolativeLayers> interpolative, Map<Layer, Integer> shifts) {
    this.interpolative = interpolative;
    this.shifts = Map.copyOf(shifts);
  }

  /** Of two plain factors everywhere. */
  static FactorCosts ofPlainFactors() {
    return new FactorCosts(Optional.empty(), Map.of());
  }

  /** Of what a model's layers get, as long as nothing is known of shifts. */
  static FactorCosts of(LiveModel model, WeightStorage storage) {
    return new FactorCosts(storage.interpolative(model), Map.of());
  }

  /**
   * The same with what truncation adds.
   *
   * @param added parameters of the vector that is added to a layer's output where it is truncated,
   *     for layers that have no bias to take it
   */
  FactorCosts withShifts(Map<Layer, Integer> added) {
    return new FactorCosts(interpolative, added);
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
        ? below
        : layer.breakEvenRank();
  }

  /** Whether a layer has fewer parameters at this rank, with what is added to its output. */
  boolean saves(Layer layer, int rank) {
    return atRank(layer, rank, Cost.PARAMETERS) + shift(layer) < layer.parameters();
  }

  /** Parameters that truncating a layer to any rank adds to its output. */
  int shift(Layer layer) {
    return shifts.getOrDefault(layer, 0);
  }
}
