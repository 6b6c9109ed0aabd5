package io.github.rankfold.models.savedmodel;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.NodeDef;

/** Which variables a graph itself writes: counters, running means, weights that are trained. */
final class VariableWrites {
  /** How the names of operations begin that write to the variable that is their first input. */
  private static final List<String> WRITING =
      List.of("Apply", "ResourceApply", "ResourceScatter", "ResourceSparseApply", "SparseApply");

  private final Map<String, NodeDef> nodes;
  private final Map<String, NodeDef> writers = new HashMap<>();
  private boolean unseen;

  private VariableWrites(Map<String, NodeDef> nodes) {
    this.nodes = nodes;
  }

  /**
   * Those of a graph. A node that calls a function that writes, as a loop may, counts for all
   * variables that it is given.
   */
  static VariableWrites of(Map<String, NodeDef> nodes, FunctionDefLibrary library) {
    VariableWrites found = new VariableWrites(nodes);
    Set<String> writing = writingFunctions(library);
    for (NodeDef node : nodes.values()) {
      List<TensorRef> inputs = NodeReader.dataInputs(node);
      if (isWrite(node)) {
        inputs.stream().limit(1).forEach(handle -> found.add(handle, node));
      } else if (callsAny(node, writing)) {
        inputs.stream()
            .filter(handle -> found.variable(handle).isPresent())
            .forEach(handle -> found.add(handle, node));
      }
    }
    return found;
  }

  /** Whether a node is an operation that writes to a variable. */
  static boolean isWrite(NodeDef node) {
    String op = node.getOp();
    return op.contains("Assign")
        || WRITING.stream().anyMatch(op::startsWith)
        || (op.startsWith("Scatter") // ScatterNd makes a new tensor
            && !op.equals("ScatterNd")
            && !op.startsWith("ScatterNdNonAliasing"));
  }

  /** The first node that writes to the variable of this name, if any does. */
  Optional<NodeDef> writer(String variable) {
    return Optional.ofNullable(writers.get(variable));
  }

  boolean any() {
    return !writers.isEmpty();
  }

  /** Whether something is written through a handle that is not plainly a variable's. */
  boolean unseen() {
    return unseen;
  }

  /** The functions that write to a variable, or call one that does. */
  private static Set<String> writingFunctions(FunctionDefLibrary library) {
    Set<String> writing = new HashSet<>();
    boolean more = true;
    while (more) {
      more = false;
      for (FunctionDef function : library.getFunctionList()) {
        if (!writing.contains(function.getSignature().getName())
            && function.getNodeDefList().stream()
                .anyMatch(node -> isWrite(node) || callsAny(node, writing))) {
          more = writing.add(function.getSignature().getName());
        }
      }
    }
    return writing;
  }

  private static boolean callsAny(NodeDef node, Set<String> functions) {
    return !functions.isEmpty()
        && (functions.contains(node.getOp())
            || node.getAttrMap().values().stream()
                .flatMap(
                    value ->
                        Stream.concat(
                            Stream.of(value.getFunc()), value.getList().getFuncList().stream()))
                .anyMatch(called -> functions.contains(called.getName())));
  }

  private Optional<String> variable(TensorRef handle) {
    return Optional.ofNullable(nodes.get(handle.node()))
        .filter(NodeReader::isVariable)
        .map(NodeReader::variableName);
  }

  private void add(TensorRef handle, NodeDef writer) {
    Optional<String> variable = variable(handle);
    variable.ifPresent(name -> writers.putIfAbsent(name, writer));
    unseen |= variable.isEmpty();
  }
}
