package io.github.rankfold.models.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.ByteString;
import io.github.rankfold.models.savedmodel.NodeWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObjectGraph;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/** What Python loads stands beside the graph that Java runs: here Java runs it. */
class ObjectGraphTest {
  /** Variables by reference, or none. */
  private static final Set<String> WITHOUT = Set.of("tf1_ref", "java_export", "frozen");

  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("io.github.rankfold.models.live.StoredOutputs#signatures")
  void itsFunctionsGiveTheStoredOutputs(String model, String signature) throws IOException {
    Path copy = written(model, signature);
    MetaGraphDef metaGraph = metaGraph(copy);
    assertEquals(!WITHOUT.contains(model), metaGraph.hasObjectGraphDef());
    if (metaGraph.hasObjectGraphDef()) {
      Files.write(
          copy.resolve("saved_model.pb"),
          SavedModel.newBuilder().addMetaGraphs(calling(metaGraph)).build().toByteArray());
      StoredOutputs.assertReproducedBy(copy, model, signature);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lookup_table", "tf1_tables"})
  void modelsThatFillTablesHaveNone(String model) throws IOException {
    assertFalse(metaGraph(written(model, "serving_default")).hasObjectGraphDef());
  }

  @Test
  void signaturesThatComputeTheSameHaveOneFunction() throws IOException {
    SavedObjectGraph keras = metaGraph(written("cnn", "serving_default")).getObjectGraphDef();
    assertEquals(Set.of("serve", "serving_default"), functions(keras).keySet());
    assertEquals(1, Set.copyOf(functions(keras).values()).size());
    SavedObjectGraph two = metaGraph(written("twosig", "serving_default")).getObjectGraphDef();
    assertEquals(functions(two).size(), Set.copyOf(functions(two).values()).size());
  }

  private Path written(String model, String signature) throws IOException {
    return StoredOutputs.rewritten(model, signature, temporary);
  }

  private static MetaGraphDef metaGraph(Path folder) throws IOException {
    return SavedModel.parseFrom(Files.readAllBytes(folder.resolve("saved_model.pb")))
        .getMetaGraphs(0);
  }

  /** The function of each signature. */
  private static Map<String, String> functions(SavedObjectGraph objects) {
    Map<String, String> functions = new TreeMap<>();
    for (var child : child(objects, objects.getNodes(0), "signatures").getChildrenList()) {
      functions.put(
          child.getLocalName(),
          objects.getNodes(child.getNodeId()).getBareConcreteFunction().getConcreteFunctionName());
    }
    return functions;
  }

  private static SavedObject child(SavedObjectGraph objects, SavedObject parent, String name) {
    return parent.getChildrenList().stream()
        .filter(child -> child.getLocalName().equals(name))
        .map(child -> objects.getNodes(child.getNodeId()))
        .findFirst()
        .orElseThrow();
  }

  /** The model with calls of those functions in place of what its signatures named. */
  private static MetaGraphDef calling(MetaGraphDef metaGraph) {
    SavedObjectGraph objects = metaGraph.getObjectGraphDef();
    GraphDef.Builder graph = metaGraph.getGraphDef().toBuilder();
    Map<String, NodeDef> variables = new HashMap<>();
    graph.getNodeList().stream()
        .filter(node -> node.getOp().equals("VarHandleOp"))
        .forEach(node -> variables.put(sharedName(node), node));
    MetaGraphDef.Builder result = metaGraph.toBuilder().clearSignatureDef();
    functions(objects)
        .forEach(
            (key, name) -> {
              SignatureDef signature = metaGraph.getSignatureDefOrThrow(key);
              FunctionDef function =
                  graph.getLibrary().getFunctionList().stream()
                      .filter(f -> f.getSignature().getName().equals(name))
                      .findFirst()
                      .orElseThrow();
              NodeWriter call = NodeWriter.node("call_of_" + key, "StatefulPartitionedCall");
              new TreeMap<>(signature.getInputsMap())
                  .values()
                  .forEach(input -> call.input(input.getName()));
              for (int id : objects.getConcreteFunctionsOrThrow(name).getBoundInputsList()) {
                String variable = objects.getNodes(id).getVariable().getName();
                call.input(Optional.ofNullable(variables.get(variable)).orElseThrow().getName());
              }
              call.attr("Tin", types(function.getSignature().getInputArgList()));
              call.attr("Tout", types(function.getSignature().getOutputArgList()));
              call.attr(
                  "f",
                  AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName(name)).build());
              graph.addNode(call.build());
              result.putSignatureDef(key, givenBy("call_of_" + key, signature));
            });
    return result.setGraphDef(graph).build();
  }

  private static String sharedName(NodeDef variable) {
    ByteString name = variable.getAttrOrThrow("shared_name").getS();
    assertFalse(name.isEmpty());
    return name.toStringUtf8();
  }

  private static AttrValue types(List<OpDef.ArgDef> arguments) {
    List<DataType> types = arguments.stream().map(OpDef.ArgDef::getType).toList();
    return AttrValue.newBuilder()
        .setList(AttrValue.ListValue.newBuilder().addAllType(types))
        .build();
  }

  private static SignatureDef givenBy(String call, SignatureDef signature) {
    SignatureDef.Builder result = signature.toBuilder();
    int index = 0;
    for (String key : new TreeMap<>(signature.getOutputsMap()).keySet()) {
      TensorInfo output = signature.getOutputsOrThrow(key);
      result.putOutputs(key, output.toBuilder().setName(call + ":" + index++).build());
    }
    return result.build();
  }
}
