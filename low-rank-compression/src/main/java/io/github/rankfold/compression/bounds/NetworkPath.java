package io.github.rankfold.compression.bounds;

import io.github.rankfold.compression.bounds.PathStep.Product;
import io.github.rankfold.compression.bounds.PathStep.Source;
import io.github.rankfold.compression.bounds.PathStep.Transition;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;

/**
 * The operations from a model's input to its logits, with how far each can move its output when its
 * input moves. Immutable; reads nothing but the graph and its weights.
 */
public final class NetworkPath {
  private final List<PathStep> steps;
  private final List<Product> products;
  private final String input;
  private final TensorRef logits;
  private final Optional<UnknownOperation> unknown;
  private final double[] norms;

  private NetworkPath(
      List<PathStep> steps,
      String input,
      TensorRef logits,
      Optional<UnknownOperation> unknown,
      double[] norms) {
    this.steps = List.copyOf(steps);
    this.products = products(steps);
    this.input = input;
    this.logits = logits;
    this.unknown = unknown;
    this.norms = norms;
  }

  private static List<Product> products(List<PathStep> steps) {
    return steps.stream().filter(Product.class::isInstance).map(Product.class::cast).toList();
  }

  private static double[] kernel(Product product, PathTensors tensors) {
    return tensors.constant(product.kernel()).orElseThrow().values();
  }

  /** The path of the called signature, which must have logits. */
  public static NetworkPath of(LiveModel model) {
    Collection<TensorRef> inputs = model.inputs().values();
    if (inputs.size() > 1) {
      String first = inputs.iterator().next().node();
      String because = "it is one of %d inputs: bounds are known for one".formatted(inputs.size());
      var unknown = new UnknownOperation(first, model.flatGraph().node(first).getOp(), because);
      return new NetworkPath(List.of(), first, model.logits(), Optional.of(unknown), new double[0]);
    }
    PathTensors tensors = PathTensors.of(model);
    StepRules rules = new StepRules(tensors, new ProductRules(tensors, model));
    TensorRef logits = model.logits();
    List<PathStep> steps = new ArrayList<>();
    Optional<UnknownOperation> unknown = Optional.empty();
    // From the logits back: what only some steps know of, such as the inside of a GELU, is skipped.
    Set<String> wanted = new HashSet<>(Set.of(logits.node()));
    List<NodeDef> backwards = new ArrayList<>(tensors.live());
    Collections.reverse(backwards);
    for (NodeDef node : backwards) {
      if (wanted.contains(node.getName())) {
        Optional<PathStep> step = rules.read(node);
        Optional<String> because =
            step.map(read -> notBySample(read, tensors, logits)).orElse(Optional.of(reason(node)));
        if (step.isPresent() && because.isEmpty()) {
          steps.add(step.get());
          step.get().sources().forEach(source -> wanted.add(source.tensor().node()));
        } else {
          unknown = because.map(text -> new UnknownOperation(node.getName(), node.getOp(), text));
        }
      }
    }
    Collections.reverse(steps);
    double[] norms =
        unknown.isPresent()
            ? new double[0]
            : products(steps).stream()
                .mapToDouble(product -> product.norm().applyAsDouble(kernel(product, tensors)))
                .toArray();
    return new NetworkPath(steps, model.input().node(), logits, unknown, norms);
  }

  private static String reason(NodeDef node) {
    return switch (node.getOp()) {
      case "MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum", "Mul" ->
          "it multiplies data by data, or its weight is no matrix of known size";
      case "While", "StatelessWhile" -> "it is a loop";
      case "Transpose" -> "it moves the axis of the samples, or how is not known";
      default -> "no Lipschitz constant of it is known";
    };
  }

  /** Bounds are per sample, so each tensor must hold its samples one after the other. */
  private static Optional<String> notBySample(
      PathStep step, PathTensors tensors, TensorRef logits) {
    List<TensorRef> held = new ArrayList<>();
    step.sources().forEach(source -> held.add(source.tensor()));
    if (step.node().equals(logits.node())) {
      held.add(logits);
    }
    return held.stream().allMatch(tensor -> tensors.sampleSize(tensor).isPresent())
        ? Optional.empty()
        : Optional.of("its data is not known to be one sample after the other");
  }

  /** What keeps the model from having a bound: the first such operation that data meets. */
  public Optional<UnknownOperation> unknown() {
    return unknown;
  }

  /** The products with weights, in data order. */
  List<Product> products() {
    return products;
  }

  /** Upper bounds of the products' operator norms, with the model's own kernels. */
  double[] norms() {
    return norms.clone();
  }

  TensorRef logits() {
    return logits;
  }

  /**
   * Where the logits are {@code z W + b} of the last product and nothing else, that product's
   * index: then differences of logits can be bounded one pair at a time.
   */
  Optional<Integer> classifier(FlatGraph graph) {
    TensorRef current = logits;
    while (true) {
      String name = current.node();
      Optional<PathStep> found = steps.stream().filter(s -> s.node().equals(name)).findFirst();
      if (found.isEmpty()) {
        return Optional.empty();
      }
      PathStep step = found.get();
      if (step instanceof Product product) {
        boolean dense = product.operation().equals("MatMul") && product.shape().size() == 2;
        return dense ? Optional.of(products.indexOf(product)) : Optional.empty();
      }
      boolean moves =
          switch (graph.node(name).getOp()) {
            case "Identity", "BiasAdd", "AddV2", "Add" -> step.sources().size() == 1;
            default -> false;
          };
      if (!moves || step.sources().get(0).factor() != 1) {
        return Optional.empty();
      }
      current = step.sources().get(0).tensor();
    }
  }

  /**
   * How far a distance can grow on its way to a product with a kernel, and from there.
   *
   * @param before from the model's input to what the kernel multiplies
   * @param after from the product to the logits
   */
  public record Growth(double before, double after) {}

  /**
   * The Lipschitz constants of the network before and after each product with a kernel, by the name
   * of its operation; none where {@link #unknown} tells of one without a constant.
   */
  public Map<String, Growth> growths() {
    Map<String, Growth> growths = new HashMap<>();
    if (unknown.isEmpty()) {
      double[] rest = rest(norms);
      List<Double> before = propagate(1, norms, new double[norms.length]).atProducts();
      for (int p = 0; p < rest.length; p++) {
        growths.put(products.get(p).node(), new Growth(before.get(p), rest[p]));
      }
    }
    return growths;
  }

  /** Whether a matrix product takes its kernel as [n x m]. */
  static boolean isTransposed(NodeDef product) {
    return product.getAttrOrDefault("transpose_b", AttrValue.getDefaultInstance()).getB();
  }

  /**
   * Distances of one sample.
   *
   * @param atProducts at the input of each product
   * @param atLogits at the logits
   */
  record Distances(List<Double> atProducts, double atLogits) {}

  /**
   * Bounds the distance at every product and at the logits.
   *
   * @param start the distance of the inputs
   * @param norms of the products' kernels
   * @param added what each product adds, {@code ||z (W' - W)||}
   */
  Distances propagate(double start, double[] norms, double[] added) {
    Map<String, Double> distances = new HashMap<>();
    distances.put(input, start);
    List<Double> atProducts = new ArrayList<>();
    for (PathStep step : steps) {
      if (step instanceof Product product) {
        int index = atProducts.size();
        double before = distances.getOrDefault(product.input().node(), 0.0);
        atProducts.add(before);
        // 0 times an infinite norm is 0 here: nothing has moved.
        distances.put(step.node(), (before == 0 ? 0 : before * norms[index]) + added[index]);
      } else if (step instanceof Transition transition) {
        distances.put(step.node(), moved(transition, distances));
      }
    }
    return new Distances(atProducts, distances.getOrDefault(logits.node(), 0.0));
  }

  private static double moved(Transition transition, Map<String, Double> distances) {
    double sum = 0;
    double squares = 0;
    for (Source source : transition.sources()) {
      double distance = source.factor() * distances.getOrDefault(source.tensor().node(), 0.0);
      sum += distance;
      squares += distance * distance;
    }
    return transition.separate() ? Math.sqrt(squares) : sum;
  }

  /**
   * The Lipschitz constant of the rest of the network behind each product: what a distance of 1
   * that it adds becomes at the logits.
   */
  double[] rest(double[] norms) {
    double[] rest = new double[products.size()];
    for (int index = 0; index < rest.length; index++) {
      double[] added = new double[rest.length];
      added[index] = 1;
      rest[index] = propagate(0, norms, added).atLogits();
    }
    return rest;
  }
}
