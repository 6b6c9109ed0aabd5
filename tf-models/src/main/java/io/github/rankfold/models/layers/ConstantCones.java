package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.OperationRegistry;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Which tensors of a graph are fixed once the variables are: those whose ancestors are all
 * variables, constants and stateless operations.
 *
 * <p>This one rule finds a weight behind any chain of reads, casts, reshapes and transposes, where
 * matching patterns would need one for each exporter.
 */
final class ConstantCones {
  private final FlatGraph graph;

  /** No weights, whatever reads them. */
  private final Map<String, NodeDef> states;

  private final Map<String, Boolean> constant = new HashMap<>();

  ConstantCones(FlatGraph graph) {
    this.graph = graph;
    this.states = graph.states();
  }

  /** The node that writes to a variable, where that is a state and no weight. */
  Optional<NodeDef> writer(String variable) {
    return Optional.ofNullable(states.get(variable));
  }

  /** Whether this tensor's value is fixed once the variables are. */
  boolean contains(TensorRef tensor) {
    return isConstant(tensor.node());
  }

  /** Iterative: chains in real graphs are deeper than a thread's stack. */
  private boolean isConstant(String root) {
    List<String> stack = new ArrayList<>(List.of(root));
    Set<String> onStack = new HashSet<>();
    while (!stack.isEmpty()) {
      String name = stack.get(stack.size() - 1);
      if (constant.containsKey(name)) {
        stack.remove(stack.size() - 1);
        continue;
      }
      NodeDef node = graph.node(name);
      List<TensorRef> inputs = NodeReader.dataInputs(node);
      if (!couldBeConstant(node, inputs)) {
        constant.put(name, false);
        continue;
      }
      onStack.add(name);
      boolean all = true;
      boolean waiting = false;
      for (TensorRef input : inputs) {
        Boolean known = constant.get(input.node());
        if (known != null) {
          all &= known;
        } else if (onStack.contains(input.node())) {
          all = false; // a cycle, as the loops of TensorFlow 1 have
        } else {
          stack.add(input.node());
          waiting = true;
        }
      }
      if (!waiting || !all) {
        constant.put(name, all);
      }
    }
    return constant.getOrDefault(root, false);
  }

  private boolean couldBeConstant(NodeDef node, List<TensorRef> inputs) {
    if (NodeReader.isVariable(node)) {
      return writer(NodeReader.variableName(node)).isEmpty();
    }
    if (node.getOp().equals("Const")) {
      return true;
    }
    if (node.getOp().equals("ReadVariableOp")) {
      return true;
    }
    if (node.getOp().endsWith("Enter")) {
      return false; // inside a loop of TensorFlow 1, where nothing can be fetched
    }
    OpDef definition = OperationRegistry.ofRuntime().find(node.getOp());
    return !inputs.isEmpty() && definition != null && !definition.getIsStateful();
  }

  /**
   * The variables and constants that this tensor is made from, leaving out the small constants that
   * say how (axes, shapes, permutations): integers are no weights. But a variable of 8-bit integers
   * is, and what else there is beside it are its scales.
   */
  Set<String> roots(TensorRef tensor) {
    Set<String> roots = new LinkedHashSet<>();
    Set<String> quantized = new LinkedHashSet<>();
    for (String name : graph.ancestors(Set.of(tensor.node()))) {
      NodeDef node = graph.node(name);
      if (NodeReader.isVariable(node)) {
        roots.add(NodeReader.variableName(node));
        if (isOfBytes(node)) {
          quantized.add(NodeReader.variableName(node));
        }
      } else if (node.getOp().equals("Const") && isFloating(node)) {
        roots.add(name);
      }
    }
    return quantized.isEmpty() ? roots : quantized;
  }

  /**
   * The one of them that factors of this tensor take the place of: what it is computed from beside
   * that (a mask, the norms of its columns, the limits of fake quantization, an update of low rank)
   * goes with it. The largest, variables before constants.
   */
  Optional<String> weight(TensorRef tensor) {
    return roots(tensor).stream()
        .max(
            Comparator.<String, Boolean>comparing(graph.variables()::containsKey)
                .thenComparing(this::size)
                .thenComparing(name -> LayerFinder.isKernel(name)));
  }

  /**
   * Whether a tensor of {@code size} values has no more of them than the weight that it is computed
   * from: only then do factors, which have fewer, make the model smaller.
   */
  boolean isNoLargerThanItsWeight(TensorRef tensor, long size) {
    return weight(tensor).map(this::size).filter(of -> of < size).isEmpty();
  }

  /** How many values a variable or constant has; more than any other where it is not known. */
  private long size(String root) {
    NodeDef variable = graph.variables().get(root);
    TensorShapeProto shape =
        variable == null
            ? graph.node(root).getAttrOrThrow("value").getTensor().getTensorShape()
            : variable.getAttrOrThrow("shape").getShape();
    long size = 1;
    for (TensorShapeProto.Dim axis : shape.getDimList()) {
      if (axis.getSize() < 0) {
        return Long.MAX_VALUE;
      }
      size *= axis.getSize();
    }
    return shape.getUnknownRank() ? Long.MAX_VALUE : size;
  }

  private static boolean isOfBytes(NodeDef variable) {
    return switch (variable.getAttrOrThrow("dtype").getType()) {
      case DT_INT8, DT_UINT8 -> true;
      default -> false;
    };
  }

  private static boolean isFloating(NodeDef constant) {
    return NodeReader.isFloating(constant.getAttrOrThrow("dtype").getType());
  }

  /**
   * How a tensor is computed from variables and constants, as text: two tensors with the same
   * expression have the same value, whichever signature they belong to.
   */
  String expression(TensorRef tensor) {
    return expression(tensor, new HashMap<>());
  }

  private String expression(TensorRef tensor, Map<String, String> known) {
    String text = known.get(tensor.node());
    if (text == null) {
      text = expression(graph.node(tensor.node()), known);
      known.put(tensor.node(), text);
    }
    return tensor.index() == 0 ? text : text + "#" + tensor.index();
  }

  private String expression(NodeDef node, Map<String, String> known) {
    if (NodeReader.isVariable(node)) {
      return NodeReader.variableName(node);
    }
    List<TensorRef> inputs = NodeReader.dataInputs(node);
    if (node.getOp().equals("ReadVariableOp") || node.getOp().equals("Identity")) {
      return expression(inputs.get(0), known);
    }
    if (node.getOp().equals("Const")) {
      return isFloating(node) ? node.getName() : node.getAttrOrThrow("value").toString();
    }
    StringBuilder text = new StringBuilder(node.getOp());
    text.append(new TreeMap<>(node.getAttrMap())).append('(');
    inputs.forEach(input -> text.append(expression(input, known)).append(','));
    return text.append(')').toString();
  }
}
