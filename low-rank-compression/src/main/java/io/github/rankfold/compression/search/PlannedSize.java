package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import java.util.Map;

/**
 * The size of a whole model at some ranks.
 *
 * @param parameters all of them
 * @param bytes of all weights
 * @param multiplyAdds of all layers, for one input
 */
public record PlannedSize(long parameters, long bytes, long multiplyAdds) {
  static PlannedSize of(LiveModel model) {
    ModelSize size = model.size();
    return new PlannedSize(
        size.parameters(),
        size.bytes(),
        model.layers().stream().mapToLong(Layer::multiplyAdds).sum());
  }

  /** With these layers at these ranks. */
  PlannedSize at(Map<Layer, Integer> ranks) {
    return new PlannedSize(
        parameters - saved(ranks, Cost.PARAMETERS),
        bytes - saved(ranks, Cost.BYTES),
        multiplyAdds - saved(ranks, Cost.MULTIPLY_ADDS));
  }

  private static long saved(Map<Layer, Integer> ranks, Cost cost) {
    return ranks.entrySet().stream()
        .mapToLong(
            entry -> cost.whole(entry.getKey()) - cost.atRank(entry.getKey(), entry.getValue()))
        .sum();
  }
}
