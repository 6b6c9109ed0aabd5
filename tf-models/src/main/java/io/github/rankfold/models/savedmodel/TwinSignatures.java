package io.github.rankfold.models.savedmodel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * Whether two signatures compute the same from inputs and outputs of the same keys, types and
 * shapes: the graphs behind them differ in the names of nodes only. Exports of Keras have two such.
 */
public final class TwinSignatures {
  private final FlatGraph graph;
  private final Map<TensorRef, TensorRef> fed = new HashMap<>();
  private final Map<String, String> twins = new HashMap<>();
  private final Map<String, String> back = new HashMap<>();
  private final Deque<String> open = new ArrayDeque<>();

  private TwinSignatures(FlatGraph graph) {
    this.graph = graph;
  }

  /**
   * For each signature of a graph, by key, the first one that computes the same: itself for most.
   */
  public static Map<String, String> firstOfEach(FlatGraph graph) {
    Map<String, String> first = new LinkedHashMap<>();
    graph
        .signatures()
        .forEach(
            (key, signature) ->
                first.put(
                    key,
                    List.copyOf(first.values()).stream()
                        .filter(other -> compute(graph, graph.signature(other), signature))
                        .findFirst()
                        .orElse(key)));
    return first;
  }

  static boolean compute(FlatGraph graph, SignatureDef one, SignatureDef other) {
    return new TwinSignatures(graph).match(one, other);
  }

  private boolean match(SignatureDef one, SignatureDef other) {
    if (!sameOutside(one.getInputsMap(), other.getInputsMap())
        || !sameOutside(one.getOutputsMap(), other.getOutputsMap())) {
      return false;
    }
    one.getInputsMap()
        .forEach((key, input) -> fed.put(tensor(input), tensor(other.getInputsOrThrow(key))));
    boolean same = true;
    for (Map.Entry<String, TensorInfo> output : one.getOutputsMap().entrySet()) {
      same =
          same
              && tensors(
                  tensor(output.getValue()), tensor(other.getOutputsOrThrow(output.getKey())));
    }
    while (same && !open.isEmpty()) {
      String name = open.pop();
      same = nodes(graph.node(name), graph.node(twins.getOrDefault(name, name)));
    }
    return same;
  }

  private static boolean sameOutside(Map<String, TensorInfo> one, Map<String, TensorInfo> other) {
    return one.keySet().equals(other.keySet())
        && one.keySet().stream().allMatch(key -> nameless(one, key).equals(nameless(other, key)));
  }

  private static TensorInfo nameless(Map<String, TensorInfo> tensors, String key) {
    return tensors.getOrDefault(key, TensorInfo.getDefaultInstance()).toBuilder()
        .clearName()
        .build();
  }

  private static TensorRef tensor(TensorInfo info) {
    return TensorRef.parse(info.getName());
  }

  private boolean tensors(TensorRef one, TensorRef other) {
    TensorRef given = fed.get(one);
    if (given != null) {
      return given.equals(other);
    }
    return !fed.containsValue(other)
        && one.index() == other.index()
        && names(one.node(), other.node());
  }

  /** Pairs two nodes; one may not stand for two, as they may be two draws of random numbers. */
  private boolean names(String one, String other) {
    String known = twins.putIfAbsent(one, other);
    if (known != null) {
      return known.equals(other);
    }
    open.push(one);
    return back.putIfAbsent(other, one) == null;
  }

  private boolean nodes(NodeDef one, NodeDef other) {
    if (!content(one).equals(content(other))) {
      return false;
    }
    List<String> inputs = one.getInputList();
    for (int i = 0; i < inputs.size(); i++) {
      String input = inputs.get(i);
      String twin = other.getInput(i);
      boolean waits = TensorRef.isControl(input);
      boolean same =
          waits == TensorRef.isControl(twin)
              && (waits
                  ? names(TensorRef.nodeOf(input), TensorRef.nodeOf(twin))
                  : tensors(TensorRef.parse(input), TensorRef.parse(twin)));
      if (!same) {
        return false;
      }
    }
    return true;
  }

  /** All but the names, with as many inputs; a variable goes by its shared name. */
  private static NodeDef content(NodeDef node) {
    NodeDef.Builder result =
        node.toBuilder()
            .clearName()
            .clearInput()
            .clearExperimentalDebugInfo()
            .removeAttr("_class")
            .removeAttr("_output_shapes");
    node.getInputList().forEach(input -> result.addInput(""));
    return result.build();
  }
}
