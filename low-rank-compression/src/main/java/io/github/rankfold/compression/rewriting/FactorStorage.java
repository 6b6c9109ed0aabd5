package io.github.rankfold.compression.rewriting;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.StoredAs;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.Optional;

/** What holds the factors of a rewritten graph. */
public enum FactorStorage {
  /**
   * What the decision says; where it says nothing, a variable where the kernel was one, a constant
   * where it was one.
   */
  AS_THE_KERNEL,

  /** Variables of the layer's own type that can be assigned again, for trials. */
  VARIABLES;

  /** The format of fewer bits that a decision's factors are stored in, if any. */
  Optional<WeightFormat> format(LayerDecision decision) {
    return this == VARIABLES ? Optional.empty() : decision.stored().map(StoredAs::format);
  }

  boolean isVariable(FlatGraph graph, Layer layer) {
    return this == VARIABLES || graph.variables().containsKey(layer.variable());
  }
}
