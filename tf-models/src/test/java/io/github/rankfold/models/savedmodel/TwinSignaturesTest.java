package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

class TwinSignaturesTest {
  private static NodeDef placeholder(String name) {
    return NodeWriter.node(name, "Placeholder").type("dtype", DataType.DT_FLOAT).build();
  }

  private static NodeDef binary(String operation, String name, String left, String right) {
    return NodeWriter.node(name, operation)
        .input(left)
        .input(right)
        .type("T", DataType.DT_FLOAT)
        .build();
  }

  private static NodeDef constant(String name, float value) {
    return NodeWriter.constant(
        name, TensorProto.newBuilder().setDtype(DataType.DT_FLOAT).addFloatVal(value).build());
  }

  private static NodeDef draw(String name) {
    return NodeWriter.node(name, "RandomUniform")
        .input("shape")
        .type("T", DataType.DT_INT32)
        .type("dtype", DataType.DT_FLOAT)
        .build();
  }

  private static TensorInfo tensor(String name) {
    return TensorInfo.newBuilder().setName(name + ":0").setDtype(DataType.DT_FLOAT).build();
  }

  /** Whether y = one of x = a computes the same as y = other of x = b. */
  private static boolean twins(String one, String other, NodeDef... nodes) {
    List<NodeDef> all = new ArrayList<>(List.of(nodes));
    all.addAll(List.of(placeholder("a"), placeholder("b")));
    Map<String, SignatureDef> signatures =
        Map.of(
            "one",
            SignatureDef.newBuilder()
                .putInputs("x", tensor("a"))
                .putOutputs("y", tensor(one))
                .build(),
            "other",
            SignatureDef.newBuilder()
                .putInputs("x", tensor("b"))
                .putOutputs("y", tensor(other))
                .build());
    FlatGraph graph = FlatGraph.of(GraphDef.newBuilder().addAllNode(all).build(), signatures);
    boolean found = TwinSignatures.compute(graph, graph.signature("one"), graph.signature("other"));
    assertEquals(
        found, TwinSignatures.compute(graph, graph.signature("other"), graph.signature("one")));
    return found;
  }

  @Test
  void namesMakeNoDifference() {
    assertTrue(
        twins(
            "sum",
            "plus",
            constant("two", 2),
            constant("again", 2),
            binary("AddV2", "sum", "a", "two"),
            binary("AddV2", "plus", "b", "again")));
  }

  @Test
  void valuesOperationsAndTheOrderOfInputsDo() {
    NodeDef two = constant("two", 2);
    NodeDef sum = binary("AddV2", "sum", "a", "two");
    assertFalse(
        twins(
            "sum", "plus", two, sum, constant("three", 3), binary("AddV2", "plus", "b", "three")));
    assertFalse(twins("sum", "product", two, sum, binary("Mul", "product", "b", "two")));
    assertFalse(twins("sum", "plus", two, sum, binary("AddV2", "plus", "two", "b")));
  }

  @Test
  void whatIsFedIsNoTwinOfWhatIsNot() {
    NodeDef two = constant("two", 2);
    assertFalse(
        twins(
            "sum",
            "plus",
            two,
            binary("AddV2", "sum", "a", "two"),
            binary("AddV2", "plus", "two", "two")));
  }

  @Test
  void twoDrawsAreNoTwinsOfOne() {
    NodeDef shape =
        NodeWriter.constant(
            "shape",
            TensorProto.newBuilder()
                .setDtype(DataType.DT_INT32)
                .setTensorShape(
                    TensorShapeProto.newBuilder()
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(0)))
                .build());
    assertFalse(
        twins(
            "twice",
            "once",
            shape,
            draw("draw"),
            draw("first"),
            draw("second"),
            binary("AddV2", "twice", "first", "second"),
            binary("AddV2", "once", "draw", "draw")));
  }

  @Test
  void attributesDo() {
    NodeDef sum = binary("AddV2", "sum", "a", "a");
    NodeDef plus = binary("AddV2", "plus", "b", "b");
    assertTrue(twins("sum", "plus", sum, plus));
    NodeDef marked =
        plus.toBuilder().putAttr("mark", AttrValue.newBuilder().setB(true).build()).build();
    assertFalse(twins("sum", "plus", sum, marked));
  }
}
