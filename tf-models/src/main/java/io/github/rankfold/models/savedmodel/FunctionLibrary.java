package io.github.rankfold.models.savedmodel;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/** The functions that a flat graph still needs: bodies of loops and branches, XLA's functions. */
final class FunctionLibrary {
  private FunctionLibrary() {}

  /** The part of {@code library} that these nodes name, directly or through other functions. */
  static FunctionDefLibrary neededBy(Collection<NodeDef> nodes, FunctionDefLibrary library) {
    Map<String, FunctionDef> all = new HashMap<>();
    library.getFunctionList().forEach(f -> all.put(f.getSignature().getName(), f));
    Map<String, FunctionDef> needed = new LinkedHashMap<>();
    Deque<NodeDef> open = new ArrayDeque<>(nodes);
    while (!open.isEmpty()) {
      NodeDef node = open.pop();
      take(node.getOp(), all, needed, open);
      node.getAttrMap().values().forEach(value -> takeNamed(value, all, needed, open));
    }
    FunctionDefLibrary.Builder result = FunctionDefLibrary.newBuilder();
    result.addAllFunction(needed.values());
    library.getGradientList().stream()
        .filter(gradient -> needed.containsKey(gradient.getFunctionName()))
        .filter(gradient -> needed.containsKey(gradient.getGradientFunc()))
        .forEach(result::addGradient);
    return result.build();
  }

  /** An output of a node as functions name it: {@code node:output:offset}. */
  static String nameInFunction(NodeDef node, int index, FunctionDefLibrary library) {
    return node.getName()
        + ":"
        + OperationRegistry.outputName(definition(node, library), node, index);
  }

  /** The operation that a node runs, or the signature of the library's function that it calls. */
  static OpDef definition(NodeDef node, FunctionDefLibrary library) {
    OpDef definition = OperationRegistry.ofRuntime().find(node.getOp());
    if (definition != null) {
      return definition;
    }
    return library.getFunctionList().stream()
        .map(FunctionDef::getSignature)
        .filter(signature -> signature.getName().equals(node.getOp()))
        .findFirst()
        .orElseGet(() -> OperationRegistry.ofRuntime().get(node));
  }

  private static void takeNamed(
      AttrValue value,
      Map<String, FunctionDef> all,
      Map<String, FunctionDef> needed,
      Deque<NodeDef> open) {
    if (value.hasFunc()) {
      take(value.getFunc().getName(), all, needed, open);
    }
    value.getList().getFuncList().forEach(f -> take(f.getName(), all, needed, open));
  }

  private static void take(
      String name,
      Map<String, FunctionDef> all,
      Map<String, FunctionDef> needed,
      Deque<NodeDef> open) {
    FunctionDef function = all.get(name);
    if (function != null && needed.put(name, function) == null) {
      open.addAll(function.getNodeDefList());
    }
  }
}
