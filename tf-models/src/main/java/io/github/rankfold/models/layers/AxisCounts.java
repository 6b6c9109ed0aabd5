package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.NodeDef;

/**
 * How many axes a tensor has, also behind a lookup in a hash table, where TensorFlow's own shape
 * inference ends: it does not know that such a table has one value for each key.
 */
final class AxisCounts {
  /** Longer chains of such operations than any vocabulary has; also the end of a cycle. */
  private static final int MOST_STEPS = 32;

  private static final Set<String> TABLES =
      Set.of("HashTable", "HashTableV2", "MutableHashTable", "MutableHashTableV2");

  private static final Set<String> LOOKUPS = Set.of("LookupTableFind", "LookupTableFindV2");

  /** Their result is as their first input. */
  private static final Set<String> OF_ONE =
      Set.of(
          "AsString",
          "Cast",
          "Identity",
          "LogicalNot",
          "StringLower",
          "StringStrip",
          "StringToHashBucketFast",
          "StringToHashBucketStrong");

  /** Their inputs are broadcast, so that the one with most axes has the result's. */
  private static final Set<String> BROADCAST =
      Set.of(
          "Add",
          "AddV2",
          "Equal",
          "FloorMod",
          "Greater",
          "GreaterEqual",
          "Less",
          "LessEqual",
          "LogicalAnd",
          "LogicalOr",
          "Maximum",
          "Minimum",
          "Mul",
          "NotEqual",
          "SelectV2",
          "Sub");

  private final FlatGraph graph;
  private final LayerFinder.StaticShapes shapes;

  AxisCounts(FlatGraph graph, LayerFinder.StaticShapes shapes) {
    this.graph = graph;
    this.shapes = shapes;
  }

  /** The number of axes; empty where it is known only when the graph runs. */
  OptionalInt of(TensorRef tensor) {
    return of(tensor, MOST_STEPS);
  }

  private OptionalInt of(TensorRef tensor, int steps) {
    Shape shape = shapes.of(tensor);
    if (!shape.isUnknown()) {
      return OptionalInt.of(shape.numDimensions());
    }
    NodeDef node = graph.node(tensor.node());
    List<TensorRef> inputs = NodeReader.dataInputs(node);
    String op = node.getOp();
    if (steps == 0) {
      return OptionalInt.empty();
    }
    if (LOOKUPS.contains(op) && TABLES.contains(graph.node(inputs.get(0).node()).getOp())) {
      return of(inputs.get(1), steps - 1);
    }
    if (OF_ONE.contains(op)) {
      return of(inputs.get(0), steps - 1);
    }
    if (op.equals(
        "Select")) { // whose condition may have fewer axes, and is not broadcast otherwise
      return of(inputs.get(1), steps - 1);
    }
    return BROADCAST.contains(op) ? most(inputs, steps - 1) : OptionalInt.empty();
  }

  private OptionalInt most(List<TensorRef> inputs, int steps) {
    int most = 0;
    for (TensorRef input : inputs) {
      OptionalInt axes = of(input, steps);
      if (axes.isEmpty()) {
        return axes;
      }
      most = Math.max(most, axes.getAsInt());
    }
    return OptionalInt.of(most);
  }
}
