package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ranks that were tried.
 *
 * @param ranks of the layers that are truncated
 * @param refinement what was done to the truncated factors
 * @param size of the whole model
 * @param drop how much worse it was
 */
public record SearchPoint(
    Map<Layer, Integer> ranks, Refinement refinement, PlannedSize size, Drop drop) {
  public SearchPoint {
    ranks = new LinkedHashMap<>(ranks);
  }
}
