package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.NodeDef;

/**
 * Finds the layers of a flat graph: the operations that multiply data by a weight.
 *
 * <p>Products are grouped by variable. Two that take it in another way (an embedding and the output
 * layer tied to it, say) are one layer where one's matrix is the other's or its transpose.
 */
public final class LayerFinder {
  private static final Pattern KERNEL_SUFFIX =
      Pattern.compile("/(kernel|weights?|w|W|embeddings)(_\\d+)?$");

  /** Keras numbers a second copy of a weight, which is no part of the layer's name. */
  private static final Pattern COPY_NUMBER = Pattern.compile("(kernel|bias|embeddings)_\\d+$");

  private final FlatGraph graph;
  private final StaticShapes shapes;
  private final KernelValues values;
  private final ConstantCones cones;
  private final Map<String, List<Reading.Product>> byVariable = new LinkedHashMap<>();
  private final Map<String, SkippedKernel> skipped = new LinkedHashMap<>();

  /** All that weights are computed from. */
  private final Set<String> read = new HashSet<>();

  /** Gives the shape of any tensor of the graph as far as it is known without running it. */
  @FunctionalInterface
  public interface StaticShapes {
    Shape of(TensorRef tensor);
  }

  /** Gives the values of a weight, row-major. */
  @FunctionalInterface
  public interface KernelValues {
    double[] of(TensorRef tensor);
  }

  /**
   * What was found.
   *
   * @param layers kernels that can be read as matrices, in the order in which data meets them
   * @param skipped kernels that are left alone, with the reason
   */
  public record Found(List<Layer> layers, List<SkippedKernel> skipped) {
    public Found {
      layers = List.copyOf(layers);
      skipped = List.copyOf(skipped);
    }
  }

  private LayerFinder(FlatGraph graph, StaticShapes shapes, KernelValues values) {
    this.graph = graph;
    this.shapes = shapes;
    this.values = values;
    this.cones = new ConstantCones(graph);
  }

  /** Reads all products of the graph. Values are asked for only where a kernel is used twice. */
  public static Found find(FlatGraph graph, StaticShapes shapes, KernelValues values) {
    return new LayerFinder(graph, shapes, values).find();
  }

  private Found find() {
    ProductReader products = new ProductReader(graph, shapes, cones);
    LoopReader loops = new LoopReader(graph, shapes, cones);
    for (NodeDef node : graph.inDataOrder()) {
      products.read(node).ifPresent(this::add);
      products.handedOver(node).forEach(this::add);
      if (LoopReader.isLoop(node)) {
        loops.read(node).forEach(this::add);
      }
      if (node.getOp().endsWith("Enter")) {
        enters(NodeReader.dataInputs(node).get(0));
      }
    }
    List<Layer> layers = new ArrayList<>();
    byVariable.forEach((variable, found) -> layer(variable, found).ifPresent(layers::add));
    layers.forEach(layer -> skipped.remove(layer.variable()));
    addUnread();
    return new Found(distinctlyNamed(layers), List.copyOf(skipped.values()));
  }

  private void add(Reading reading) {
    if (reading instanceof Reading.Product product) {
      TensorRef kernel = product.use().kernel();
      MatrixView view = product.use().view();
      String variable = cones.weight(kernel).orElseThrow();
      read.addAll(cones.roots(kernel));
      if (!cones.isNoLargerThanItsWeight(kernel, (long) view.rows() * view.columns())) {
        leaveAlone(
            product.kind().toString().toLowerCase(Locale.ROOT),
            kernel,
            "it has more values than any weight that it is computed from");
        return;
      }
      byVariable.computeIfAbsent(variable, k -> new ArrayList<>()).add(product);
    } else if (reading instanceof Reading.LeftAlone left) {
      leaveAlone(left.operation(), left.weight(), left.because());
    }
  }

  private void enters(TensorRef value) {
    if (cones.contains(value) && shapeOf(value).map(List::size).orElse(0) >= 2) {
      leaveAlone("Enter", value, "it goes into a loop of TensorFlow 1");
    }
  }

  private void leaveAlone(String operation, TensorRef weight, String because) {
    Optional<String> root = cones.weight(weight);
    if (root.isEmpty()) {
      return;
    }
    String variable = root.get();
    read.addAll(cones.roots(weight));
    Optional<List<Integer>> shape = shapeOf(weight);
    skipped.putIfAbsent(
        variable,
        new SkippedKernel(
            layerName(variable),
            operation,
            shape.map(List::toString).orElse(""),
            shape.map(LayerFinder::product).orElse(0L),
            because));
  }

  private Optional<List<Integer>> shapeOf(TensorRef weight) {
    NodeDef node = graph.node(weight.node());
    return NodeReader.isVariable(node)
        ? Optional.of(NodeReader.variableShape(node))
        : ProductReader.knownShape(shapes.of(weight));
  }

  private static long product(List<Integer> shape) {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * Math.max(b, 0));
  }

  /**
   * Matrices that no operation multiplies by, such as position embeddings that are added. A bias of
   * shape [1, n] is none.
   */
  private void addUnread() {
    graph
        .variables()
        .forEach(
            (variable, node) -> {
              List<Integer> shape = NodeReader.variableShape(node);
              if (shape.stream().filter(size -> size != 1).count() >= 2
                  && NodeReader.isFloating(node.getAttrOrThrow("dtype").getType())
                  && !read.contains(variable)) {
                leaveAlone("", new TensorRef(node.getName(), 0), unreadBecause(variable));
              }
            });
  }

  private String unreadBecause(String variable) {
    return cones
        .writer(variable)
        .map(writer -> "%s (%s) writes to it".formatted(writer.getName(), writer.getOp()))
        .orElse("nothing multiplies by it");
  }

  private Optional<Layer> layer(String variable, List<Reading.Product> products) {
    // A lookup cannot be transposed, so that where there is one it gives the orientation.
    Reading.Product base =
        products.stream()
            .filter(product -> product.kind() == LayerKind.EMBEDDING)
            .findFirst()
            .orElse(products.get(0));
    List<KernelUse> uses = new ArrayList<>(List.of(base.use()));
    List<Reading.Product> others = new ArrayList<>(products);
    others.remove(base);
    for (Reading.Product product : others) {
      Optional<Boolean> transposed = transposed(base, product);
      if (transposed.isEmpty()) {
        leaveAlone(
            graph.contains(product.use().operation())
                ? graph.node(product.use().operation()).getOp()
                : "a loop",
            product.use().kernel(),
            "its variable is used as different matrices");
        return Optional.empty();
      }
      uses.add(product.use().withTransposed(transposed.get()));
    }
    return Optional.of(
        new Layer(
            layerName(variable),
            base.kind(),
            variable,
            base.use().view().rows(),
            base.use().view().columns(),
            base.dtype(),
            uses));
  }

  /** Whether a product's matrix is the transpose of the first one's; empty where it is neither. */
  private Optional<Boolean> transposed(Reading.Product base, Reading.Product other) {
    MatrixView first = base.use().view();
    MatrixView second = other.use().view();
    if (base.dtype() != other.dtype()) {
      return Optional.empty();
    }
    boolean sameValue = haveSameValue(base.use(), other.use());
    if (sameValue && first.equals(second)) {
      return Optional.of(false);
    }
    boolean swapped =
        second.rowAxes().equals(first.columnAxes()) && second.columnAxes().equals(first.rowAxes());
    if (sameValue && swapped && base.kind() == LayerKind.EINSUM && other.kind() == base.kind()) {
      return Optional.of(true);
    }
    // Factors of more than two axes, as convolutions have, fit no other way of using them.
    if (first.shape().size() != 2
        || second.rowAxes().size() != 1
        || second.columnAxes().size() != 1
        || base.kind() == LayerKind.CONVOLUTION
        || other.kind() == LayerKind.CONVOLUTION) {
      return Optional.empty();
    }
    double[] expected = first.matrix(values.of(base.use().kernel()));
    double[] found = second.matrix(values.of(other.use().kernel()));
    MatrixView matrix = MatrixView.leadingByLast(List.of(second.rows(), second.columns()));
    if (first.rows() == second.rows() && Arrays.equals(expected, found)) {
      return Optional.of(false);
    }
    boolean isTranspose =
        first.rows() == second.columns()
            && Arrays.equals(expected, MatrixView.permuted(found, matrix.shape(), List.of(1, 0)));
    return isTranspose && other.kind() != LayerKind.EMBEDDING
        ? Optional.of(true)
        : Optional.empty();
  }

  /** Constants that signatures have copies of make other expressions of the same value. */
  private boolean haveSameValue(KernelUse one, KernelUse other) {
    return cones.expression(one.kernel()).equals(cones.expression(other.kernel()))
        || (one.view().shape().equals(other.view().shape())
            && Arrays.equals(values.of(one.kernel()), values.of(other.kernel())));
  }

  private static List<Layer> distinctlyNamed(List<Layer> layers) {
    Set<String> taken = new HashSet<>();
    List<Layer> named = new ArrayList<>();
    for (Layer layer : layers) {
      String name = layer.name();
      for (int number = 2; !taken.add(name); number++) {
        name = layer.name() + "#" + number;
      }
      named.add(layer.named(name));
    }
    return named;
  }

  /** Whether exporters give kernels such names. */
  static boolean isKernel(String variable) {
    return KERNEL_SUFFIX.matcher(variable).find();
  }

  private static String layerName(String variable) {
    return COPY_NUMBER.matcher(KERNEL_SUFFIX.matcher(variable).replaceFirst("")).replaceFirst("$1");
  }
}
