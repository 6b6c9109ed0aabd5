package io.github.rankfold.models.savedmodel;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

class SaverNodesTest {
  /** As models with vocabulary files have them: their init operation assigns to a variable. */
  @Test
  void namesThatTheGraphHasAreLeftToIt() {
    Set<String> taken = Set.of("v/Assign", "v/Initializer/zeros", "v/Read/saved");
    Map<String, NodeDef> variables = Map.of("v", NodeWriter.variable("v", DataType.DT_FLOAT, 2, 3));
    List<NodeDef> nodes = SaverNodes.of(variables, taken::contains).nodes();
    assertTrue(nodes.stream().noneMatch(node -> taken.contains(node.getName())));
    Set<String> written = Set.copyOf(nodes.stream().map(NodeDef::getName).toList());
    nodes.stream()
        .flatMap(node -> node.getInputList().stream())
        .map(TensorRef::nodeOf)
        .forEach(input -> assertTrue(written.contains(input) || input.equals("v"), input));
  }

  @Test
  void integersAreNotTrainable() {
    Map<String, NodeDef> variables =
        Map.of(
            "weights", NodeWriter.variable("weights", DataType.DT_UINT8, 2, 3),
            "step", NodeWriter.variable("step", DataType.DT_INT64),
            "scale", NodeWriter.variable("scale", DataType.DT_HALF, 3));
    SaverNodes saver = SaverNodes.of(variables, name -> false);
    assertEquals(3, count(saver, "variables"));
    assertEquals(1, count(saver, "trainable_variables"));
  }

  private static int count(SaverNodes saver, String collection) {
    return requireNonNull(saver.collections().get(collection)).getBytesList().getValueCount();
  }
}
