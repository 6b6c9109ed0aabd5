package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.SharedKernels;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The kernels of a model with their singular vectors, computed once: a plan for any ranks costs no
 * other SVD. Convolutions are split by channel.
 */
public final class RankedKernels {
  private final LiveModel model;
  private final LayerSelection selection;
  private final Map<Layer, Matrix> kernels = new LinkedHashMap<>();
  private final Map<Layer, Svd> svds = new LinkedHashMap<>();

  private RankedKernels(LiveModel model, LayerSelection selection) {
    this.model = model;
    this.selection = selection;
  }

  /**
   * Decomposes all kernels of a model, which its caller closes after the last plan.
   *
   * @param selection which layers ranks may be given for; the others are kept
   * @param beforeEach told of each layer before its SVD, which is what takes time
   */
  public static RankedKernels of(
      LiveModel model, LayerSelection selection, Consumer<Layer> beforeEach) {
    selection.requireMatches(model.layers());
    RankedKernels ranked = new RankedKernels(model, selection);
    for (Layer layer : model.layers()) {
      beforeEach.accept(layer);
      Matrix kernel = KernelSpectra.kernel(model, layer);
      ranked.kernels.put(layer, kernel);
      ranked.svds.put(layer, Svd.of(kernel, KernelSpectra.precision(layer)));
    }
    return ranked;
  }

  /** The layers that ranks may be given for. */
  public List<Layer> layers() {
    return kernels.keySet().stream().filter(selection::selects).toList();
  }

  public Svd svd(Layer layer) {
    return Objects.requireNonNull(svds.get(layer));
  }

  /**
   * A plan with these ranks; a layer without one, or with one that saves nothing, is kept.
   *
   * @param rule what chose the ranks, as the command line writes it
   */
  public CompressionPlan plan(String rule, Map<Layer, Integer> ranks) {
    return plan(rule, ranks, Map.of());
  }

  /**
   * As above.
   *
   * @param without why a layer has no rank, for those of which it is known
   */
  CompressionPlan plan(String rule, Map<Layer, Integer> ranks, Map<Layer, String> without) {
    List<LayerDecision> decisions =
        kernels.keySet().stream()
            .map(layer -> decide(layer, Optional.ofNullable(ranks.get(layer))))
            .map(
                decision -> {
                  String because = without.get(decision.layer());
                  return because == null ? decision : decision.kept(because);
                })
            .toList();
    return new CompressionPlan(rule, SharedKernels.kept(model.flatGraph(), decisions));
  }

  private LayerDecision decide(Layer layer, Optional<Integer> wanted) {
    Svd svd = svd(layer);
    if (!selection.selects(layer)) {
      return LayerDecision.kept(layer, svd.spectrum(), layer.fullRank(), "not selected");
    }
    int rank = wanted.orElse(layer.fullRank());
    if (rank > layer.breakEvenRank()) {
      return LayerDecision.savingNothing(layer, svd.spectrum(), rank, layer.breakEvenRank());
    }
    Matrix kernel = Objects.requireNonNull(kernels.get(layer));
    return LayerDecision.factored(layer, svd.spectrum(), Factorization.of(kernel, svd, rank));
  }
}
