package io.github.rankfold.compression.rewriting;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.factors.OutputShift;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * The nodes that shift a layer's output: a variable, and an addition of it where the shift is not
 * part of a bias.
 *
 * @param graph that is rewritten
 * @param layer whose output is shifted
 * @param shift by how much, and where
 * @param value the variable, with the shape in which it is added
 * @param dtype its type
 */
record ShiftNodes(
    FlatGraph graph, Layer layer, OutputShift shift, FactorTensor value, DataType dtype) {
  public static ShiftNodes of(FlatGraph graph, Layer layer, OutputShift shift) {
    if (shift.bias().isPresent()) {
      OutputShift.Bias bias = shift.bias().get();
      String name = FactorNodes.unused(graph, bias.variable() + "/shifted");
      return new ShiftNodes(
          graph,
          layer,
          shift,
          new FactorTensor(name, List.of(layer.cols()), 0, () -> FactorTensor.exact(bias.values())),
          bias.dtype());
    }
    List<Integer> shape =
        layer.kind() == LayerKind.EINSUM
            ? layer.uses().get(0).view().columnShape()
            : List.of(layer.cols());
    Matrix amount = shift.amount();
    String name = FactorNodes.unused(graph, layer.variable() + "/shift");
    return new ShiftNodes(
        graph,
        layer,
        shift,
        new FactorTensor(name, shape, shape.size() - 1, () -> FactorTensor.exact(amount)),
        layer.dtype());
  }

  /** Whether the product gets a new name, and the addition its own. */
  boolean isAdded() {
    return shift.bias().isEmpty();
  }

  static String unshifted(FlatGraph graph, NodeDef product) {
    return FactorNodes.unused(graph, product.getName() + "/unshifted");
  }

  private String read() {
    return FactorNodes.unused(graph, value.name() + "/Read");
  }

  /** The node that takes a product's name and adds the shift to it. */
  NodeDef addition(NodeDef product) {
    boolean einsum = product.getOp().equals("Einsum");
    NodeWriter node =
        NodeWriter.node(product.getName(), einsum ? "AddV2" : "BiasAdd")
            .device(product.getDevice())
            .input(new TensorRef(unshifted(graph, product), 0))
            .input(read())
            .type("T", dtype);
    if (product.containsAttr("data_format")) {
      node.text("data_format", NodeReader.hasChannelsFirst(product) ? "NCHW" : "NHWC");
    }
    return node.build();
  }

  /**
   * The variable and its read, and, where the shift goes into a bias, the nodes that take it.
   *
   * @param changed what was changed so far: one of those nodes may be among it
   */
  List<NodeDef> nodes(List<NodeDef> changed) {
    List<NodeDef> nodes = new ArrayList<>();
    int[] shape = value.shape().stream().mapToInt(Integer::intValue).toArray();
    nodes.add(NodeWriter.variable(value.name(), dtype, shape));
    nodes.add(NodeWriter.read(read(), value.name(), dtype));
    Map<String, NodeDef> current = new LinkedHashMap<>();
    changed.forEach(node -> current.put(node.getName(), node));
    shift
        .bias()
        .ifPresent(
            bias ->
                bias.operands()
                    .forEach(
                        operand ->
                            nodes.add(
                                current
                                    .getOrDefault(operand.node(), graph.node(operand.node()))
                                    .toBuilder()
                                    .setInput(operand.index(), read())
                                    .build())));
    return nodes;
  }
}
