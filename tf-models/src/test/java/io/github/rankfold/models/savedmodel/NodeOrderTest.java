package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.NodeDef;

class NodeOrderTest {
  private static void put(Map<String, NodeDef> nodes, String name, List<String> inputs) {
    nodes.put(name, NodeDef.newBuilder().setName(name).addAllInput(inputs).build());
  }

  private static List<String> names(Map<String, NodeDef> nodes) {
    return NodeOrder.of(nodes).stream().map(NodeDef::getName).toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void eachNodeComesOnceAndAfterItsInputs(long seed) {
    Random random = new Random(seed);
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    // Node k reads some of those with a larger number, which come later in the map.
    for (int k = 0; k < 60; k++) {
      List<String> inputs =
          random
              .ints(k == 59 ? 0 : random.nextInt(4), Math.min(k + 1, 59), 60)
              .mapToObj(i -> random.nextBoolean() ? "n" + i + ":1" : "^n" + i)
              .toList();
      put(nodes, "n" + k, inputs);
    }
    List<String> order = names(nodes);
    assertEquals(60, order.size());
    assertEquals(nodes.keySet(), Set.copyOf(order));
    for (NodeDef node : nodes.values()) {
      for (String input : node.getInputList()) {
        int source = order.indexOf(TensorRef.nodeOf(input));
        assertTrue(source < order.indexOf(node.getName()), () -> input + ", " + node.getName());
      }
    }
  }

  @Test
  void aCycleStillHasAllItsNodes() {
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    put(nodes, "merge", List.of("enter", "next"));
    put(nodes, "next", List.of("merge"));
    put(nodes, "enter", List.of());
    assertEquals(Set.of("merge", "next", "enter"), Set.copyOf(names(nodes)));
  }

  @Test
  void aChainThatIsDeeperThanTheStackHasAnOrder() {
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    int length = 200_000;
    for (int k = 0; k < length; k++) {
      put(nodes, "n" + k, k + 1 < length ? List.of("n" + (k + 1)) : List.of());
    }
    assertEquals("n" + (length - 1), names(nodes).get(0));
  }
}
