package io.github.rankfold.models.savedmodel;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Removes waits for nodes that do nothing but compute a value.
 *
 * <p>A traced function makes its results wait for every variable that it read. Where nothing
 * assigns to the variable such a wait orders nothing, but it would keep a kernel in the graph after
 * its last use is gone. A wait for a value becomes a wait for the effects that the value depends
 * on.
 */
final class ControlEdges {
  /** Waiting for one of these decides whether a branch is taken, so it is never idle. */
  private static final Set<String> CONTROL_FLOW =
      Set.of(
          "Switch",
          "Merge",
          "Enter",
          "Exit",
          "NextIteration",
          "LoopCond",
          "RefSwitch",
          "RefMerge",
          "RefEnter",
          "RefExit",
          "RefNextIteration",
          "_SwitchN");

  private final Map<String, NodeDef> nodes;

  /** What the graph writes to, as to random states even when serving. */
  private final VariableWrites writes;

  private final Map<String, Set<String>> effects = new HashMap<>();

  private ControlEdges(Map<String, NodeDef> nodes, FunctionDefLibrary library) {
    this.nodes = nodes;
    this.writes = VariableWrites.of(nodes, library);
  }

  /** The same nodes in the same order, waiting only for what has an effect. */
  static Map<String, NodeDef> withoutIdleWaits(
      Map<String, NodeDef> nodes, FunctionDefLibrary library) {
    ControlEdges edges = new ControlEdges(nodes, library);
    Map<String, NodeDef> result = new LinkedHashMap<>();
    // Inputs come before their consumers, so that no recursion is needed to look effects up.
    for (NodeDef node : NodeOrder.of(nodes)) {
      edges.effects.put(node.getName(), edges.effectsOf(node));
    }
    nodes.forEach((name, node) -> result.put(name, edges.simplified(node)));
    return result;
  }

  private Set<String> effectsOf(NodeDef node) {
    if (hasEffect(node)) {
      return Set.of(node.getName());
    }
    Set<String> all = new LinkedHashSet<>();
    for (String input : node.getInputList()) {
      String name = TensorRef.nodeOf(input);
      // Unknown only inside a cycle, which is control flow; then the node itself is waited for.
      Set<String> known = effects.get(name);
      if (known == null || known.stream().anyMatch(this::isControlFlow)) {
        return Set.of(node.getName());
      }
      all.addAll(known);
    }
    return all;
  }

  private boolean isControlFlow(String name) {
    NodeDef node = Objects.requireNonNull(nodes.get(name));
    if (CONTROL_FLOW.contains(node.getOp())) {
      return true;
    }
    // A node that stands for itself though it has no effect does so because of control flow.
    return !hasEffect(node);
  }

  private boolean hasEffect(NodeDef node) {
    if (CONTROL_FLOW.contains(node.getOp())) {
      return true;
    }
    if (node.getOp().equals("NoOp")) {
      return false;
    }
    if (NodeReader.isVariable(node)) {
      return writes.unseen() || writes.writer(NodeReader.variableName(node)).isPresent();
    }
    if (node.getOp().equals("ReadVariableOp")) {
      NodeDef handle = nodes.get(TensorRef.nodeOf(node.getInput(0)));
      if (handle != null && NodeReader.isVariable(handle)) {
        return hasEffect(handle);
      }
      return writes.unseen() || writes.any();
    }
    OpDef definition = OperationRegistry.ofRuntime().find(node.getOp());
    return definition == null || definition.getIsStateful();
  }

  private NodeDef simplified(NodeDef node) {
    List<String> inputs = node.getInputList();
    if (inputs.stream().noneMatch(TensorRef::isControl)) {
      return node;
    }
    NodeDef.Builder result = node.toBuilder().clearInput();
    Set<String> waits = new LinkedHashSet<>();
    for (String input : inputs) {
      if (TensorRef.isControl(input)) {
        waits.addAll(effects.getOrDefault(TensorRef.nodeOf(input), Set.of()));
      } else {
        result.addInput(input);
      }
    }
    waits.remove(node.getName());
    waits.forEach(wait -> result.addInput("^" + wait));
    return result.build();
  }
}
