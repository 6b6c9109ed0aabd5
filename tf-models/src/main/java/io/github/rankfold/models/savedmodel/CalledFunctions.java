package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/** Which nodes of a graph call a function of its library, so that they can be inlined. */
final class CalledFunctions {
  private final Map<String, FunctionDef> functions;
  private final OperationRegistry registry;

  CalledFunctions(FunctionDefLibrary library, OperationRegistry registry) {
    this.functions =
        library.getFunctionList().stream()
            .collect(
                Collectors.toMap(
                    function -> function.getSignature().getName(),
                    Function.identity(),
                    (first, second) -> first));
    this.registry = registry;
  }

  /** The function whose body takes this node's place; null where the node stays. */
  @Nullable FunctionDef of(NodeDef node) {
    String op = node.getOp();
    String name;
    if (op.equals("PartitionedCall") || op.equals("StatefulPartitionedCall")) {
      name = node.getAttrOrDefault("f", AttrValue.getDefaultInstance()).getFunc().getName();
      if (!functions.containsKey(name)) {
        throw new InvalidInputException(
            "node %s: expected a function of the graph's library, found '%s'"
                .formatted(node.getName(), name));
      }
    } else if (registry.find(op) == null && functions.containsKey(op)) {
      name = op; // a call in the style of TensorFlow 1: the function's name is the operation
    } else {
      return null;
    }
    FunctionDef function = functions.get(name);
    return isCompiledByXla(node) || function == null || isCompiledByXla(function) ? null : function;
  }

  private static boolean isCompiledByXla(NodeDef node) {
    return node.getAttrOrDefault("_XlaMustCompile", AttrValue.getDefaultInstance()).getB();
  }

  private static boolean isCompiledByXla(FunctionDef function) {
    return function.getAttrOrDefault("_XlaMustCompile", AttrValue.getDefaultInstance()).getB();
  }

  /** The inputs and outputs of a node: an operation's, or those of a function called by name. */
  OpDef definition(NodeDef node) {
    FunctionDef callee = functions.get(node.getOp());
    return registry.find(node.getOp()) == null && callee != null
        ? callee.getSignature()
        : registry.get(node);
  }
}
