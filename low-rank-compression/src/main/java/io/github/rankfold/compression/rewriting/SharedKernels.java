package io.github.rankfold.compression.rewriting;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/** Kernels that something else than the layers to be factored needs too. */
public final class SharedKernels {
  /** What takes a variable's value for others, and says nothing of what they do with it. */
  private static final Set<String> HANDING_ON = Set.of("ReadVariableOp", "Identity", "Cast");

  private SharedKernels() {}

  /**
   * Keeps layers whose variable would still be needed after the rewrite, where factors would come
   * on top of the kernel. Keeping one can make another one's variable needed, hence the loop.
   */
  public static List<LayerDecision> kept(FlatGraph graph, List<LayerDecision> decisions) {
    List<LayerDecision> current = decisions;
    while (true) {
      FlatGraph rewritten = GraphRewriter.rewrite(graph, current);
      List<LayerDecision> next =
          current.stream()
              .map(
                  decision ->
                      decision.factors().isPresent()
                              && GraphRewriter.needs(rewritten, decision.layer().variable())
                          ? decision.kept(because(rewritten, decision.layer().variable()))
                          : decision)
              .toList();
      if (next.equals(current)) {
        return current;
      }
      current = next;
    }
  }

  /**
   * The layers among these that factors of no rank can replace, as something else needs their
   * variable too, with the reason.
   */
  public static Map<Layer, String> among(FlatGraph graph, Map<Layer, Spectrum> layers) {
    List<LayerDecision> decisions =
        layers.entrySet().stream()
            .map(
                entry -> {
                  Layer layer = entry.getKey();
                  Factorization any = // what is needed depends on the nodes alone
                      new Factorization(
                          Matrix.zeros(layer.rows(), 1), Matrix.zeros(1, layer.cols()));
                  return LayerDecision.factored(layer, entry.getValue(), any);
                })
            .toList();
    Map<Layer, String> shared = new LinkedHashMap<>();
    for (LayerDecision decision : kept(graph, decisions)) {
      decision.keptBecause().ifPresent(because -> shared.put(decision.layer(), because));
    }
    return shared;
  }

  private static String because(FlatGraph graph, String variable) {
    List<NodeDef> users = users(graph, variable);
    if (users.isEmpty()) {
      return "its variable is also used in another way";
    }
    Set<String> keys = graph.signaturesOf(users.stream().map(NodeDef::getName).toList());
    return "%s (%s) uses its variable too%s"
        .formatted(
            users.get(0).getName(),
            users.get(0).getOp(),
            // Where other signatures would do without.
            keys.containsAll(graph.signatures().keySet())
                ? ""
                : ", for signature " + String.join(", ", keys));
  }

  /** The nodes that do more with a variable's value than to hand it on, the nearest first. */
  private static List<NodeDef> users(FlatGraph graph, String variable) {
    List<NodeDef> users = new ArrayList<>();
    Deque<String> waiting = new ArrayDeque<>();
    if (graph.contains(variable)) { // a constant goes by its node's name
      waiting.add(variable);
    }
    graph.handles(variable).stream()
        .map(NodeDef::getName)
        .filter(name -> !waiting.contains(name))
        .forEach(waiting::add);
    Set<String> seen = new HashSet<>(waiting);
    while (!waiting.isEmpty()) {
      for (String taker : graph.consumers().getOrDefault(waiting.remove(), Set.of())) {
        NodeDef node = graph.node(taker);
        if (!seen.add(taker)) {
          continue;
        }
        if (HANDING_ON.contains(node.getOp())) {
          waiting.add(taker);
        } else {
          users.add(node);
        }
      }
    }
    return users;
  }
}
