package io.github.rankfold.models.savedmodel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/**
 * The nodes of a graph in an order in which each comes after its inputs, as far as cycles (the
 * loops of TensorFlow 1) allow. Iterative: real graphs are deeper than a thread's stack.
 */
final class NodeOrder {
  private NodeOrder() {}

  static List<NodeDef> of(Map<String, NodeDef> nodes) {
    List<NodeDef> order = new ArrayList<>(nodes.size());
    Set<String> entered = new HashSet<>();
    Set<String> left = new HashSet<>();
    for (String root : nodes.keySet()) {
      Deque<String> stack = new ArrayDeque<>(List.of(root));
      while (!stack.isEmpty()) {
        String name = stack.peek();
        NodeDef node = nodes.get(name);
        if (node != null && entered.add(name)) {
          for (String input : node.getInputList()) {
            String source = TensorRef.nodeOf(input);
            if (!entered.contains(source)) {
              stack.push(source);
            }
          }
        } else {
          stack.pop();
          if (node != null && left.add(name)) {
            order.add(node);
          }
        }
      }
    }
    return order;
  }
}
