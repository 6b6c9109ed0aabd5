package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** Decides, layer by layer, what a rule does to a model. Writes nothing. */
public final class CompressionPlanner {
  private CompressionPlanner() {}

  /** A plan for all layers. */
  public static CompressionPlan plan(LiveModel model, RankRule rule) {
    return plan(model, rule, LayerSelection.all(), layer -> {});
  }

  /**
   * A plan for the selected layers; the others are kept.
   *
   * @param beforeEach told of each layer before its SVD, which is what takes time
   */
  public static CompressionPlan plan(
      LiveModel model, RankRule rule, LayerSelection selection, Consumer<Layer> beforeEach) {
    List<Layer> layers = model.layers();
    selection.requireMatches(layers);
    requireRankWithin(rule, layers, model);
    List<LayerDecision> decisions = new ArrayList<>();
    for (Layer layer : layers) {
      beforeEach.accept(layer);
      decisions.add(decide(model, layer, rule, selection));
    }
    return new CompressionPlan(rule, withoutSharedKernels(model.flatGraph(), decisions));
  }

  /** A fixed rank above every layer's full rank would do nothing, and is a mistake. */
  private static void requireRankWithin(RankRule rule, List<Layer> layers, LiveModel model) {
    if (rule instanceof RankRule.Fixed fixed) {
      Layer largest =
          layers.stream()
              .max(Comparator.comparingInt(Layer::fullRank))
              .orElseThrow(
                  () ->
                      new InvalidInputException(
                          model.files().folder() + ": expected a layer to compress, found none"));
      if (fixed.rank() > largest.fullRank()) {
        throw new InvalidInputException(
            "rule %s: expected a rank of at most %d (layer %s, %dx%d), found %d"
                .formatted(
                    rule.text(),
                    largest.fullRank(),
                    largest.name(),
                    largest.rows(),
                    largest.cols(),
                    fixed.rank()));
      }
    }
  }

  private static LayerDecision decide(
      LiveModel model, Layer layer, RankRule rule, LayerSelection selection) {
    Matrix kernel = KernelSpectra.kernel(model, layer);
    Svd svd = Svd.of(kernel, KernelSpectra.precision(layer));
    if (!selection.selects(layer)) {
      return LayerDecision.kept(layer, svd.spectrum(), layer.fullRank(), "not selected");
    }
    int rank = rule.rankFor(svd.spectrum());
    if (layer.parametersAtRank(rank) >= layer.parameters()) {
      String because =
          "rank %d saves nothing, %d or less would".formatted(rank, layer.breakEvenRank());
      return LayerDecision.kept(layer, svd.spectrum(), rank, because);
    }
    return LayerDecision.factored(layer, svd.spectrum(), Factorization.of(kernel, svd, rank));
  }

  /**
   * Keeps layers whose variable would still be needed after the rewrite, where factors would come
   * on top of the kernel. Keeping one can make another one's variable needed, hence the loop.
   */
  private static List<LayerDecision> withoutSharedKernels(
      FlatGraph graph, List<LayerDecision> decisions) {
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
