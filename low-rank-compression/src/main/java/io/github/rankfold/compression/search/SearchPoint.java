package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ranks that were tried.
 *
 * @param ranks of the layers that are truncated
 * @param reconstructed whether the factors were fitted to the original's activations afterwards
 * @param size of the whole model
 * @param drop how much worse it was
 */
public record SearchPoint(
    Map<Layer, Integer> ranks, boolean reconstructed, PlannedSize size, Drop drop) {
  public SearchPoint {
    ranks = new LinkedHashMap<>(ranks);
  }
}
