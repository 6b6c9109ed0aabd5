package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/** The nodes of a graph in an order in which data flows: each after those it takes data from. */
final class DataOrder {
  private DataOrder() {}

  static List<NodeDef> of(FlatGraph graph) {
    List<NodeDef> order = new ArrayList<>();
    Set<String> entered = new HashSet<>();
    Set<String> left = new HashSet<>();
    for (NodeDef root : graph.nodes()) {
      Deque<String> stack = new ArrayDeque<>(List.of(root.getName()));
      while (!stack.isEmpty()) {
        String name = stack.peek();
        if (entered.add(name)) {
          for (TensorRef input : FlatGraph.dataInputs(graph.node(name))) {
            if (!entered.contains(input.node())) {
              stack.push(input.node());
            }
          }
        } else {
          stack.pop();
          if (left.add(name)) {
            order.add(graph.node(name));
          }
        }
      }
    }
    return order;
  }
}
