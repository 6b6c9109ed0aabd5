package io.github.rankfold.compression.rewriting;

import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;

/** Puts factors in the place of kernels; the kernels go when the graph is pruned. */
public final class GraphRewriter {
  private GraphRewriter() {}

  /** The graph after these decisions, without what they make unneeded. */
  public static FlatGraph rewrite(FlatGraph graph, List<LayerDecision> decisions) {
    return rewrite(graph, decisions, FactorStorage.AS_THE_KERNEL);
  }

  /** As above, with the factors in what {@code storage} says. */
  public static FlatGraph rewrite(
      FlatGraph graph, List<LayerDecision> decisions, FactorStorage storage) {
    List<NodeDef> changed = new ArrayList<>();
    Map<String, LoopRewriter> loops = new LinkedHashMap<>();
    for (LayerDecision decision : decisions) {
      if (decision.factors().isPresent()) {
        replace(graph, decision, storage, changed, loops);
      } else if (storage.format(decision).isPresent()) {
        StoredKernel.of(graph, decision.layer(), storage.format(decision).get())
            .ifPresent(kernel -> changed.addAll(kernel.nodes()));
      }
    }
    List<FunctionDef> functions = new ArrayList<>();
    loops.values().forEach(loop -> changed.addAll(loop.rewritten(functions)));
    return graph.withFunctions(functions).with(changed);
  }

  /** Whether a variable, or constant, is still part of the graph. */
  public static boolean needs(FlatGraph graph, String variable) {
    return graph.contains(variable) || graph.variables().containsKey(variable);
  }

  private static void replace(
      FlatGraph graph,
      LayerDecision decision,
      FactorStorage storage,
      List<NodeDef> changed,
      Map<String, LoopRewriter> loops) {
    Layer layer = decision.layer();
    Factorization factors = decision.factors().orElseThrow();
    FactorNodes factorNodes = FactorNodes.of(graph, decision, storage);
    changed.addAll(factorNodes.nodes());
    Optional<ShiftNodes> shift = decision.shift().map(s -> ShiftNodes.of(graph, layer, s));
    for (KernelUse use : layer.uses()) {
      if (use.loop().isPresent()) {
        loops
            .computeIfAbsent(
                use.loop().get().node(), name -> new LoopRewriter(graph, graph.node(name)))
            .replace(use, factorNodes);
      } else {
        NodeDef product = graph.node(use.operation());
        String inner = innerName(graph, use);
        if (shift.isPresent() && shift.get().isAdded()) {
          changed.add(shift.get().addition(product));
          product = product.toBuilder().setName(ShiftNodes.unshifted(graph, product)).build();
        }
        changed.addAll(
            new ProductRewriter(
                    product,
                    inner,
                    factorNodes.left(),
                    factorNodes.core(),
                    factorNodes.right(),
                    factors.form(),
                    ProductRewriter.Interpolated.of(factors))
                .nodes(use, factorNodes));
      }
    }
    shift.ifPresent(nodes -> changed.addAll(nodes.nodes(changed)));
  }

  /** The node of the product by the left factor, [..., r]. */
  public static String innerName(FlatGraph graph, KernelUse use) {
    String name = FactorNodes.unused(graph, use.operation() + "/left");
    while (ProductRewriter.namesBeside(name).stream().anyMatch(graph::contains)) {
      name = FactorNodes.unused(graph, name + "_factor");
    }
    return name;
  }
}
