package io.github.rankfold.collapse.probe;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Decides what is measured at which layer of a model, and notes what cannot be, with the reason.
 *
 * <p>How many positions a sample has somewhere is not always in the graph, so two samples are run.
 */
final class ProbePlacement {
  private final LiveModel model;
  private final LabeledData data;
  private final PresentClasses classes;
  private final Penalties penalties;
  private final Ops tf;
  private final Class<TNumber> type;
  private final Operand<TInt32> labels;
  private final int outputs;
  private final List<AnalysisNote> notes = new ArrayList<>();
  private final Set<Output<?>> features = new LinkedHashSet<>();
  private final Set<Output<?>> deltas = new LinkedHashSet<>();
  private Optional<Operand<TNumber>> ofLogits = Optional.empty();

  ProbePlacement(
      LiveModel model,
      LabeledData data,
      PresentClasses classes,
      Penalties penalties,
      Ops tf,
      Class<TNumber> type,
      Operand<TInt32> labels,
      int outputs) {
    this.model = model;
    this.data = data;
    this.classes = classes;
    this.penalties = penalties;
    this.tf = tf;
    this.type = type;
    this.labels = labels;
    this.outputs = outputs;
  }

  /** What could not be placed, so far. */
  List<AnalysisNote> notes() {
    return notes;
  }

  /** Tensors of the model that all features are computed of, after {@link #place}. */
  Set<Output<?>> features() {
    return features;
  }

  /** Tensors of the model's gradients that all gradients are computed of. */
  Set<Output<?>> gradients() {
    return deltas;
  }

  /** The gradient of the loss by the logits, where there are certificates; [B x K]. */
  Optional<Operand<TNumber>> gradientOfLogits() {
    return ofLogits;
  }

  /** The probes, in the order in which data meets the layers. */
  List<LayerProbe> place() {
    Set<String> needed = model.flatGraph().ancestors(List.of(model.logits().node()));
    Map<Layer, KernelUse> called = model.calledLayers();
    Map<Layer, List<KernelUse>> certified = new LinkedHashMap<>();
    for (Layer layer : model.layers()) {
      List<KernelUse> uses = layer.uses().stream().filter(use -> runs(use, needed)).toList();
      if (!called.containsKey(layer)) {
        note(layer, "collapse", whyNotCalled(layer, uses));
      }
      if (penalties.lambdaOf(layer.variable()) > 0) {
        Optional<String> obstacle = obstacle(layer, uses, called.containsKey(layer));
        if (obstacle.isPresent()) {
          note(layer, "certificate", obstacle.get());
        } else {
          certified.put(layer, uses);
        }
      } else {
        note(layer, "certificate", "no penalty of its kernel is known");
      }
    }
    model
        .skipped()
        .forEach(
            kernel -> {
              notes.add(new AnalysisNote(kernel.name(), "collapse", kernel.because()));
              notes.add(new AnalysisNote(kernel.name(), "certificate", kernel.because()));
            });
    Map<KernelUse, Positions> positions = positions(called, certified);
    List<KernelUse> differentiated = certified.values().stream().flatMap(List::stream).toList();
    Backpropagation gradients =
        differentiated.isEmpty()
            ? null
            : Backpropagation.addTo(model, differentiated, classes.toOutputs(tf, labels), outputs);
    if (gradients != null) {
      ofLogits = Optional.of(gradients.ofLogits());
      int samples = Math.min(2, data.size());
      int[] few = classes.labels(data, 0, samples);
      try (InputBatch input = model.inputOf(data, 0, samples);
          TInt32 fed = TInt32.vectorOf(few)) {
        gradients.dropWhatFails(model, input, labels, fed);
      }
    }
    features.add(model.tensor(model.logits()));
    List<LayerProbe> probes = new ArrayList<>();
    called.forEach(
        (layer, use) -> {
          List<FeatureView> views = views(layer, use, positions);
          Optional<CertificateProbe> certificate =
              gradients == null || !certified.containsKey(layer)
                  ? Optional.empty()
                  : certificate(layer, certified.get(layer), positions, gradients, views);
          probes.add(new LayerProbe(layer, views, certificate));
        });
    return probes;
  }

  private void note(Layer layer, String about, String because) {
    notes.add(new AnalysisNote(layer.name(), about, because));
  }

  private static boolean runs(KernelUse use, Set<String> needed) {
    return needed.contains(use.loop().map(KernelUse.LoopSlot::node).orElse(use.operation()));
  }

  private static String whyNotCalled(Layer layer, List<KernelUse> uses) {
    if (uses.isEmpty()) {
      return "the called signature does not run it";
    }
    if (layer.kind() == LayerKind.EMBEDDING) {
      return "it looks up rows: its input is no feature";
    }
    return uses.get(0).loop().isPresent()
        ? "it is inside a loop, whose steps cannot be fetched"
        : "its samples are columns";
  }

  private Optional<String> obstacle(Layer layer, List<KernelUse> uses, boolean called) {
    if (!called) {
      return Optional.of(whyNotCalled(layer, uses));
    }
    if (layer.kind() == LayerKind.EMBEDDING) {
      return Optional.of("its kernel is looked up, too");
    }
    if (uses.stream().anyMatch(use -> use.loop().isPresent())) {
      return Optional.of("its kernel is used in a loop, too");
    }
    return uses.stream().flatMap(use -> rows(layer, use).obstacle().stream()).findFirst();
  }

  private void readsInput(KernelUse use) {
    if (!model.inputs().containsValue(use.input())) { // which are kept as they are fed
      features.add(model.fetchable(use.input()));
    }
  }

  private UseRows rows(Layer layer, KernelUse use) {
    return UseRows.of(tf, model, layer, use, type);
  }

  /**
   * How many rows one sample has; 0 where that is no whole number.
   *
   * @param features of what enters
   * @param applied of what the kernel multiplies: the patches of a convolution
   */
  private record Positions(long features, long applied) {}

  /** By running two samples. */
  private Map<KernelUse, Positions> positions(
      Map<Layer, KernelUse> called, Map<Layer, List<KernelUse>> certified) {
    Map<KernelUse, Layer> uses = new LinkedHashMap<>();
    called.forEach((layer, use) -> uses.put(use, layer));
    certified.forEach((layer, all) -> all.forEach(use -> uses.put(use, layer)));
    Map<KernelUse, Positions> found = new LinkedHashMap<>();
    if (uses.isEmpty()) {
      return found;
    }
    int samples = Math.min(2, data.size());
    try (InputBatch input = model.inputOf(data, 0, samples)) {
      Session.Runner runner = model.feeding(input);
      uses.forEach(
          (use, layer) -> {
            UseRows rows = rows(layer, use);
            runner.fetch(tf.shape(rows.features()));
            runner.fetch(tf.shape(rows.appliedRows()));
          });
      try (Result result = runner.run()) {
        int next = 0;
        for (KernelUse use : uses.keySet()) {
          long features = perSample(result.get(next++), samples);
          found.put(use, new Positions(features, perSample(result.get(next++), samples)));
        }
      }
    }
    return found;
  }

  private static Positions positionsOf(KernelUse use, Map<KernelUse, Positions> positions) {
    return positions.getOrDefault(use, new Positions(0, 0));
  }

  private static long perSample(Tensor shape, int samples) {
    int[] sizes = new int[2];
    shape.asRawTensor().data().asInts().read(sizes);
    return sizes[0] % samples == 0 ? sizes[0] / samples : 0;
  }

  private List<FeatureView> views(Layer layer, KernelUse use, Map<KernelUse, Positions> positions) {
    UseRows rows = rows(layer, use);
    readsInput(use);
    int count = Math.toIntExact(positionsOf(use, positions).features());
    if (count == 0) {
      note(layer, "collapse", "its input does not have the same number of rows for each sample");
      return List.of();
    }
    int width = Math.multiplyExact(count, rows.channels());
    Operand<TNumber> flat = tf.reshape(rows.features(), tf.constant(new int[] {-1, width}));
    if (count == 1) {
      return List.of(new FeatureView(FeatureView.VECTOR, flat, width, classes.count()));
    }
    Operand<TNumber> means =
        tf.math.mean(
            tf.reshape(rows.features(), tf.constant(new int[] {-1, count, rows.channels()})),
            tf.constant(1));
    String name =
        layer.kind() == LayerKind.CONVOLUTION || layer.kind() == LayerKind.TRANSPOSED_CONVOLUTION
            ? FeatureView.SPATIAL_MEAN
            : FeatureView.POSITION_MEAN;
    return List.of(
        new FeatureView(FeatureView.FLATTENED, flat, width, classes.count()),
        new FeatureView(name, means, rows.channels(), classes.count()));
  }

  private Optional<CertificateProbe> certificate(
      Layer layer,
      List<KernelUse> uses,
      Map<KernelUse, Positions> positions,
      Backpropagation gradients,
      List<FeatureView> views) {
    List<Operand<TNumber>> left = new ArrayList<>();
    List<Operand<TNumber>> right = new ArrayList<>();
    long all = 0;
    for (KernelUse use : uses) {
      Optional<Output<?>> delta = gradients.delta(use);
      if (delta.isEmpty()) {
        note(layer, "certificate", gradients.obstacle(use));
        return Optional.empty();
      }
      UseRows rows = rows(layer, use);
      readsInput(use);
      deltas.add(delta.get());
      long count = positionsOf(use, positions).applied();
      if (count <= 0) {
        note(layer, "certificate", "how many positions it is applied at is not known");
        return Optional.empty();
      }
      left.add(byInput(rows.left(delta.get()), count, layer.rows()));
      right.add(byInput(rows.right(delta.get()), count, layer.cols()));
      all += count;
    }
    boolean vectors = uses.size() == 1 && all == 1 && !views.isEmpty();
    Optional<FeatureView> shared =
        vectors && views.get(0).width() == layer.rows() && !uses.get(0).transposed()
            ? Optional.of(views.get(0))
            : Optional.empty();
    return Optional.of(
        new CertificateProbe(
            layer,
            penalties.lambdaOf(layer.variable()),
            joined(left),
            joined(right),
            all,
            shared,
            classes.count()));
  }

  private Operand<TNumber> byInput(Operand<TNumber> rows, long positions, int width) {
    return tf.reshape(rows, tf.constant(new int[] {-1, Math.toIntExact(positions), width}));
  }

  /** The positions of all uses, as positions of one. */
  private Operand<TNumber> joined(List<Operand<TNumber>> parts) {
    return parts.size() == 1 ? parts.get(0) : tf.concat(parts, tf.constant(1));
  }
}
