package io.github.rankfold.compression.rewriting;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.List;

/** Kernels that something else than the layers to be factored needs too. */
public final class SharedKernels {
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
                          ? decision.kept("its variable is also used in another way")
                          : decision)
              .toList();
      if (next.equals(current)) {
        return current;
      }
      current = next;
    }
  }
}
