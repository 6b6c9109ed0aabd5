package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.models.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.NodeDef;

/** Pruning, variables and idle waits. */
class FlatGraphTest {
  private static final String PRODUCT =
      """
      node { name: "x" op: "Placeholder" dtype:FLOAT }
      node { name: "w" op: "VarHandleOp" dtype:FLOAT attr { key: "shared_name" value { s: "w" } } }
      node { name: "read" op: "ReadVariableOp" input: "w" dtype:FLOAT }
      node { name: "y" op: "MatMul" input: "x" input: "read" T:FLOAT }
      node { name: "unused" op: "Identity" input: "y" T:FLOAT }
      """;

  private static Map<String, NodeDef> nodes(String text) {
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    GraphText.parse(text).getNodeList().forEach(node -> nodes.put(node.getName(), node));
    return nodes;
  }

  @Test
  void keepsWhatTheOutputsNeed() {
    FlatGraph graph = GraphText.flat(PRODUCT, "y");
    assertEquals(Set.of("x", "w", "read", "y"), graph.ancestors(List.of("y")));
    assertFalse(graph.contains("unused"));
    assertEquals(Set.of("w"), graph.variables().keySet());
    assertEquals(Set.of("y"), graph.consumers().get("read"));
  }

  /** A kernel that one signature trains is a weight to the other; a counter is a state to all. */
  @ParameterizedTest
  @CsvSource({
    "ResourceApplyGradientDescent, AssignAddVariableOp",
    "AssignSubVariableOp, ResourceScatterAdd",
  })
  void statesAreWhatEverySignatureThatReadsThemWrites(String trains, String counts) {
    String text =
        PRODUCT
            + """
            node { name: "n" op: "VarHandleOp" dtype:FLOAT attr { key: "shared_name" value { s: "n" } } }
            node { name: "count" op: "%s" input: "n" input: "x" dtype:FLOAT }
            node { name: "counted" op: "ReadVariableOp" input: "n" input: "^count" dtype:FLOAT }
            node { name: "train" op: "%s" input: "w" input: "y" dtype:FLOAT }
            node { name: "loss" op: "Identity" input: "y" input: "^train" T:FLOAT }
            """
                .formatted(counts, trains);
    FlatGraph both =
        GraphText.flat(text, Map.of("serve", List.of("y"), "train", List.of("loss", "counted")));
    assertEquals(Map.of("n", both.node("count")), both.states());
    assertEquals(Set.of("train"), both.signaturesOf(Set.of("train")));
    assertEquals(Set.of("serve", "train"), both.signaturesOf(Set.of("read", "train")));
    FlatGraph alone = GraphText.flat(text, Map.of("train", List.of("loss", "counted")));
    assertEquals(Set.of("n", "w"), alone.states().keySet());
  }

  @Test
  void aLoopWhoseBodyWritesWritesToWhatItIsGiven() {
    String text =
        PRODUCT
            + """
            node { name: "loop" op: "While" input: "w" input: "x" attr { key: "body" value { func { name: "outer" } } } }
            library {
              function { signature { name: "outer" } node_def { name: "a" op: "inner" input: "w" } }
              function { signature { name: "inner" } node_def { name: "b" op: "AssignSubVariableOp" input: "w" input: "d" } }
              function { signature { name: "other" } node_def { name: "c" op: "Neg" input: "w" } }
            }
            """;
    assertEquals(Set.of("w"), GraphText.flat(text, "loop").states().keySet());
    assertEquals(
        Set.of(),
        GraphText.flat(text.replace("\"outer\" } } }", "\"other\" } } }"), "loop")
            .states()
            .keySet());
  }

  @Test
  void replacingTheOnlyUseOfAVariableDropsIt() {
    FlatGraph graph =
        GraphText.flat(PRODUCT, "y")
            .with(
                List.of(
                    NodeWriter.node("y", "Neg").input("x").type("T", DataType.DT_FLOAT).build()));
    assertEquals(Map.of(), graph.variables());
    assertEquals(2, graph.nodes().size());
  }

  @Test
  void allNodesThatHoldAVariableAreFoundByItsName() {
    String second = PRODUCT.lines().filter(line -> line.contains("VarHandleOp")).findFirst().get();
    FlatGraph graph =
        GraphText.flat(
            PRODUCT
                + second.replaceFirst("name: \"w\"", "name: \"again\"")
                + """
                node { name: "z" op: "ReadVariableOp" input: "again" dtype:FLOAT }
                """,
            "y",
            "z");
    assertEquals(List.of("w", "again"), graph.handles("w").stream().map(NodeDef::getName).toList());
    assertEquals(Set.of("w"), graph.variables().keySet());
    assertEquals(List.of(), graph.handles("again"));
    assertThrows(UnsupportedOperationException.class, () -> graph.consumers().clear());
    assertThrows(UnsupportedOperationException.class, () -> graph.variables().clear());
  }

  @Test
  void onlyNeededFunctionsStayInTheLibrary() {
    String function =
        "function { signature { name: \"%s\" } node_def { name: \"n\" op: \"NoOp\" f:%s } }";
    FlatGraph graph =
        GraphText.flat(
            """
            node { name: "c" op: "Const" dtype:FLOAT }
            node {
              name: "y" op: "If" input: "c" input: "c"
              attr { key: "then_branch" value { func { name: "a" } } }
              attr { key: "else_branch" value { func { name: "b" } } }
            }
            library {
            """
                + function.formatted("a", "inner")
                + function.formatted("b", "inner")
                + function.formatted("inner", "inner")
                + function.formatted("dead", "a")
                + "}",
            "y");
    assertEquals(
        Set.of("a", "b", "inner"),
        Set.copyOf(
            graph.library().getFunctionList().stream()
                .map(f -> f.getSignature().getName())
                .toList()));
  }

  @Test
  void aMissingNodeIsNamed() {
    String text = "node { name: \"y\" op: \"Neg\" input: \"gone\" T:FLOAT }";
    assertEquals(
        "node gone: expected in the graph, found nothing",
        assertThrows(InvalidInputException.class, () -> GraphText.flat(text, "y")).getMessage());
  }

  private static Map<String, NodeDef> withoutIdleWaits(String text) {
    return ControlEdges.withoutIdleWaits(nodes(text), FunctionDefLibrary.getDefaultInstance());
  }

  @Test
  void waitsForReadsGoWhereNothingIsAssigned() {
    Map<String, NodeDef> result =
        withoutIdleWaits(
            PRODUCT
                + "node { name: \"done\" op: \"NoOp\" input: \"^read\" input: \"^w\" }"
                + "node { name: \"z\" op: \"Neg\" input: \"y\" input: \"^done\" T:FLOAT }");
    assertEquals(List.of("y"), inputs(result, "z"));
    assertEquals(List.of(), inputs(result, "done"));
  }

  @Test
  void waitsForEffectsStayAndSkipWhatIsBetween() {
    String assign =
        "node { name: \"set\" op: \"AssignVariableOp\" input: \"w\" input: \"x\" dtype:FLOAT }"
            + "node { name: \"done\" op: \"NoOp\" input: \"^set\" }"
            + "node { name: \"z\" op: \"Neg\" input: \"x\" input: \"^done\" T:FLOAT }";
    Map<String, NodeDef> result = withoutIdleWaits(PRODUCT + assign);
    assertEquals(List.of("x", "^set"), inputs(result, "z"));
  }

  @Test
  void aBranchThatWaitsForItsSwitchGoesOnWaiting() {
    String branch =
        "node { name: \"s\" op: \"Switch\" input: \"x\" input: \"p\" T:FLOAT }"
            + "node { name: \"p\" op: \"Placeholder\" }"
            + "node { name: \"t\" op: \"Identity\" input: \"s:1\" T:FLOAT }"
            + "node { name: \"c\" op: \"Const\" input: \"^t\" dtype:FLOAT }";
    Map<String, NodeDef> result = withoutIdleWaits(PRODUCT + branch);
    assertEquals(List.of("^t"), inputs(result, "c"));
  }

  private static List<String> inputs(Map<String, NodeDef> nodes, String name) {
    NodeDef node = nodes.get(name);
    if (node == null) {
      throw new AssertionError(name + " is gone");
    }
    return node.getInputList();
  }
}
