package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What may be tried: ranks, and what is done to the factors.
 *
 * @param ranks of the layers that are truncated
 * @param refinement after truncation
 */
record Candidate(Map<Layer, Integer> ranks, Refinement refinement) {
  /** Nothing truncated. */
  static final Candidate WHOLE = new Candidate(Map.of(), Refinement.NONE);

  Candidate {
    ranks = new LinkedHashMap<>(ranks);
  }

  boolean isWhole() {
    return ranks.isEmpty();
  }

  /** In words: {@code fitted dense=20 dense_1=10}. */
  String text() {
    return RankPath.plan(ranks, refinement);
  }
}
