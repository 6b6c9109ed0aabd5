package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * Bounds what a graph becomes before it becomes it: how deep it is, and how many nodes it has once
 * every call is replaced by its function's body. Calls that double at each level would fill any
 * memory from a file of a few kilobytes.
 */
final class GraphLimits {
  /** Five times the largest graph tried, after inlining. */
  private static final long MAX_NODES = 1_000_000;

  /** Names of nodes grow with each call they are in. */
  private static final long MAX_NAME_CHARACTERS = 200_000_000;

  private static final int MAX_CALL_DEPTH = 200;

  /** TensorFlow takes minutes to inline the eight thousand that twelve doublings make. */
  private static final long MAX_CALLS = 2_000;

  /** A function that each layer calls is called often; one in a chain of doublings far more. */
  private static final long MAX_CALLS_FOR_EACH = 20;

  /** Far deeper than any network, and what TensorFlow was seen to bear. */
  private static final int MAX_DEPTH = 100_000;

  private final Map<String, FunctionDef> functions = new LinkedHashMap<>();
  private final Map<String, Size> known = new HashMap<>();
  private final long maxCalls;

  /** What a function, or the graph, becomes. */
  private record Size(long nodes, long nameCharacters, long calls, int depth) {}

  private GraphLimits(GraphDef graph) {
    graph
        .getLibrary()
        .getFunctionList()
        .forEach(function -> functions.putIfAbsent(function.getSignature().getName(), function));
    long written = calls(graph.getNodeList());
    for (FunctionDef function : functions.values()) {
      written += calls(function.getNodeDefList());
    }
    this.maxCalls = Math.max(MAX_CALLS, MAX_CALLS_FOR_EACH * written);
  }

  private long calls(List<NodeDef> nodes) {
    return nodes.stream().mapToLong(node -> callees(node).size()).sum();
  }

  static void check(GraphDef graph) {
    GraphLimits limits = new GraphLimits(graph);
    checkDepth(graph.getNodeList(), "the graph");
    for (FunctionDef function : limits.functions.values()) {
      checkDepth(function.getNodeDefList(), "function " + function.getSignature().getName());
    }
    for (String function : limits.functions.keySet()) {
      limits.measure(function);
    }
    limits.size(graph.getNodeList(), "the graph");
  }

  /** Callees first. Iterative, as the depth is what is asked. */
  private void measure(String root) {
    Deque<String> stack = new ArrayDeque<>(List.of(root));
    Set<String> open = new HashSet<>();
    while (!stack.isEmpty()) {
      String name = stack.peek();
      List<NodeDef> body = Objects.requireNonNull(functions.get(name)).getNodeDefList();
      if (known.containsKey(name)) {
        stack.pop();
      } else if (open.add(name)) {
        for (String callee : callees(body)) {
          if (open.contains(callee) && !known.containsKey(callee)) {
            throw new InvalidInputException(
                "function %s: expected functions that end, found %s calling itself"
                    .formatted(name, callee));
          }
          stack.push(callee);
        }
      } else {
        known.put(name, size(body, "function " + name));
        stack.pop();
      }
    }
  }

  private Set<String> callees(Collection<NodeDef> nodes) {
    Set<String> callees = new TreeSet<>();
    for (NodeDef node : nodes) {
      callees.addAll(callees(node));
    }
    return callees;
  }

  private List<String> callees(NodeDef node) {
    List<String> names = new ArrayList<>(List.of(node.getOp()));
    for (AttrValue value : node.getAttrMap().values()) {
      names.add(value.getFunc().getName());
      value.getList().getFuncList().forEach(f -> names.add(f.getName()));
    }
    names.removeIf(name -> !functions.containsKey(name));
    return names;
  }

  private Size size(List<NodeDef> nodes, String where) {
    long count = 0;
    long characters = 0;
    long calls = 0;
    int depth = 0;
    for (NodeDef node : nodes) {
      count++;
      characters += node.getName().length();
      for (String callee : callees(node)) {
        calls++;
        Size called = known.get(callee);
        if (called != null) {
          count += called.nodes;
          characters += called.nameCharacters + called.nodes * (node.getName().length() + 1);
          calls += called.calls;
          depth = Math.max(depth, called.depth + 1);
        }
      }
      if (count > MAX_NODES || characters > MAX_NAME_CHARACTERS) {
        throw new InvalidInputException(
            "%s: node %s: expected at most %d nodes after inlining, found more"
                .formatted(where, node.getName(), MAX_NODES));
      }
    }
    if (calls > maxCalls) {
      throw new InvalidInputException(
          "%s: expected at most %d calls of functions after inlining, found %d"
              .formatted(where, maxCalls, calls));
    }
    if (depth > MAX_CALL_DEPTH) {
      throw new InvalidInputException(
          "%s: expected calls nested at most %d deep, found %d"
              .formatted(where, MAX_CALL_DEPTH, depth));
    }
    return new Size(count, characters, calls, depth);
  }

  /** Inputs before consumers; what is left in the end is in a cycle, or behind one. */
  private static void checkDepth(List<NodeDef> nodes, String where) {
    Map<String, NodeDef> byName = new LinkedHashMap<>();
    nodes.forEach(node -> byName.put(node.getName(), node));
    Map<String, List<String>> consumers = new HashMap<>();
    Map<String, Integer> waiting = new LinkedHashMap<>();
    Deque<String> ready = new ArrayDeque<>();
    for (NodeDef node : byName.values()) {
      int inputs = 0;
      for (String input : node.getInputList()) {
        NodeDef source = byName.get(source(input));
        if (source != null && !isLoopEdge(source)) {
          consumers.computeIfAbsent(source.getName(), k -> new ArrayList<>()).add(node.getName());
          inputs++;
        }
      }
      waiting.put(node.getName(), inputs);
      if (inputs == 0) {
        ready.add(node.getName());
      }
    }
    Map<String, Integer> depths = new HashMap<>();
    while (!ready.isEmpty()) {
      String name = ready.remove();
      waiting.remove(name);
      int depth = depths.getOrDefault(name, 0) + 1;
      if (depth > MAX_DEPTH) {
        throw new InvalidInputException(
            "%s: node %s: expected at most %d nodes one after another, found more"
                .formatted(where, name, MAX_DEPTH));
      }
      for (String consumer : consumers.getOrDefault(name, List.of())) {
        depths.merge(consumer, depth, Math::max);
        if (waiting.merge(consumer, -1, Integer::sum) == 0) {
          ready.add(consumer);
        }
      }
    }
    if (!waiting.isEmpty()) {
      throw new InvalidInputException(
          "%s: expected no cycles but loops, found one that node %s is in or behind"
              .formatted(where, waiting.keySet().iterator().next()));
    }
  }

  /** The one way in which a graph may go in circles, that of TensorFlow 1. */
  private static boolean isLoopEdge(NodeDef source) {
    return source.getOp().equals("NextIteration") || source.getOp().equals("RefNextIteration");
  }

  /** Those of a function name tensors {@code node:output:k}, those of a graph {@code node:k}. */
  private static String source(String input) {
    String text = TensorRef.isControl(input) ? input.substring(1) : input;
    int colon = text.indexOf(':');
    return colon < 0 ? text : text.substring(0, colon);
  }
}
