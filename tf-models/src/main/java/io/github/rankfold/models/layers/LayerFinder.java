package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;

/** Finds the layers of a flat graph: the operations that multiply data by a weight. */
public final class LayerFinder {
  private static final Pattern KERNEL_SUFFIX =
      Pattern.compile("/(kernel|weights?|w|W|embeddings)(_\\d+)?$");

  /** Operations that multiply, though not in a way that is rewritten (yet). */
  private static final Set<String> OTHER_PRODUCTS =
      Set.of(
          "Conv2D",
          "Conv3D",
          "Conv2DBackpropInput",
          "DepthwiseConv2dNative",
          "Einsum",
          "GatherV2",
          "ResourceGather",
          "While",
          "StatelessWhile");

  private final FlatGraph graph;
  private final StaticShapes shapes;
  private final ConstantCones cones;

  /** Gives the shape of any tensor of the graph as far as it is known without running it. */
  @FunctionalInterface
  public interface StaticShapes {
    Shape of(TensorRef tensor);
  }

  /**
   * What was found: layers in the order in which data meets them, and the kernels left alone.
   *
   * @param layers kernels that can be read as matrices
   * @param skipped kernels that cannot, with the reason
   */
  public record Found(List<Layer> layers, List<SkippedKernel> skipped) {
    public Found {
      layers = List.copyOf(layers);
      skipped = List.copyOf(skipped);
    }
  }

  private LayerFinder(FlatGraph graph, StaticShapes shapes) {
    this.graph = graph;
    this.shapes = shapes;
    this.cones = new ConstantCones(graph);
  }

  public static Found find(FlatGraph graph, StaticShapes shapes) {
    return new LayerFinder(graph, shapes).find();
  }

  private Found find() {
    Map<String, List<KernelUse>> usesByExpression = new LinkedHashMap<>();
    Map<String, SkippedKernel> skipped = new LinkedHashMap<>();
    for (NodeDef node : graph.inDataOrder()) {
      if (isProduct(node)) {
        addProduct(node, usesByExpression, skipped);
      } else if (OTHER_PRODUCTS.contains(node.getOp())) {
        addOther(node, skipped);
      }
    }
    List<Layer> layers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    usesByExpression
        .values()
        .forEach(
            uses -> {
              Layer layer = layer(uses);
              layers.add(names.add(layer.name()) ? layer : renamed(layer, names));
            });
    return new Found(layers, List.copyOf(skipped.values()));
  }

  private static boolean isProduct(NodeDef node) {
    return node.getOp().equals("MatMul") || node.getOp().startsWith("BatchMatMul");
  }

  private void addProduct(
      NodeDef node,
      Map<String, List<KernelUse>> usesByExpression,
      Map<String, SkippedKernel> skipped) {
    List<TensorRef> inputs = FlatGraph.dataInputs(node);
    TensorRef left = inputs.get(0);
    TensorRef right = inputs.get(1);
    if (cones.contains(left) == cones.contains(right)) {
      return; // data times data, as in attention, or a constant that TensorFlow folds
    }
    if (cones.contains(left)) {
      skip(node, left, "the weight is on the left of the product", skipped);
    } else if (shapes.of(right).numDimensions() != 2 || shapes.of(right).hasUnknownDimension()) {
      skip(node, right, "the weight is not one matrix of known size", skipped);
    } else if (flag(node, "transpose_a") || flag(node, "adj_x")) {
      skip(node, right, "the product transposes its data", skipped);
    } else if (cones.roots(right).size() != 1) {
      skip(node, right, "the weight is made from " + cones.roots(right), skipped);
    } else {
      boolean transposed = flag(node, "transpose_b") || flag(node, "adj_y");
      usesByExpression
          .computeIfAbsent(
              cones.expression(right) + (transposed ? "^T" : ""), k -> new ArrayList<>())
          .add(
              new KernelUse(
                  node.getName(), left, right, new TensorRef(node.getName(), 0), transposed));
    }
  }

  private void addOther(NodeDef node, Map<String, SkippedKernel> skipped) {
    for (TensorRef input : FlatGraph.dataInputs(node)) {
      if (cones.contains(input) && shapes.of(input).numDimensions() >= 2) {
        skip(node, input, node.getOp() + " is not factored", skipped);
      }
    }
  }

  private void skip(
      NodeDef node, TensorRef weight, String because, Map<String, SkippedKernel> skipped) {
    Set<String> roots = cones.roots(weight);
    if (roots.isEmpty()) {
      return;
    }
    Shape shape = shapes.of(weight);
    skipped.putIfAbsent(
        cones.expression(weight),
        new SkippedKernel(
            layerName(roots.iterator().next()),
            node.getOp(),
            shape.toString(),
            shape.hasUnknownDimension() ? 0 : shape.size(),
            because));
  }

  private Layer layer(List<KernelUse> uses) {
    KernelUse first = uses.get(0);
    Shape shape = shapes.of(first.kernel());
    int rows = Math.toIntExact(shape.get(first.transposed() ? 1 : 0));
    int cols = Math.toIntExact(shape.get(first.transposed() ? 0 : 1));
    String variable = cones.roots(first.kernel()).iterator().next();
    return new Layer(
        layerName(variable),
        LayerKind.DENSE,
        variable,
        rows,
        cols,
        graph.node(first.operation()).getAttrOrThrow("T").getType(),
        uses);
  }

  private static Layer renamed(Layer layer, Set<String> taken) {
    int number = 2;
    while (!taken.add(layer.name() + "#" + number)) {
      number++;
    }
    return new Layer(
        layer.name() + "#" + number,
        layer.kind(),
        layer.variable(),
        layer.rows(),
        layer.cols(),
        layer.dtype(),
        layer.uses());
  }

  private static String layerName(String variable) {
    return KERNEL_SUFFIX.matcher(variable).replaceFirst("");
  }

  private static boolean flag(NodeDef node, String attribute) {
    return node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance()).getB();
  }
}
