package io.github.rankfold.compression.rewriting;

import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.models.layers.EinsumEquation;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * Layers whose first product can be part of what they give: the columns of the kernel are one axis
 * of the output, as it is in products of dense layers and convolutions outside of loops.
 */
public final class InterpolativeLayers {
  /** Below this share of what is saved the operation that joins two products is not worth it. */
  private static final double LEAST_SAVING = 0.05;

  /**
   * Of the entries of T, see {@link Factorization#interpolative}. With layers of more than that
   * left plain, ResNet50's probabilities at fraction:0.8 were 5e-6 apart between TensorFlow and
   * TFLite, with a limit of 100 2e-4 and with one of 10 4e-6.
   */
  private static final double LARGEST_ENTRY = 30;

  private final FlatGraph graph;
  private final BiasFinder biases;
  private final Map<Layer, Boolean> included = new ConcurrentHashMap<>();

  public InterpolativeLayers(LiveModel model) {
    this.graph = model.flatGraph();
    this.biases = new BiasFinder(model);
  }

  /** Whether a layer's factors may take this form. */
  public boolean include(Layer layer) {
    return included.computeIfAbsent(layer, this::find);
  }

  private boolean find(Layer layer) {
    boolean full = layer.dtype() == DataType.DT_FLOAT || layer.dtype() == DataType.DT_DOUBLE;
    return full
        && layer.uses().get(0).view().columnShape().size() == 1
        && biases.canShift(layer) // the columns are the last axis of what it gives, or its channels
        && layer.uses().stream().allMatch(this::keepsOrder);
  }

  private boolean keepsOrder(KernelUse use) {
    NodeDef node = graph.node(use.operation());
    if (!node.getOp().equals("Einsum")) {
      return true;
    }
    boolean weightFirst = TensorRef.parse(node.getInput(0)).equals(use.kernel());
    EinsumEquation equation = EinsumEquation.of(node, weightFirst);
    return equation.output().equals(equation.dataKept() + equation.kept());
  }

  /** Whether a layer's factors of this rank would take this form: it is possible and worth it. */
  public boolean include(Layer layer, int rank) {
    double share = (double) rank / (layer.rows() + layer.cols()); // r^2 of r (m + n)
    return rank < layer.fullRank()
        && (share >= LEAST_SAVING || rank > layer.breakEvenRank())
        && include(layer);
  }

  /** The decision with its factors in this form, if {@link #include} says so. */
  public LayerDecision formed(LayerDecision decision) {
    Layer layer = decision.layer();
    return decision
        .factors()
        .filter(pair -> pair.form() == ConvolutionForm.CHANNEL && !pair.isInterpolative())
        .filter(pair -> decision.stored().isEmpty() && include(layer, pair.rank()))
        .map(pair -> pair.interpolative(LARGEST_ENTRY, KernelSpectra.precision(layer)))
        .map(decision::factoredAs)
        .orElse(decision);
  }
}
