package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;

/** Told how a search goes on. */
public interface SearchListener {
  /** A part of the search begins. */
  default void stage(String name) {}

  /** A layer is being decomposed. */
  default void layer(Layer layer) {}

  /** Ranks were tried. */
  default void tried(SearchPoint point) {}
}
