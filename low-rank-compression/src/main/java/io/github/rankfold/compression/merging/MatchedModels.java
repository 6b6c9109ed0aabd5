package io.github.rankfold.compression.merging;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorInfo;

/**
 * Two models of one architecture: which variable of one is which of the other.
 *
 * @param a the first model
 * @param b the second
 * @param variables the variables of b by those of a, kernels and all others
 * @param layers the layers of b by those of a
 * @param biases the variables of a that are added to something, and nothing else
 */
record MatchedModels(
    LiveModel a,
    LiveModel b,
    Map<String, String> variables,
    Map<Layer, Layer> layers,
    Set<String> biases) {
  private static final Set<String> BETWEEN =
      Set.of("Const", "Identity", "NoOp", "ReadVariableOp", "VarHandleOp", "VariableV2");

  MatchedModels {
    variables = new LinkedHashMap<>(variables);
    layers = new LinkedHashMap<>(layers);
    biases = Set.copyOf(biases);
  }

  /**
   * Compares two models: layers and variables by name where the names are the same, by order
   * otherwise. A difference of architecture is an input error that names it.
   */
  static MatchedModels of(LiveModel a, LiveModel b) {
    requireSameInterface(a, b);
    Map<Layer, Layer> layers = layers(a, b);
    Map<String, String> variables = new LinkedHashMap<>();
    layers.forEach((mine, other) -> variables.put(mine.variable(), other.variable()));
    Map<String, NodeDef> left = others(a, variables.keySet());
    Map<String, NodeDef> right = others(b, new HashSet<>(variables.values()));
    if (left.size() != right.size()) {
      throw different(a, b, "as many variables besides the kernels", left.keySet(), right.keySet());
    }
    boolean byName = left.keySet().equals(right.keySet());
    List<String> inOrder = List.copyOf(right.keySet());
    int index = 0;
    for (Map.Entry<String, NodeDef> entry : left.entrySet()) {
      String name = byName ? entry.getKey() : inOrder.get(index);
      List<Integer> mine = NodeReader.variableShape(entry.getValue());
      List<Integer> others = NodeReader.variableShape(Objects.requireNonNull(right.get(name)));
      if (!mine.equals(others)) {
        throw different(a, b, "the same shape of " + entry.getKey() + " and " + name, mine, others);
      }
      variables.put(entry.getKey(), name);
      index++;
    }
    requireSameOperations(a, b);
    return new MatchedModels(a, b, variables, layers, biases(a.flatGraph(), left));
  }

  private static InvalidInputException different(
      LiveModel a, LiveModel b, String expected, Object left, Object right) {
    return new InvalidInputException(
        "%s and %s: expected two models of one architecture, %s, found %s and %s"
            .formatted(a.files().folder(), b.files().folder(), expected, left, right));
  }

  private static void requireSameInterface(LiveModel a, LiveModel b) {
    String left = described(a);
    String right = described(b);
    if (!left.equals(right)) {
      throw different(a, b, "the same inputs and outputs", left, right);
    }
  }

  /** The sum of weights that were trained under other activations is nothing. */
  private static void requireSameOperations(LiveModel a, LiveModel b) {
    Map<String, Long> left = operations(a);
    Map<String, Long> right = operations(b);
    Map<String, Long> onlyLeft = new TreeMap<>(left);
    onlyLeft.entrySet().removeAll(right.entrySet());
    Map<String, Long> onlyRight = new TreeMap<>(right);
    onlyRight.entrySet().removeAll(left.entrySet());
    if (!onlyLeft.isEmpty() || !onlyRight.isEmpty()) {
      throw different(a, b, "the same operations", onlyLeft, onlyRight);
    }
  }

  /** How many of each the called signature runs, but for those that exporters put in between. */
  private static Map<String, Long> operations(LiveModel model) {
    FlatGraph graph = model.flatGraph();
    List<String> outputs =
        model.signature().getOutputsMap().values().stream()
            .map(info -> TensorRef.parse(info.getName()).node())
            .toList();
    return graph.ancestors(outputs).stream()
        .map(name -> graph.node(name).getOp())
        .filter(operation -> !BETWEEN.contains(operation))
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  private static String described(LiveModel model) {
    List<String> parts = new ArrayList<>();
    for (Map<String, TensorInfo> side :
        List.of(model.signature().getInputsMap(), model.signature().getOutputsMap())) {
      List<String> tensors = new ArrayList<>();
      side.forEach(
          (key, info) -> {
            Shape shape = model.tensor(TensorRef.parse(info.getName())).shape();
            tensors.add("%s %s".formatted(info.getDtype(), shape));
          });
      tensors.sort(null);
      parts.add(String.join(", ", tensors));
    }
    return String.join(" -> ", parts);
  }

  private static Map<Layer, Layer> layers(LiveModel a, LiveModel b) {
    List<Layer> left = a.layers();
    List<Layer> right = b.layers();
    if (left.size() != right.size()) {
      throw different(a, b, "as many layers", left.size(), right.size());
    }
    Map<String, Layer> byName = new LinkedHashMap<>();
    right.forEach(layer -> byName.put(layer.name(), layer));
    boolean sameNames = left.stream().allMatch(layer -> byName.containsKey(layer.name()));
    Map<Layer, Layer> matched = new LinkedHashMap<>();
    for (int i = 0; i < left.size(); i++) {
      Layer mine = left.get(i);
      Layer other = sameNames ? Objects.requireNonNull(byName.get(mine.name())) : right.get(i);
      if (mine.kind() != other.kind()
          || !mine.shape().equals(other.shape())
          || mine.dtype() != other.dtype()) {
        throw different(
            a,
            b,
            "the same layer " + mine.name(),
            "%s %s".formatted(mine.kind(), mine.shape()),
            "%s %s".formatted(other.kind(), other.shape()));
      }
      matched.put(mine, other);
    }
    return matched;
  }

  private static Map<String, NodeDef> others(LiveModel model, Set<String> kernels) {
    for (Layer layer : model.layers()) {
      if (!model.flatGraph().variables().containsKey(layer.variable())) {
        throw new InvalidInputException(
            "%s: layer %s: expected a kernel that is a variable, found a constant"
                .formatted(model.files().folder(), layer.name()));
      }
    }
    Map<String, NodeDef> others = new LinkedHashMap<>(model.flatGraph().variables());
    others.keySet().removeAll(kernels);
    return others;
  }

  /** Those that are read, and added to something. */
  private static Set<String> biases(FlatGraph graph, Map<String, NodeDef> variables) {
    Map<String, Set<String>> consumers = graph.consumers();
    Set<String> biases = new HashSet<>();
    variables.forEach(
        (name, node) -> {
          if (isOnlyAdded(node.getName(), graph, consumers)) {
            biases.add(name);
          }
        });
    return biases;
  }

  private static boolean isOnlyAdded(
      String node, FlatGraph graph, Map<String, Set<String>> consumers) {
    return consumers.getOrDefault(node, Set.of()).stream()
        .allMatch(
            consumer ->
                switch (graph.node(consumer).getOp()) {
                  case "BiasAdd", "Add", "AddV2" -> true;
                  case "ReadVariableOp", "Identity" -> isOnlyAdded(consumer, graph, consumers);
                  default -> false;
                });
  }
}
