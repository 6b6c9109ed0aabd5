package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

class UnsafeOperationsTest {
  private static final SavedModelFolder HARMLESS =
      SavedModelFolder.open(Path.of("src/test/resources/saved-models/mlp"));

  private static NodeDef node(String operation) {
    return NodeDef.newBuilder().setName("y").setOp(operation).build();
  }

  private static List<String> found(GraphDef graph) {
    SignatureDef signature =
        SignatureDef.newBuilder()
            .putOutputs("y", TensorInfo.newBuilder().setName("y:0").build())
            .build();
    return FlatGraph.of(graph, Map.of("s", signature)).unsafeOperations(HARMLESS);
  }

  private static GraphDef graph(NodeDef... nodes) {
    return GraphDef.newBuilder().addAllNode(List.of(nodes)).build();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ReadFile",
        "WriteFile",
        "MatchingFiles",
        "SaveV2",
        "RestoreV2",
        "MergeV2Checkpoints",
        "PyFunc",
        "EagerPyFunc",
        "TextLineDatasetV2",
        "OneShotIterator",
        "TFRecordReaderV2",
        "CreateSummaryFileWriter",
        "DebugIdentityV3",
        "_Send",
        "RemoteCall",
        "RpcCall",
        "CollectiveReduceV2",
        "InitializeTableFromTextFileV2"
      })
  void whatReachesBeyondTheModelIsNamed(String operation) {
    assertEquals(List.of(operation + " (y)"), found(graph(node(operation))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MatMul",
        "Conv2D",
        "ReadVariableOp",
        "LookupTableFindV2",
        "Print",
        "Assert",
        "Where"
      })
  void whatComputesIsNot(String operation) {
    assertEquals(List.of(), found(graph(node(operation))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ReadFile", "SaveV2", "InitializeTableFromTextFileV2"})
  void aFunctionsBodyIsSearchedToo(String operation) {
    NodeDef.Builder loop = node("While").toBuilder();
    loop.putAttr(
        "body", AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName("body")).build());
    GraphDef.Builder graph = graph(loop.build()).toBuilder();
    graph
        .getLibraryBuilder()
        .addFunction(
            FunctionDef.newBuilder()
                .setSignature(OpDef.newBuilder().setName("body"))
                .addNodeDef(node(operation).toBuilder().setName("inside")));
    assertEquals(List.of(operation + " (inside)"), found(graph.build()));
  }
}
