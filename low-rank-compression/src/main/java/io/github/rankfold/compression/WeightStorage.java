package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.StoredAs;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.compression.rewriting.InterpolativeLayers;
import io.github.rankfold.compression.rewriting.StoredKernel;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.List;
import java.util.Optional;

/**
 * How weights are stored. Layers that compute in half precision already stay as they are.
 *
 * @param factors of kernels that are replaced; as the kernel was where empty
 * @param kernels that are left whole; as they were where empty
 * @param interpolative whether factors that are stored as the kernel was are interpolative where
 *     they can be, see {@link Factorization#interpolative}
 */
public record WeightStorage(
    Optional<WeightFormat> factors, Optional<WeightFormat> kernels, boolean interpolative) {
  /** In these formats, by plain factors. */
  public WeightStorage(Optional<WeightFormat> factors, Optional<WeightFormat> kernels) {
    this(factors, kernels, false);
  }

  /** Everything as it was. */
  public static WeightStorage unchanged() {
    return new WeightStorage(Optional.empty(), Optional.empty());
  }

  /** The layers whose factors are interpolative, if any may be. */
  public Optional<InterpolativeLayers> interpolative(LiveModel model) {
    return interpolative && factors.isEmpty()
        ? Optional.of(new InterpolativeLayers(model))
        : Optional.empty();
  }

  /** Whether everything is stored in the format in which it was. */
  public boolean isUnchanged() {
    return factors.isEmpty() && kernels.isEmpty();
  }

  /** The plan with its factors rounded to what will be stored, and its kernels marked. */
  public CompressionPlan appliedTo(LiveModel model, CompressionPlan plan) {
    Optional<InterpolativeLayers> joined = interpolative(model);
    if (isUnchanged() && joined.isEmpty()) {
      return plan;
    }
    List<LayerDecision> decisions =
        plan.decisions().stream()
            .map(decision -> joined.map(layers -> layers.formed(decision)).orElse(decision))
            .map(this::rounded)
            .map(decision -> measured(model, decision))
            .map(decision -> wholeStored(model.flatGraph(), decision))
            .toList();
    return new CompressionPlan(plan.rule(), decisions);
  }

  /**
   * A decision whose factors, if it has some, are those that will be read from the files. What is
   * judged is then what is written.
   */
  public LayerDecision rounded(LayerDecision decision) {
    Layer layer = decision.layer();
    if (decision.factors().isEmpty() || factors.isEmpty() || !WeightFormat.isWider(layer.dtype())) {
      return decision;
    }
    WeightFormat format = factors.get();
    Factorization pair = decision.factors().get();
    String where = "layer " + layer.name();
    Factorization rounded = format.rounded(pair, where);
    long scales = (long) pair.left().cols() + pair.rank() + pair.core().map(Matrix::cols).orElse(0);
    return decision.stored(rounded, new StoredAs(format, format.hasScales() ? scales : 0));
  }

  /** With the distance to the kernel of what is stored; a core's stays that of its truncation. */
  private static LayerDecision measured(LiveModel model, LayerDecision decision) {
    Optional<Factorization> pair = decision.factors();
    if (decision.stored().isEmpty() || pair.isEmpty() || pair.get().core().isPresent()) {
      return decision;
    }
    Layer layer = decision.layer();
    Matrix kernel = pair.get().form().matrix(layer, KernelSpectra.kernel(model, layer));
    double error = kernel.minusProduct(pair.get().left(), pair.get().right()).frobeniusNorm();
    return decision.discarding(error * error);
  }

  private LayerDecision wholeStored(FlatGraph graph, LayerDecision decision) {
    if (decision.factors().isPresent() || kernels.isEmpty()) {
      return decision;
    }
    return StoredKernel.of(graph, decision.layer(), kernels.get())
        .map(kernel -> decision.storedWhole(kernel.storedAs()))
        .orElse(decision);
  }

  /** For the layers whose kernels are stored in fewer bits where they are left whole. */
  public List<StoredKernel.Saving> kept(LiveModel model) {
    return kernels.stream()
        .flatMap(
            format ->
                model.layers().stream()
                    .flatMap(
                        layer ->
                            StoredKernel.of(model.flatGraph(), layer, format).stream()
                                .map(kernel -> kernel.saving(layer))))
        .toList();
  }

  /** The bytes of factors of this rank and so many weights, with their scales. */
  public long bytes(Layer layer, long weights, int rank, int ownWidth) {
    if (factors.isEmpty() || !WeightFormat.isWider(layer.dtype())) {
      return weights * ownWidth;
    }
    return weights * factors.get().width() + scales(layer, rank) * ownWidth;
  }

  /** How many scales two factors of this rank have. */
  public long scales(Layer layer, int rank) {
    return factors.isPresent() && factors.get().hasScales() && WeightFormat.isWider(layer.dtype())
        ? 2L * rank
        : 0;
  }
}
