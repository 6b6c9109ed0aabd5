package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

class VariableRestoreTest {
  private static final Path MODELS =
      Path.of(System.getProperty("rankfold.fixtures"), "saved-models");

  private static final NodeDef VARIABLE = NodeWriter.variable("kernel", DataType.DT_FLOAT, 2, 3);

  /** What is saved for the variable {@code kernel}, with one node put in another's place. */
  private static Map<String, NodeDef> nodesWith(NodeDef... changed) {
    List<NodeDef> nodes = new ArrayList<>(List.of(VARIABLE));
    nodes.add(NodeWriter.node("file", "Placeholder").type("dtype", DataType.DT_STRING).build());
    nodes.addAll(SaverNodes.restore("save", "file", List.of("layer/w"), List.of(VARIABLE)));
    nodes.addAll(List.of(changed));
    Map<String, NodeDef> byName = new LinkedHashMap<>();
    nodes.forEach(node -> byName.put(node.getName(), node));
    return byName;
  }

  private static Optional<VariableRestore> read(Map<String, NodeDef> nodes) {
    return VariableRestore.of(nodes, "save/restore_all", "file");
  }

  private static NodeDef assign(String value) {
    return NodeWriter.node("save/Assign_0", "AssignVariableOp")
        .input("kernel")
        .input(value)
        .type("dtype", DataType.DT_FLOAT)
        .build();
  }

  @Test
  void theKeyIsTheOneThatTheAssignedTensorIsRestoredFrom() {
    NodeDef identity = NodeWriter.node("passed", "Identity").input("save/RestoreV2").build();
    Map<String, String> expected = Map.of("kernel", "layer/w");
    assertEquals(expected, read(nodesWith()).orElseThrow().keys());
    assertEquals(expected, read(nodesWith(identity, assign("passed"))).orElseThrow().keys());
  }

  @Test
  void whatIsMoreThanRestoringIsLeftToTensorFlow() {
    NodeDef half =
        NodeWriter.strings("save/RestoreV2/shape_and_slices", List.of("2 3 0,1:0,3"), false);
    NodeDef twice = NodeWriter.node("twice", "AddV2").input("save/RestoreV2").build();
    NodeDef noNames = NodeWriter.strings("save/RestoreV2/tensor_names", List.of(), false);
    NodeDef otherFile =
        Objects.requireNonNull(nodesWith().get("save/RestoreV2")).toBuilder()
            .setInput(0, "save/Assign_0")
            .build();
    NodeDef otherType = NodeWriter.variable("kernel", DataType.DT_HALF, 2, 3);
    assertEquals(Optional.empty(), read(nodesWith(half)), "a slice");
    assertEquals(Optional.empty(), read(nodesWith(twice, assign("twice"))), "a sum");
    assertEquals(Optional.empty(), read(nodesWith(assign("kernel"))), "no value");
    assertEquals(Optional.empty(), read(nodesWith(noNames)), "no names");
    assertEquals(Optional.empty(), read(nodesWith(otherFile)), "another file");
    assertEquals(Optional.empty(), read(nodesWith(otherType)), "another type");
    assertEquals(Optional.empty(), VariableRestore.of(nodesWith(), "nothing", "file"), "no node");
  }

  @Test
  void aSavedValueOfAnotherShapeOrNoneIsRefused() {
    FlatGraph graph =
        GraphText.flat(
            """
            node { name: "kernel" op: "VarHandleOp" dtype:FLOAT
              attr { key: "shared_name" value { s: "kernel" } }
              attr { key: "shape" value { shape { dim { size: 2 } dim { size: -1 } } } } }
            node { name: "y" op: "ReadVariableOp" input: "kernel" dtype:FLOAT }
            """,
            "y");
    VariableRestore restore = new VariableRestore(Map.of("kernel", "w"));
    restore.check(graph, Map.of("w", List.of(2L, 7L)));
    assertEquals(
        "variable kernel: expected a saved value of shape [2, -1], found [3, 7]",
        assertThrows(
                InvalidInputException.class,
                () -> restore.check(graph, Map.of("w", List.of(3L, 7L))))
            .getMessage());
    assertEquals(
        "variable kernel: expected a saved value of shape [2, -1], found none",
        assertThrows(InvalidInputException.class, () -> restore.check(graph, Map.of()))
            .getMessage());
  }

  /** Keras saves every weight twice, and only one of each pair is used. */
  @Test
  void onlyVariablesThatTheSignaturesNeedAreRestored() {
    FlatGraph graph = FlatGraph.of(SavedModelFolder.open(MODELS.resolve("cnn")));
    VariableRestore restore = graph.plainRestore().orElseThrow();
    assertTrue(restore.keys().size() >= 2 * graph.variables().size(), "saved twice");
    long assigned =
        restore.nodes(graph, "checkpoint").stream()
            .filter(node -> node.getOp().equals("AssignVariableOp"))
            .count();
    assertEquals(graph.variables().size(), assigned);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlp", "lstm", "half", "tf1_ref", "tf1_res", "frozen", "twosig"})
  void modelsOfEveryExporterRestorePlainly(String model) {
    assertTrue(
        FlatGraph.of(SavedModelFolder.open(MODELS.resolve(model))).plainRestore().isPresent());
  }
}
