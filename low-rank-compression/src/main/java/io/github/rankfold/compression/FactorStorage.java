package io.github.rankfold.compression;

import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.savedmodel.FlatGraph;

/** What holds the factors of a rewritten graph. */
enum FactorStorage {
  /** A variable where the kernel was one, a constant where it was one. */
  AS_THE_KERNEL,

  /** Variables that can be assigned again, for trials. */
  VARIABLES;

  boolean isVariable(FlatGraph graph, Layer layer) {
    return this == VARIABLES || graph.variables().containsKey(layer.variable());
  }
}
