package io.github.rankfold.compression.trials;

import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;

/**
 * Finds products that nothing but a ReLU takes, after a bias and a normalization with fixed
 * statistics: what is below 0 there has no effect on the model.
 */
final class RectifiedProducts {
  private static final Set<String> RESHAPING = Set.of("Reshape", "Squeeze");

  private final LiveModel model;
  private final FlatGraph graph;
  private final Map<String, Set<String>> consumers;
  private final Set<String> ofInputs = new HashSet<>();
  private final Set<String> outputs;

  RectifiedProducts(LiveModel model) {
    this.model = model;
    this.graph = model.flatGraph();
    this.consumers = graph.consumers();
    this.outputs = graph.outputNodes();
    Deque<String> reached = new ArrayDeque<>();
    for (SignatureDef signature : graph.signatures().values()) {
      signature
          .getInputsMap()
          .values()
          .forEach(info -> reached.add(TensorRef.parse(info.getName()).node()));
    }
    while (!reached.isEmpty()) {
      String node = reached.remove();
      if (ofInputs.add(node)) {
        reached.addAll(consumers.getOrDefault(node, Set.of()));
      }
    }
  }

  /** What the ReLU is taken of; empty where something else takes the product of this use. */
  Optional<TensorRef> of(KernelUse use) {
    if (use.loop().isPresent()) {
      return Optional.empty();
    }
    TensorRef current = use.preActivation();
    while (true) {
      Set<String> takers = consumers.getOrDefault(current.node(), Set.of());
      if (takers.size() != 1 || outputs.contains(current.node())) {
        return Optional.empty();
      }
      NodeDef taker = graph.node(takers.iterator().next());
      switch (taker.getOp()) {
        case "Relu", "Relu6" -> {
          return Optional.of(current);
        }
        case "BiasAdd",
            "Add",
            "AddV2",
            "Sub",
            "Mul",
            "FusedBatchNormV3",
            "Identity",
            "Reshape",
            "Squeeze" -> {
          TensorRef next = new TensorRef(taker.getName(), 0);
          if (!isScaledOnly(taker, current, next)) {
            return Optional.empty();
          }
          current = next;
        }
        default -> {
          return Optional.empty();
        }
      }
    }
  }

  /** Whether each value of the result is one of the data's, scaled and shifted by fixed numbers. */
  private boolean isScaledOnly(NodeDef node, TensorRef data, TensorRef result) {
    List<TensorRef> inputs = NodeReader.dataInputs(node);
    if (RESHAPING.contains(node.getOp())) {
      return inputs.get(0).equals(data); // what the other one says of shapes may be the input's
    }
    boolean alone =
        inputs.stream()
            .filter(input -> ofInputs.contains(input.node()))
            .toList()
            .equals(List.of(data));
    boolean trains = node.getOp().equals("FusedBatchNormV3") && NodeReader.normalizesByBatch(node);
    return alone && !trains && hasShapeOf(data, result);
  }

  /** Not where a number more makes more of each: a result would have several values of one. */
  private boolean hasShapeOf(TensorRef data, TensorRef result) {
    Shape before = model.tensor(data).shape();
    Shape after = model.tensor(result).shape();
    return !before.isUnknown()
        && !after.isUnknown()
        && Arrays.equals(before.asArray(), after.asArray()); // equals is false of open sizes
  }
}
