package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;

class EqualConstantsTest {
  private static NodeDef constant(String name, float... values) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(DataType.DT_FLOAT);
    for (float value : values) {
      tensor.addFloatVal(value);
    }
    return NodeWriter.constant(name, tensor.build());
  }

  private static NodeDef add(String name, String... inputs) {
    NodeWriter node = NodeWriter.node(name, "AddV2").type("T", DataType.DT_FLOAT);
    Arrays.stream(inputs).forEach(node::input);
    return node.build();
  }

  private static FlatGraph graph(String output, NodeDef... nodes) {
    SignatureDef signature =
        SignatureDef.newBuilder()
            .putOutputs("y", TensorInfo.newBuilder().setName(output + ":0").build())
            .build();
    return FlatGraph.of(
        GraphDef.newBuilder().addAllNode(List.of(nodes)).build(), Map.of("s", signature));
  }

  private static Set<String> names(FlatGraph graph) {
    return graph.nodes().stream().map(NodeDef::getName).collect(Collectors.toSet());
  }

  @Test
  void ofEqualConstantsOneIsReadByAll() {
    FlatGraph merged =
        EqualConstants.merged(
            graph(
                "sum",
                constant("one", 1),
                constant("again", 1),
                constant("two", 2),
                add("left", "one", "two"),
                add("sum", "left", "again:0")));
    assertEquals(Set.of("one", "two", "left", "sum"), names(merged));
    assertEquals(List.of("left", "one"), merged.node("sum").getInputList());
  }

  /** So that what is counted before is what is written. */
  @Test
  void theOthersAreToldBefore() {
    FlatGraph graph =
        graph(
            "sum",
            constant("one", 1, 3),
            constant("again", 1, 3),
            constant("two", 2, 3),
            add("left", "one", "two"),
            add("sum", "left", "again"));
    Set<String> kept = names(EqualConstants.merged(graph));
    assertEquals(Set.of("again"), graph.copiedConstants());
    assertEquals(names(graph).size() - 1, kept.size());
    assertEquals(Set.of(), EqualConstants.merged(graph).copiedConstants());
  }

  @Test
  void whatWaitsForOneWaitsForTheOther() {
    FlatGraph merged =
        EqualConstants.merged(
            graph(
                "sum",
                constant("one", 1),
                constant("again", 1),
                add("sum", "one", "one", "^again")));
    assertEquals(List.of("one", "one", "^one"), merged.node("sum").getInputList());
  }

  @Test
  void aConstantThatASignatureGivesKeepsItsName() {
    FlatGraph merged =
        EqualConstants.merged(graph("again", constant("one", 1), constant("again", 1)));
    assertTrue(merged.contains("again"));
  }

  @Test
  void largeConstantsAndThoseThatWaitAreLeftAlone() {
    float[] large = new float[100];
    NodeDef waiting = constant("waiting", 1).toBuilder().addInput("^one").build();
    FlatGraph graph =
        graph(
            "sum",
            constant("one", 1),
            waiting,
            constant("weights", large),
            constant("copy", large),
            add("left", "weights", "copy"),
            add("right", "one", "waiting"),
            add("sum", "left", "right"));
    assertEquals(names(graph), names(EqualConstants.merged(graph)));
  }
}
