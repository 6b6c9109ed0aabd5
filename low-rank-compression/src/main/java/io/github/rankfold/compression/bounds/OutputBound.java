package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.bounds.OutputCertificate.LayerBound;
import io.github.rankfold.compression.bounds.OutputCertificate.SampleBound;
import io.github.rankfold.compression.bounds.PathStep.Product;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.OutputShift;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.tensorflow.Result;
import org.tensorflow.proto.DataType;

/**
 * Bounds how far a compressed model's logits can be from the original's, without running it.
 *
 * <p>Along the path from the input, {@code e_0 = 0} and, for a product {@code z W} whose kernel
 * becomes W', {@code e_out <= e_in ||W'||_2 + ||z (W' - W)||}; other operations multiply by their
 * Lipschitz constant, branches that meet add up (Tsai et al., arXiv 2103.02200). Norms are
 * Euclidean over all values of a sample, so over all positions of an image.
 *
 * <p>Where a plan also shifts a layer's output by a vector, that is part of what its new kernel
 * adds: {@code ||z (W' - W) + s||}.
 *
 * <p>For inputs within {@code rho} of a sample, features move by {@code d_l}, bounded by the same
 * recursion with {@code d_0 = rho} and the original's norms, so that {@code ||z (W' - W)||} is at
 * most what it is at the sample plus {@code d_l ||W' - W||_2}. With zero for the sample this holds
 * for every input of norm rho or less, and is sharper than multiplying norms of features, as biases
 * count by what they do at zero.
 *
 * <p>A prediction is certified unchanged where each gap between the largest logit t and another j
 * exceeds what can happen to it: {@code sqrt(2) e_L}, or, where the logits are {@code z W + b},
 * {@code e_in ||w'_t - w'_j|| + |(z (W' - W))_t - (z (W' - W))_j|}, which is never more.
 *
 * <p>The bounds are about exact arithmetic. For the rounding of two evaluations, each product adds
 * {@code 8 u ||z|| (||W|| + ||W'||)} with u the distance from 1 to the next number of its type.
 *
 * <p>Uses the model that it was made with, which its caller closes.
 */
public final class OutputBound {
  /** What a certificate for all inputs up to a norm is of. */
  public static final String EVERY_INPUT = "every input";

  private static final int BATCH = 200;
  private static final double ROUNDINGS = 8;

  private final LiveModel model;
  private final NetworkPath path;
  private final Map<Integer, LayerDecision> decisions;
  private final List<double[]> differences = new ArrayList<>();
  private final double[] norms;
  private final double[] compressedNorms;
  private final double[] changeNorms;
  private final double[] roundings;
  private final Optional<Classifier> classifier;

  /** The norms of differences of columns, where pairs of logits can be bounded. */
  private record Classifier(int product, PairNorms before, PairNorms after, PairNorms change) {}

  private OutputBound(LiveModel model, NetworkPath path, Map<Integer, LayerDecision> decisions) {
    this.model = model;
    this.path = path;
    this.decisions = decisions;
    this.norms = path.norms();
    this.compressedNorms = path.norms();
    this.changeNorms = new double[norms.length];
    this.roundings = new double[norms.length];
    Optional<Integer> last = path.classifier(model.flatGraph());
    Optional<Classifier> pairs = Optional.empty();
    for (int p = 0; p < norms.length; p++) {
      Product product = path.products().get(p);
      LayerDecision decision = decisions.get(p);
      boolean isLast = last.isPresent() && last.get() == p;
      if (decision != null || isLast) {
        double[] before = values(product);
        double[] after = decision == null ? before : KernelChange.kernel(decision, use(p));
        double[] difference = new double[before.length];
        for (int i = 0; i < difference.length; i++) {
          difference[i] = after[i] - before[i];
        }
        if (decision != null) {
          differences.add(difference);
          compressedNorms[p] = product.norm().applyAsDouble(after);
          changeNorms[p] = product.norm().applyAsDouble(difference);
        }
        if (isLast) {
          pairs =
              Optional.of(
                  new Classifier(
                      p,
                      pairs(product, before),
                      pairs(product, after),
                      pairs(product, difference)));
        }
      }
      double unit = unit(model.fetchable(product.input()).dataType());
      roundings[p] = ROUNDINGS * unit * (norms[p] + compressedNorms[p]);
    }
    this.classifier = pairs;
  }

  /**
   * The bound for a plan.
   *
   * @param path the model's, all of whose operations are known
   * @throws InvalidInputException where one is not, naming it
   */
  public static OutputBound of(LiveModel model, NetworkPath path, CompressionPlan plan) {
    if (path.unknown().isPresent()) {
      throw new InvalidInputException(
          "%s: expected operations whose Lipschitz constant is known, found %s"
              .formatted(model.files().folder(), path.unknown().get()));
    }
    Map<Integer, LayerDecision> decisions = new LinkedHashMap<>();
    for (int p = 0; p < path.products().size(); p++) {
      String operation = path.products().get(p).node();
      for (LayerDecision decision : plan.factored()) {
        if (decision.layer().uses().stream()
            .anyMatch(use -> use.loop().isEmpty() && use.operation().equals(operation))) {
          decisions.put(p, decision);
        }
      }
    }
    return new OutputBound(model, path, decisions);
  }

  private KernelUse use(int product) {
    String operation = path.products().get(product).node();
    LayerDecision decision = Objects.requireNonNull(decisions.get(product));
    return decision.layer().uses().stream()
        .filter(use -> use.operation().equals(operation))
        .findFirst()
        .orElseThrow();
  }

  private double[] values(Product product) {
    try (Result result = model.session().runner().fetch(model.fetchable(product.kernel())).run()) {
      return TensorValues.toDoubles(result.get(0));
    }
  }

  /** The classifier's kernel has one column for each class, or one row where it is transposed. */
  private PairNorms pairs(Product product, double[] kernel) {
    Matrix matrix = Matrix.owning(product.shape().get(0), product.shape().get(1), kernel.clone());
    boolean transposed = NetworkPath.isTransposed(model.flatGraph().node(product.node()));
    return PairNorms.of(transposed ? matrix.transpose() : matrix);
  }

  private static double unit(DataType type) {
    return switch (type) {
      case DT_BFLOAT16 -> 0x1p-7;
      case DT_HALF -> 0x1p-10;
      case DT_DOUBLE -> 0x1p-52;
      default -> 0x1p-23;
    };
  }

  /**
   * Certifies the predictions on given samples, and on all inputs within a radius of each.
   *
   * @param compressed run beside, for what the change really is; the certificate does not need it
   */
  public OutputCertificate onData(LabeledData data, double radius, Optional<LiveModel> compressed) {
    if (data.size() == 0) {
      throw new InvalidInputException(data.name() + ": expected samples, found none");
    }
    Samples samples = new Samples(radius);
    try (ChangeGraph graph = changes()) {
      for (int from = 0; from < data.size(); from += BATCH) {
        int to = Math.min(from + BATCH, data.size());
        Optional<double[]> after = Optional.empty();
        if (compressed.isPresent()) {
          try (InputBatch input = compressed.get().inputOf(data, from, to)) {
            after = Optional.of(logits(compressed.get(), input));
          }
        }
        try (InputBatch input = model.inputOf(data, from, to)) {
          samples.add(graph.run(input), after);
        }
      }
    }
    return samples.certificate(data.name());
  }

  /** Bounds the change for every input x with {@code ||x||_2 <= radius}. */
  public OutputCertificate everyInput(double radius) {
    Samples samples = new Samples(radius);
    try (ChangeGraph graph = changes();
        InputBatch zeros = PathTensors.zeros(model, 2).orElseThrow()) {
      samples.add(graph.run(zeros), Optional.empty());
    }
    return samples.certificate(EVERY_INPUT);
  }

  private ChangeGraph changes() {
    List<Optional<Matrix>> shifts =
        decisions.values().stream()
            .map(decision -> decision.shift().map(OutputShift::amount))
            .toList();
    return new ChangeGraph(model, path, List.copyOf(decisions.keySet()), differences, shifts);
  }

  private static double[] logits(LiveModel compressed, InputBatch input) {
    TensorRef logits = compressed.logits();
    try (Result result = compressed.feeding(input).fetch(compressed.tensor(logits)).run()) {
      return TensorValues.toDoubles(result.get(0));
    }
  }

  /** Collects samples batch by batch. */
  private final class Samples {
    private final double radius;
    private final NetworkPath.Distances moved;
    private final List<SampleBound> bounds = new ArrayList<>();
    private final double[] added = new double[norms.length];

    Samples(double radius) {
      this.radius = radius;
      this.moved = path.propagate(radius, norms, new double[norms.length]);
    }

    void add(List<SampleFeatures> batch, Optional<double[]> after) {
      for (int i = 0; i < batch.size(); i++) {
        SampleFeatures sample = batch.get(i);
        double[] now = new double[norms.length];
        for (int p = 0; p < norms.length; p++) {
          double kernel = fromKernel(sample, p);
          added[p] += kernel;
          now[p] = kernel + fromRounding(sample, p);
        }
        NetworkPath.Distances errors = path.propagate(0, compressedNorms, now);
        Logits logits = sample.logits();
        OptionalDouble change = OptionalDouble.empty();
        Optional<Boolean> unchanged = Optional.empty();
        if (after.isPresent()) {
          Logits other = new Logits(after.get(), i * logits.classes(), logits.classes());
          change = OptionalDouble.of(logits.distance(other));
          unchanged = Optional.of(logits.largest() == other.largest());
        }
        bounds.add(
            new SampleBound(
                logits.margin(),
                errors.atLogits(),
                isCertified(sample, errors),
                change,
                unchanged));
      }
    }

    /** {@code ||z (W' - W)||} for all inputs within the radius. */
    private double fromKernel(SampleFeatures sample, int p) {
      return sample.change(p) + moved.atProducts().get(p) * changeNorms[p];
    }

    private double fromRounding(SampleFeatures sample, int p) {
      return roundings[p] * (sample.feature(p) + moved.atProducts().get(p));
    }

    private boolean isCertified(SampleFeatures sample, NetworkPath.Distances errors) {
      Logits logits = sample.logits();
      int top = logits.largest();
      for (int other = 0; other < logits.classes(); other++) {
        if (other != top && !(logits.gap(top, other) > possible(sample, errors, top, other))) {
          return false;
        }
      }
      return true;
    }

    /** What can happen to the difference of two logits, by the radius and by the new kernels. */
    private double possible(
        SampleFeatures sample, NetworkPath.Distances errors, int top, int other) {
      if (classifier.isEmpty()) {
        return Math.sqrt(2) * (moved.atLogits() + errors.atLogits());
      }
      Classifier last = classifier.get();
      int p = last.product();
      double far = moved.atProducts().get(p);
      double byRadius = far * last.before().between(top, other);
      double byError = errors.atProducts().get(p) * last.after().between(top, other);
      double byItself =
          decisions.containsKey(p)
              ? Math.abs(sample.changedLogits(p).gap(top, other))
                  + far * last.change().between(top, other)
              : 0;
      return byRadius + byError + byItself + Math.sqrt(2) * fromRounding(sample, p);
    }

    OutputCertificate certificate(String name) {
      double[] rest = path.rest(compressedNorms);
      List<LayerBound> layers = new ArrayList<>();
      decisions.forEach(
          (p, decision) -> {
            double mean = added[p] / bounds.size();
            layers.add(
                new LayerBound(
                    decision.layer().name(),
                    path.products().get(p).node(),
                    norms[p],
                    compressedNorms[p],
                    changeNorms[p],
                    rest[p],
                    mean,
                    rest[p] * mean));
          });
      return new OutputCertificate(name, radius, bounds, layers);
    }
  }
}
