package io.github.rankfold.compression.trials;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.probe.BatchSize;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.OutputShift;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.rewriting.BiasFinder;
import io.github.rankfold.compression.rewriting.FactorStorage;
import io.github.rankfold.compression.rewriting.FactorValues;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.compression.rewriting.SharedKernels;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Output;
import org.tensorflow.Tensor;

/**
 * A model with all its kernels as two factors of full rank, in which ranks are tried by assigning:
 * a factor whose last columns are zero is one of lower rank, so that a trial builds nothing.
 *
 * <p>Whoever makes it closes it, which frees the factors.
 */
public final class TrialGraph implements AutoCloseable {
  private final LiveModel model;
  private final FlatGraph graph;
  private final Map<Layer, KernelApproximations> approximations = new LinkedHashMap<>();
  private final Map<Layer, LayerDecision> full = new LinkedHashMap<>();
  private final Map<Layer, String> shared = new LinkedHashMap<>();

  /** What stands for a kernel that is not truncated. */
  private final Map<Layer, LayerDecision> whole = new LinkedHashMap<>();

  private final Map<Layer, LayerDecision> current = new HashMap<>();
  private final PlannedGraph planned;
  private final int batch;

  /**
   * Builds the graph, at full rank.
   *
   * @param all of each layer that may be factored; those whose kernel would still be needed are
   *     left out
   */
  public TrialGraph(LiveModel model, List<KernelApproximations> all, LabeledData data) {
    this(model, all, data, Optional.empty());
  }

  /**
   * As above, with kernels that are not truncated as they will be read from the files.
   *
   * @param kernels in what they are stored; as they are where empty
   */
  public TrialGraph(
      LiveModel model,
      List<KernelApproximations> all,
      LabeledData data,
      Optional<WeightFormat> kernels) {
    this.model = model;
    this.graph = model.flatGraph();
    BiasFinder biases = new BiasFinder(model);
    List<LayerDecision> decisions = new ArrayList<>();
    for (KernelApproximations one : all) {
      LayerDecision factored = one.decision(one.spectrum().size());
      decisions.add(
          biases.canShift(one.layer())
              ? factored.shifted(OutputShift.ofItsOwn(Matrix.zeros(1, one.layer().cols())))
              : factored);
    }
    for (LayerDecision decision : SharedKernels.kept(graph, decisions)) {
      if (decision.factors().isPresent()) {
        full.put(decision.layer(), decision);
      } else {
        decision.keptBecause().ifPresent(because -> shared.put(decision.layer(), because));
      }
    }
    for (KernelApproximations one : all) {
      if (full.containsKey(one.layer())) {
        approximations.put(one.layer(), one);
      }
    }
    current.putAll(full);
    List<LayerDecision> tried = List.copyOf(full.values());
    WholeKernels stored = new WholeKernels(model, kernels);
    whole.putAll(full);
    stored
        .factors(full.keySet())
        .forEach((layer, pair) -> whole.computeIfPresent(layer, (l, as) -> replaced(as, pair)));
    FlatGraph rewritten =
        stored.storedIn(
            GraphRewriter.rewrite(graph, tried, FactorStorage.VARIABLES), full.keySet());
    Map<String, Tensor> values = FactorValues.of(graph, tried, FactorStorage.VARIABLES);
    try {
      values.putAll(stored.values(full.keySet()));
      this.planned = new PlannedGraph(model, rewritten, values);
    } finally {
      values.values().forEach(Tensor::close);
    }
    this.batch = BatchSize.of(full.keySet(), data);
  }

  private static LayerDecision replaced(LayerDecision decision, Factorization factors) {
    LayerDecision replaced =
        LayerDecision.factored(decision.layer(), decision.spectrum(), factors, 0);
    return decision.shift().map(replaced::shifted).orElse(replaced);
  }

  /** The approximations of a layer as a trial graph wants them: centred where it can shift. */
  public static KernelApproximations approximations(
      LiveModel model, Layer layer, KernelMoments moments, Weighting weighting) {
    boolean centred = new BiasFinder(model).canShift(layer);
    return KernelApproximations.of(
        layer, KernelSpectra.kernel(model, layer), moments, weighting, centred);
  }

  /** The model that is tried. */
  public LiveModel model() {
    return model;
  }

  /** The approximations of the layers that this graph can truncate. */
  public Map<Layer, KernelApproximations> approximations() {
    return Map.copyOf(approximations);
  }

  /** The layers that this graph can truncate, in the order in which data meets them. */
  public List<Layer> layers() {
    return List.copyOf(full.keySet());
  }

  /** Why the graph has no factors of a layer that it was to have; empty for others. */
  public Optional<String> sharedBecause(Layer layer) {
    return Optional.ofNullable(shared.get(layer));
  }

  /** Whether the output of a layer is shifted by what its factors take from the mean. */
  public boolean shifts(Layer layer) {
    return full.containsKey(layer) && full.get(layer).shift().isPresent();
  }

  /** What those shifts add to the model's parameters where no bias can take them. */
  public Map<Layer, Integer> shiftParameters() {
    BiasFinder biases = new BiasFinder(model);
    Map<Layer, Integer> added = new LinkedHashMap<>();
    for (Layer layer : layers()) {
      if (shifts(layer)) {
        added.put(layer, biases.hasBias(layer) ? 0 : layer.cols());
      }
    }
    return added;
  }

  /** Truncates these layers to their ranks, with the mean given back; the others are whole. */
  public void truncate(Map<Layer, Integer> ranks) {
    Map<Layer, LayerDecision> wanted = new LinkedHashMap<>();
    ranks.forEach((layer, rank) -> wanted.put(layer, truncated(layer, rank)));
    assign(wanted);
  }

  /** What truncating one layer to a rank does to it. */
  public LayerDecision truncated(Layer layer, int rank) {
    KernelApproximations one = approximations.get(layer);
    if (one == null) {
      throw new IllegalArgumentException("layer " + layer.name() + " is not part of this graph");
    }
    LayerDecision decision = one.decision(rank);
    Optional<Matrix> lost = one.lostMean(decision.factors().orElseThrow());
    return shifts(layer) && lost.isPresent()
        ? decision.shifted(OutputShift.ofItsOwn(lost.get()))
        : decision;
  }

  /** The decision for factors that are known already, such as those of an earlier search. */
  public LayerDecision known(Layer layer, Factorization factors, Optional<Matrix> shift) {
    LayerDecision decision = truncated(layer, 1);
    LayerDecision replaced =
        LayerDecision.factored(layer, decision.spectrum(), factors, decision.discardedEnergy());
    return measured(shift.map(s -> replaced.shifted(OutputShift.ofItsOwn(s))).orElse(replaced));
  }

  /** A decision with how much its factors take away from the kernel. */
  public LayerDecision measured(LayerDecision decision) {
    KernelApproximations one = approximations.get(decision.layer());
    if (one == null || decision.factors().isEmpty()) {
      return decision;
    }
    LayerDecision measured = one.decision(decision.factors().get());
    return decision.shift().map(measured::shifted).orElse(measured);
  }

  /**
   * Puts these factors and shifts in place; layers that are left out are whole. Before the first
   * assignment each layer has its approximations at full rank.
   */
  public void assign(Map<Layer, LayerDecision> decisions) {
    List<LayerDecision> changed = new ArrayList<>();
    for (Map.Entry<Layer, LayerDecision> entry : whole.entrySet()) {
      Layer layer = entry.getKey();
      LayerDecision wanted = decisions.getOrDefault(layer, entry.getValue());
      if (!wanted.equals(current.get(layer))) {
        changed.add(padded(wanted));
        current.put(layer, wanted);
      }
    }
    Map<String, Tensor> values = FactorValues.of(graph, changed, FactorStorage.VARIABLES);
    try {
      planned.assign(values);
    } finally {
      values.values().forEach(Tensor::close);
    }
  }

  /** With columns and rows of zeros up to the full rank, and a shift where the graph has one. */
  private LayerDecision padded(LayerDecision decision) {
    Layer layer = decision.layer();
    LayerDecision most = full.getOrDefault(layer, decision);
    int rank = most.rank();
    Factorization factors = decision.factors().orElseThrow();
    LayerDecision padded =
        LayerDecision.factored(
            layer,
            decision.spectrum(),
            new Factorization(
                factors.left().transpose().paddedRows(rank).transpose(),
                factors.right().paddedRows(rank)));
    return most.shift().map(zero -> padded.shifted(decision.shift().orElse(zero))).orElse(padded);
  }

  /** A tensor of the trial graph, by its name in the model's own. */
  public Output<?> tensor(TensorRef tensor) {
    return planned.tensor(tensor);
  }

  /** The product by the left factor, [..., r]. */
  Output<?> inner(KernelUse use) {
    return planned.tensor(new TensorRef(GraphRewriter.innerName(graph, use), 0));
  }

  /** How many samples go through at a time. */
  public int batch() {
    return batch;
  }

  /** What the trial graph gives for all samples, one row a sample. */
  public Outputs outputs(LabeledData data) {
    return Outputs.of(model, data, this::tensor, batch);
  }

  /** What the original gives. */
  public Outputs originalOutputs(LabeledData data) {
    return Outputs.of(model, data, model::tensor, batch);
  }

  @Override
  public void close() {
    planned.close();
  }
}
