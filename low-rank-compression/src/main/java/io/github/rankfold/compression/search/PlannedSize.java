package io.github.rankfold.compression.search;

import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.rewriting.StoredKernel;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import java.util.List;
import java.util.Map;

/**
 * The size of a whole model at some ranks.
 *
 * @param parameters all of them
 * @param bytes of all weights
 * @param multiplyAdds of all layers, for one input
 */
public record PlannedSize(long parameters, long bytes, long multiplyAdds) {
  private static final ModelSize NOTHING = new ModelSize(0, 0);

  /** As it is. */
  static PlannedSize of(LiveModel model) {
    ModelSize size = model.size();
    return new PlannedSize(
        size.parameters(),
        size.bytes(),
        model.layers().stream().mapToLong(Layer::multiplyAdds).sum());
  }

  /** A model's sizes at any ranks, where weights are stored in some way. */
  static final class Of {
    private final PlannedSize whole;
    private final WeightStorage storage;
    private final List<StoredKernel.Saving> kept;
    private final FactorCosts costs;
    private final Map<Layer, ModelSize> leaving;

    Of(LiveModel model, WeightStorage storage, FactorCosts costs) {
      this(PlannedSize.of(model), storage, storage.kept(model), costs, LeavingWeights.of(model));
    }

    Of(
        PlannedSize whole,
        WeightStorage storage,
        List<StoredKernel.Saving> kept,
        FactorCosts costs,
        Map<Layer, ModelSize> leaving) {
      this.whole = whole;
      this.storage = storage;
      this.kept = kept;
      this.costs = costs;
      this.leaving = Map.copyOf(leaving);
    }

    /** What its layers cost at any ranks. */
    FactorCosts costs() {
      return costs;
    }

    /** As the model is. */
    PlannedSize whole() {
      return whole;
    }

    /** With these layers at these ranks, and all weights stored as they will be. */
    PlannedSize at(Map<Layer, Integer> ranks) {
      long parameters = whole.parameters() - saved(ranks, Cost.PARAMETERS);
      long bytes = whole.bytes();
      for (Map.Entry<Layer, Integer> entry : ranks.entrySet()) {
        Layer layer = entry.getKey();
        int rank = entry.getValue();
        int shift = costs.shift(layer);
        parameters += storage.scales(layer, rank) + shift;
        bytes += (long) shift * ModelSize.widthOf(layer.dtype());
        ModelSize more = leaving.getOrDefault(layer, NOTHING);
        parameters -= more.parameters();
        bytes -= Cost.BYTES.whole(layer) + more.bytes();
        long weights = costs.atRank(layer, rank, Cost.PARAMETERS);
        bytes += storage.bytes(layer, weights, rank, ModelSize.widthOf(layer.dtype()));
      }
      for (StoredKernel.Saving saving : kept) {
        if (!ranks.containsKey(saving.layer())) {
          parameters += saving.scales();
          bytes -= saving.bytes();
        }
      }
      return new PlannedSize(
          parameters, bytes, whole.multiplyAdds() - saved(ranks, Cost.MULTIPLY_ADDS));
    }

    /** All parameters with these layers at these ranks. */
    long parameters(Map<Layer, Integer> ranks) {
      return at(ranks).parameters();
    }

    /** Whether the model is as small at these ranks as the budget wants it. */
    boolean areWithin(Budget budget, Map<Layer, Integer> ranks) {
      return budget.allows(whole, at(ranks));
    }

    private long saved(Map<Layer, Integer> ranks, Cost cost) {
      return ranks.entrySet().stream()
          .mapToLong(
              entry ->
                  cost.whole(entry.getKey()) - costs.atRank(entry.getKey(), entry.getValue(), cost))
          .sum();
    }
  }
}
