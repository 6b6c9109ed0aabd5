package io.github.rankfold.models.network;

import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.SavedModelFolder;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Writes a network as a SavedModel: signature {@code serving_default}, {@code x} to {@code logits}.
 */
public final class NetworkExport {
  private NetworkExport() {}

  /**
   * Writes the SavedModel of {@code spec} with these weights.
   *
   * @param folder the SavedModel's folder, new or empty
   */
  public static void write(NetworkSpec spec, NetworkWeights weights, Path folder)
      throws IOException {
    weights.checkFit(spec);
    Map<String, Tensor> values = new LinkedHashMap<>();
    try {
      weights.arrays().forEach((name, array) -> values.put(name, tensor(array)));
      SavedModelWriter.write(
          folder, graph(spec), List.of(SavedModelFolder.SERVE), values, Optional.empty());
    } finally {
      values.values().forEach(Tensor::close);
    }
  }

  private static FlatGraph graph(NetworkSpec spec) {
    try (Graph graph = new Graph()) {
      InferenceNodes nodes = NetworkGraph.inference(graph, spec);
      GraphDef definition = graph.toGraphDef();
      SignatureDef signature =
          SignatureDef.newBuilder()
              .setMethodName("tensorflow/serving/predict")
              .putInputs("x", info(nodes.input(), spec.inputWidth()))
              .putOutputs("logits", info(nodes.logits(), spec.classes()))
              .build();
      return FlatGraph.of(definition, Map.of(SavedModelFolder.SERVING_DEFAULT, signature));
    }
  }

  /** A float32 tensor [any number x width]. */
  private static TensorInfo info(String node, int width) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(-1));
    shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(width));
    return TensorInfo.newBuilder()
        .setName(node + ":0")
        .setDtype(DataType.DT_FLOAT)
        .setTensorShape(shape)
        .build();
  }

  private static Tensor tensor(WeightArray array) {
    long[] shape = array.shape().stream().mapToLong(Integer::longValue).toArray();
    return TensorValues.of(DataType.DT_FLOAT, Shape.of(shape), array.values());
  }
}
