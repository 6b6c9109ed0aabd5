package io.github.rankfold.compression;

import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Tensor;

/** The values of the variables that a rewrite adds. */
final class FactorValues {
  private FactorValues() {}

  /** By variable name; the caller closes them. Factors that are constants are in the graph. */
  static Map<String, Tensor> of(
      FlatGraph graph, List<LayerDecision> decisions, FactorStorage storage) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (LayerDecision decision : decisions) {
      Layer layer = decision.layer();
      if (decision.factors().isPresent()) {
        Factorization pair = decision.factors().get();
        if (storage.isVariable(graph, layer)) {
          for (FactorTensor factor : FactorNodes.tensors(graph, layer, pair)) {
            values.put(factor.name(), factor.tensor(layer.dtype()));
          }
        }
      }
      decision
          .shift()
          .map(shift -> ShiftNodes.of(graph, layer, shift))
          .ifPresent(
              nodes -> values.put(nodes.value().name(), nodes.value().tensor(nodes.dtype())));
    }
    return values;
  }
}
