package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/** Files of a few kilobytes that would become more than any memory holds, or never end. */
class GraphLimitsTest {
  private static NodeDef node(String name, String op, String... inputs) {
    NodeDef.Builder node = NodeDef.newBuilder().setName(name).setOp(op);
    for (String input : inputs) {
      node.addInput(input);
    }
    return node.build();
  }

  /** Functions f0 ... f(depth-1), each of which calls the next {@code times}. */
  private static GraphDef chain(int depth, int times) {
    GraphDef.Builder graph = GraphDef.newBuilder().addNode(node("start", "f0"));
    for (int level = 0; level < depth; level++) {
      FunctionDef.Builder function =
          FunctionDef.newBuilder().setSignature(OpDef.newBuilder().setName("f" + level));
      for (int call = 0; call < times; call++) {
        function.addNodeDef(node("n" + call, level == depth - 1 ? "NoOp" : "f" + (level + 1)));
      }
      graph.getLibraryBuilder().addFunction(function);
    }
    return graph.build();
  }

  private static String refusal(GraphDef graph) {
    return String.valueOf(
        assertThrows(InvalidInputException.class, () -> GraphLimits.check(graph)).getMessage());
  }

  @Test
  void nestedCallsPassUpToTheLimit() {
    assertDoesNotThrow(() -> GraphLimits.check(chain(200, 1)));
    assertEquals(
        "the graph: expected calls nested at most 200 deep, found 201", refusal(chain(201, 1)));
  }

  @Test
  void callsThatDoubleAtEachLevel() {
    assertDoesNotThrow(() -> GraphLimits.check(chain(8, 2)));
    String message = refusal(chain(40, 2));
    assertTrue(message.contains("after inlining, found"), message);
  }

  @Test
  void functionThatCallsItself() {
    GraphDef.Builder graph = chain(1, 1).toBuilder();
    graph.getLibraryBuilder().getFunctionBuilder(0).addNodeDef(node("again", "f0"));
    assertEquals(
        "function f0: expected functions that end, found f0 calling itself",
        refusal(graph.build()));
  }

  @Test
  void cyclesAreLoopsOfTensorFlow1OrRefused() {
    GraphDef cycle =
        GraphDef.newBuilder()
            .addNode(node("a", "Identity", "b"))
            .addNode(node("b", "Identity", "a"))
            .build();
    assertEquals(
        "the graph: expected no cycles but loops, found one that node a is in or behind",
        refusal(cycle));
    GraphDef loop =
        GraphDef.newBuilder()
            .addNode(node("a", "Merge", "b"))
            .addNode(node("b", "NextIteration", "a"))
            .build();
    assertDoesNotThrow(() -> GraphLimits.check(loop));
  }

  @Test
  void chainsAreNoDeeperThanTensorFlowBears() {
    GraphDef.Builder graph = GraphDef.newBuilder().addNode(node("n0", "NoOp"));
    for (int i = 1; i < 100_000; i++) {
      graph.addNode(node("n" + i, "Identity", "n" + (i - 1)));
    }
    assertDoesNotThrow(() -> GraphLimits.check(graph.build()));
    graph.addNode(node("last", "Identity", "n99999"));
    assertEquals(
        "the graph: node last: expected at most 100000 nodes one after another, found more",
        refusal(graph.build()));
  }
}
