package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/** Calls on graphs small enough to be read. */
class FunctionInlinerTest {
  private static final String NEGATE =
      """
      function {
        signature {
          name: "negate"
          input_arg { name: "a" type_attr: "T" }
          output_arg { name: "r" type_attr: "T" }
          attr { name: "T" type: "type" }
        }
        node_def {
          name: "n" op: "Neg" input: "a"
          attr { key: "T" value { placeholder: "T" } }
        }
        ret { key: "r" value: "n:y:0" }
      }
      """;

  private static final String TWICE =
      """
      function {
        signature {
          name: "twice"
          input_arg { name: "a" type: DT_FLOAT }
          output_arg { name: "r" type: DT_FLOAT }
        }
        node_def { name: "first" op: "PartitionedCall" input: "a" f:negate }
        node_def { name: "second" op: "PartitionedCall" input: "first:output:0" f:negate }
        ret { key: "r" value: "second:output:0" }
      }
      """;

  private static final String TYPES =
      """
      attr { key: "Tin" value { list { type: DT_FLOAT } } }
      attr { key: "Tout" value { list { type: DT_FLOAT } } }
      """;

  private static FunctionInliner.Inlined inline(String nodes, String... functions) {
    String library = "library { " + String.join("\n", functions) + " }";
    String typed = (nodes + library).replaceAll("(?=\\bf:\\w+)", TYPES);
    return FunctionInliner.inline(GraphText.parse(typed), OperationRegistry.ofRuntime());
  }

  private static NodeDef node(GraphDef graph, String name) {
    return graph.getNodeList().stream()
        .filter(n -> n.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not among " + GraphText.lines(graph)));
  }

  private static String refusal(String nodes, String... functions) {
    return String.valueOf(
        assertThrows(InvalidInputException.class, () -> inline(nodes, functions)).getMessage());
  }

  @Test
  void nestedCallsBecomeTheirBodies() {
    FunctionInliner.Inlined inlined =
        inline(
            """
            node { name: "x" op: "Placeholder" dtype:FLOAT }
            node { name: "call" op: "PartitionedCall" input: "x" f:twice }
            node { name: "y" op: "Identity" input: "call" T:FLOAT }
            """,
            NEGATE,
            TWICE);
    GraphDef graph = inlined.graph();
    assertEquals(List.of("x"), node(graph, "call/first/n").getInputList());
    assertEquals(List.of("call/first/n"), node(graph, "call/second/n").getInputList());
    assertEquals(List.of("call/second/n"), node(graph, "y").getInputList());
    assertTrue(graph.getNodeList().stream().noneMatch(n -> n.getOp().contains("Call")));
    assertEquals(
        new TensorRef("call/second/n", 0), inlined.moved().apply(new TensorRef("call", 0)));
  }

  @Test
  void placeholderAttributesTakeTheCallersValue() {
    GraphDef graph =
        inline(
                """
                node { name: "x" op: "Placeholder" dtype:INT32 }
                node { name: "call" op: "negate" input: "x" T:INT32 }
                """,
                NEGATE)
            .graph();
    assertEquals(DataType.DT_INT32, node(graph, "call/n").getAttrOrThrow("T").getType());
  }

  @Test
  void listArgumentsAndOutputsAreCountedOut() {
    GraphDef graph =
        inline(
                """
                node { name: "x" op: "Placeholder" dtype:FLOAT }
                node { name: "y" op: "Placeholder" dtype:FLOAT }
                node { name: "axis" op: "Const" dtype:INT32 }
                node {
                  name: "call" op: "join" input: "x" input: "y" input: "axis"
                  attr { key: "N" value { i: 2 } }
                }
                node { name: "out" op: "Identity" input: "call:1" T:FLOAT }
                """,
                """
                function {
                  signature {
                    name: "join"
                    input_arg { name: "parts" type: DT_FLOAT number_attr: "N" }
                    input_arg { name: "axis" type: DT_INT32 }
                    output_arg { name: "whole" type: DT_FLOAT }
                    output_arg { name: "half" type: DT_FLOAT }
                    attr { name: "N" type: "int" }
                  }
                  node_def {
                    name: "c" op: "Sub" input: "parts:1" input: "parts:0" T:FLOAT
                  }
                  node_def {
                    name: "s" op: "Split" input: "axis" input: "c:z:0" T:FLOAT
                    attr { key: "num_split" value { i: 2 } }
                  }
                  ret { key: "whole" value: "c:z:0" }
                  ret { key: "half" value: "s:output:1" }
                }
                """)
            .graph();
    assertEquals(List.of("y", "x"), node(graph, "call/c").getInputList());
    assertEquals(List.of("axis", "call/c"), node(graph, "call/s").getInputList());
    assertEquals(List.of("call/s:1"), node(graph, "out").getInputList());
  }

  @Test
  void waitingForACallIsWaitingForItsResultAndItsBodyWaitsForTheCallsWaits() {
    GraphDef graph =
        inline(
                """
                node { name: "x" op: "Placeholder" dtype:FLOAT }
                node { name: "before" op: "NoOp" }
                node { name: "call" op: "PartitionedCall" input: "x" input: "^before" f:negate }
                node { name: "after" op: "NoOp" input: "^call" }
                """,
                NEGATE)
            .graph();
    assertEquals(List.of("^call/control_out"), node(graph, "after").getInputList());
    assertTrue(node(graph, "call/control_out").getInputList().contains("^call/n"));
    assertEquals(List.of("x", "^call/control_in"), node(graph, "call/n").getInputList());
    assertEquals(List.of("^before"), node(graph, "call/control_in").getInputList());
  }

  @Test
  void functionsForXlaStayCalls() {
    GraphDef graph =
        inline(
                """
                node { name: "x" op: "Placeholder" dtype:FLOAT }
                node {
                  name: "call" op: "PartitionedCall" input: "x" f:negate
                  attr { key: "_XlaMustCompile" value { b: true } }
                }
                """,
                NEGATE)
            .graph();
    assertEquals("PartitionedCall", node(graph, "call").getOp());
  }

  @Test
  void aFunctionThatCallsItselfIsRefused() {
    String message =
        refusal(
            """
            node { name: "x" op: "Placeholder" dtype:FLOAT }
            node { name: "call" op: "PartitionedCall" input: "x" f:negate }
            """,
            NEGATE
                .replace("op: \"Neg\"", "op: \"PartitionedCall\" f:negate")
                .replace("n:y:0", "n:output:0"));
    assertEquals("node call/n: expected functions that end, found negate calling itself", message);
  }

  @Test
  void whatACallLacksIsNamed() {
    String x = "node { name: \"x\" op: \"Placeholder\" dtype:FLOAT }";
    assertEquals(
        "node call: expected a function of the graph's library, found 'gone'",
        refusal(x + "node { name: \"call\" op: \"PartitionedCall\" input: \"x\" f:gone }"));
    String call = "node { name: \"call\" op: \"PartitionedCall\" f:negate }";
    assertEquals(
        "node call: expected 1 inputs for function negate, found 0", refusal(x + call, NEGATE));
    String whole = "node { name: \"call\" op: \"PartitionedCall\" input: \"x\" f:negate }";
    assertEquals(
        "function negate: expected a node that returns r, found 'm:y:0'",
        refusal(x + whole, NEGATE.replace("n:y:0", "m:y:0")));
    assertEquals(
        "function negate: node n: expected an input of the body, found 'b'",
        refusal(x + whole, NEGATE.replace("input: \"a\"", "input: \"b\"")));
    assertEquals("node x: found twice in the graph", refusal(x + x));
  }
}
