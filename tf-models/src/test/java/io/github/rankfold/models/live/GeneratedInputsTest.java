package io.github.rankfold.models.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Tensor;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

class GeneratedInputsTest {
  @TempDir Path folder;

  /** A plan, the original and the written files are run on inputs that are made anew each time. */
  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {
        "DT_FLOAT",
        "DT_DOUBLE",
        "DT_HALF",
        "DT_BFLOAT16",
        "DT_INT32",
        "DT_INT64",
        "DT_UINT8",
        "DT_BOOL"
      })
  void theSameInputsAreMadeEachTime(DataType type) throws IOException {
    try (LiveModel model = LiveModel.open(identity(type))) {
      byte[] first = bytes(model);
      assertArrayEquals(first, bytes(model));
      byte[] distinct = first.clone();
      Arrays.sort(distinct);
      assertTrue(distinct[0] != distinct[distinct.length - 1], "not all of them are the same");
      if (type == DataType.DT_BOOL) {
        assertEquals(0, distinct[0]);
        assertEquals(1, distinct[distinct.length - 1]);
      }
    }
  }

  private static byte[] bytes(LiveModel model) {
    try (GeneratedInputs inputs =
        GeneratedInputs.of(model, model.signature(), 7, 5).orElseThrow()) {
      Tensor tensor = Objects.requireNonNull(inputs.byKey().get("x"));
      byte[] bytes = new byte[Math.toIntExact(tensor.numBytes())];
      tensor.asRawTensor().data().read(bytes);
      return bytes;
    }
  }

  /** {@code y = x} [? x 5]. */
  private Path identity(DataType type) throws IOException {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setSize(-1);
    shape.addDimBuilder().setSize(5);
    GraphDef graph =
        GraphDef.newBuilder()
            .addNode(
                NodeWriter.node("input", "Placeholder")
                    .type("dtype", type)
                    .attr("shape", AttrValue.newBuilder().setShape(shape).build())
                    .build())
            .addNode(NodeWriter.node("output", "Identity").input("input").type("T", type).build())
            .build();
    SignatureDef signature =
        SignatureDef.newBuilder()
            .putInputs("x", info("input:0", type, shape))
            .putOutputs("y", info("output:0", type, shape))
            .build();
    SavedModelWriter.write(
        folder,
        FlatGraph.of(graph, Map.of("serving_default", signature)),
        List.of("serve"),
        Map.of(),
        Optional.empty());
    return folder;
  }

  private static TensorInfo info(String name, DataType type, TensorShapeProto.Builder shape) {
    return TensorInfo.newBuilder().setName(name).setDtype(type).setTensorShape(shape).build();
  }
}
