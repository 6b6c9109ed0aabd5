package io.github.rankfold.compression;

import com.google.protobuf.ByteString;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Puts factors in the place of kernels: {@code z W} becomes {@code (z left) right}, never {@code z
 * (left right)}, which would be as slow as before.
 *
 * <p>The last new node keeps the replaced one's name, so that neither its consumers nor a signature
 * need an edit. The kernel goes when the graph is pruned.
 */
final class GraphRewriter {
  private GraphRewriter() {}

  /** The graph after these decisions, without what they make unneeded. */
  static FlatGraph rewrite(FlatGraph graph, List<LayerDecision> decisions) {
    List<NodeDef> changed = new ArrayList<>();
    for (LayerDecision decision : decisions) {
      decision
          .factors()
          .ifPresent(factors -> changed.addAll(replacement(graph, decision.layer(), factors)));
    }
    return graph.with(changed);
  }

  /** Whether a variable, or constant, is still part of the graph. */
  static boolean needs(FlatGraph graph, String variable) {
    return graph.contains(variable) || graph.variables().containsKey(variable);
  }

  /** The variable that holds a layer's left factor. */
  static String leftName(FlatGraph graph, Layer layer) {
    return unused(graph, layer.variable() + "/left");
  }

  /** The variable that holds a layer's right factor. */
  static String rightName(FlatGraph graph, Layer layer) {
    return unused(graph, layer.variable() + "/right");
  }

  /** Whether a layer's kernel is a variable, and so its factors, or a constant of the graph. */
  static boolean isVariable(FlatGraph graph, Layer layer) {
    return graph.variables().containsKey(layer.variable());
  }

  private static String unused(FlatGraph graph, String wanted) {
    String name = wanted;
    while (graph.contains(name)) {
      name += "_factor";
    }
    return name;
  }

  private static List<NodeDef> replacement(FlatGraph graph, Layer layer, Factorization factors) {
    List<NodeDef> nodes = new ArrayList<>();
    TensorRef left = addFactor(leftName(graph, layer), graph, layer, factors.left(), nodes);
    TensorRef right = addFactor(rightName(graph, layer), graph, layer, factors.right(), nodes);
    for (KernelUse use : layer.uses()) {
      NodeDef product = graph.node(use.operation());
      String inner = unused(graph, product.getName() + "/left");
      nodes.add(times(product, inner, use.input(), left));
      nodes.add(times(product, product.getName(), new TensorRef(inner, 0), right));
    }
    return nodes;
  }

  private static TensorRef addFactor(
      String name, FlatGraph graph, Layer layer, Matrix factor, List<NodeDef> nodes) {
    if (!isVariable(graph, layer)) {
      nodes.add(constant(name, layer, factor));
      return new TensorRef(name, 0);
    }
    nodes.add(NodeWriter.variable(name, layer.dtype(), factor.rows(), factor.cols()));
    String read = unused(graph, name + "/Read");
    nodes.add(NodeWriter.read(read, name, layer.dtype()));
    return new TensorRef(read, 0);
  }

  private static NodeDef constant(String name, Layer layer, Matrix factor) {
    Shape shape = Shape.of(factor.rows(), factor.cols());
    try (Tensor tensor = TensorValues.of(layer.dtype(), shape, factor.toDoubles())) {
      byte[] content = new byte[Math.toIntExact(tensor.numBytes())];
      tensor.asRawTensor().data().read(content);
      TensorProto.Builder proto = TensorProto.newBuilder().setDtype(layer.dtype());
      for (long size : shape.asArray()) {
        proto.getTensorShapeBuilder().addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
      }
      return NodeWriter.constant(
          name, proto.setTensorContent(ByteString.copyFrom(content)).build());
    }
  }

  /** The same product on the same device, waiting for the same nodes, with a factor as weight. */
  private static NodeDef times(NodeDef product, String name, TensorRef input, TensorRef factor) {
    NodeWriter node =
        NodeWriter.node(name, product.getOp())
            .device(product.getDevice())
            .input(input)
            .input(factor);
    product.getInputList().stream().filter(other -> other.startsWith("^")).forEach(node::input);
    product.getAttrMap().forEach(node::attr);
    for (String flag : List.of("transpose_b", "adj_y")) {
      if (product.containsAttr(flag)) {
        node.attr(flag, AttrValue.newBuilder().setB(false).build());
      }
    }
    return node.build();
  }
}
