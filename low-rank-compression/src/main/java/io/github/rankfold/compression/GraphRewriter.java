package io.github.rankfold.compression;

import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;

/** Puts factors in the place of kernels; the kernels go when the graph is pruned. */
final class GraphRewriter {
  private GraphRewriter() {}

  /** The graph after these decisions, without what they make unneeded. */
  static FlatGraph rewrite(FlatGraph graph, List<LayerDecision> decisions) {
    List<NodeDef> changed = new ArrayList<>();
    Map<String, LoopRewriter> loops = new LinkedHashMap<>();
    for (LayerDecision decision : decisions) {
      decision
          .factors()
          .ifPresent(factors -> replace(graph, decision.layer(), factors, changed, loops));
    }
    List<FunctionDef> functions = new ArrayList<>();
    loops.values().forEach(loop -> changed.add(loop.rewritten(functions)));
    return graph.withFunctions(functions).with(changed);
  }

  /** Whether a variable, or constant, is still part of the graph. */
  static boolean needs(FlatGraph graph, String variable) {
    return graph.contains(variable) || graph.variables().containsKey(variable);
  }

  private static void replace(
      FlatGraph graph,
      Layer layer,
      Factorization factors,
      List<NodeDef> changed,
      Map<String, LoopRewriter> loops) {
    FactorNodes factorNodes = FactorNodes.of(graph, layer, factors);
    changed.addAll(factorNodes.nodes());
    for (KernelUse use : layer.uses()) {
      if (use.loop().isPresent()) {
        loops
            .computeIfAbsent(
                use.loop().get().node(), name -> new LoopRewriter(graph, graph.node(name)))
            .replace(use, factorNodes);
      } else {
        NodeDef product = graph.node(use.operation());
        String inner = FactorNodes.unused(graph, product.getName() + "/left");
        changed.addAll(
            new ProductRewriter(
                    product,
                    inner,
                    factorNodes.left(),
                    factorNodes.core(),
                    factorNodes.right(),
                    factors.form())
                .nodes(use, factorNodes.leftHandle()));
      }
    }
  }
}
