package io.github.rankfold.collapse.probe;

import com.google.protobuf.ByteString;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.rank.CertificateMoments;
import io.github.rankfold.collapse.rank.OutsideVariation;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.SavedModelFolder;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A network whose first dense layer meets every one of three positions of a sample, and whose
 * second meets all of them flattened: x [N, 3, 4] to tanh(x W1) [N, 3, 5] to logits [N, 2], in
 * double, with the certificates that plain Java makes of it.
 */
final class PositionsModel {
  static final int TIME = 3;
  static final int WIDTH = 4;
  static final int HIDDEN = 5;
  static final int CLASSES = 2;
  static final double LAMBDA = 1e-2;

  private final Matrix first;
  private final Matrix second;

  PositionsModel(long seed) {
    Random random = new Random(seed);
    this.first = gaussian(WIDTH, HIDDEN, random);
    this.second = gaussian(TIME * HIDDEN, CLASSES, random);
  }

  /** Random samples of both classes, labels alternating. */
  static LabeledData data(int samples, long seed) {
    Random random = new Random(seed);
    double[] values = random.doubles((long) samples * TIME * WIDTH, -1, 1).toArray();
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = i % CLASSES;
    }
    return new LabeledData(
        "random",
        Features.ofDoubles(values, TIME * WIDTH),
        List.of(TIME, WIDTH),
        labels,
        List.of("even", "odd"));
  }

  void write(Path folder) throws IOException {
    GraphDef graph =
        GraphDef.newBuilder()
            .addNode(
                NodeWriter.node("x", "Placeholder")
                    .type("dtype", DataType.DT_DOUBLE)
                    .attr("shape", AttrValue.newBuilder().setShape(shape(-1, TIME, WIDTH)).build())
                    .build())
            .addNode(NodeWriter.variable("first/kernel", DataType.DT_DOUBLE, WIDTH, HIDDEN))
            .addNode(NodeWriter.read("first/read", "first/kernel", DataType.DT_DOUBLE))
            .addNode(operation("first/product", "BatchMatMulV2", "x", "first/read"))
            .addNode(operation("first/tanh", "Tanh", "first/product"))
            .addNode(NodeWriter.constant("flat/shape", ints(-1, TIME * HIDDEN)))
            .addNode(
                NodeWriter.node("flat", "Reshape")
                    .input("first/tanh")
                    .input("flat/shape")
                    .type("T", DataType.DT_DOUBLE)
                    .type("Tshape", DataType.DT_INT32)
                    .build())
            .addNode(
                NodeWriter.variable("second/kernel", DataType.DT_DOUBLE, TIME * HIDDEN, CLASSES))
            .addNode(NodeWriter.read("second/read", "second/kernel", DataType.DT_DOUBLE))
            .addNode(operation("logits", "MatMul", "flat", "second/read"))
            .build();
    SignatureDef signature =
        SignatureDef.newBuilder()
            .putInputs("x", info("x:0", shape(-1, TIME, WIDTH)))
            .putOutputs("logits", info("logits:0", shape(-1, CLASSES)))
            .setMethodName("tensorflow/serving/predict")
            .build();
    try (Tensor w1 = tensor(first);
        Tensor w2 = tensor(second)) {
      SavedModelWriter.write(
          folder,
          FlatGraph.of(graph, Map.of(SavedModelFolder.SERVING_DEFAULT, signature)),
          List.of(SavedModelFolder.SERVE),
          Map.of("first/kernel", w1, "second/kernel", w2),
          Optional.empty());
    }
  }

  /** The certificates of both layers, by forward and backward in plain matrix products. */
  List<RankCertificate> certificates(LabeledData data) {
    int n = data.size();
    double[] values = new double[n * TIME * WIDTH];
    data.copyFeatures(0, n, DoubleBuffer.wrap(values));
    Matrix x = Matrix.owning(n * TIME, WIDTH, values); // [N T x 4]
    double[] hidden = x.times(first).toDoubles(); // [N T x 5]
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = Math.tanh(hidden[i]);
    }
    Matrix flat = Matrix.of(n, TIME * HIDDEN, hidden); // [N x 15]
    double[] delta = flat.times(second).toDoubles(); // [N x 2]
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = data.label(i);
      double p = 1 / (1 + Math.exp(delta[2 * i + 1] - delta[2 * i])); // softmax of two
      delta[2 * i] = p - (labels[i] == 0 ? 1 : 0);
      delta[2 * i + 1] = 1 - p - (labels[i] == 1 ? 1 : 0);
    }
    Matrix delta2 = Matrix.owning(n, CLASSES, delta);
    double[] back = delta2.timesTransposed(second).toDoubles(); // [N x 15]
    for (int i = 0; i < back.length; i++) {
      back[i] *= 1 - hidden[i] * hidden[i];
    }
    Matrix delta1 = Matrix.owning(n * TIME, HIDDEN, back); // [N T x 5]
    return List.of(
        certificate("first", first, x, delta1, labels, TIME),
        certificate("second", second, flat, delta2, labels, 1));
  }

  private static RankCertificate certificate(
      String layer, Matrix kernel, Matrix z, Matrix delta, int[] labels, int positions) {
    FeatureBatch inputs = FeatureBatch.of(z.cols(), z.toDoubles());
    FeatureBatch gradients = FeatureBatch.of(delta.cols(), delta.toDoubles());
    int[] clusters = CertificateMoments.perPosition(labels, positions);
    CertificateMoments moments = new CertificateMoments(z.cols(), delta.cols(), CLASSES, positions);
    moments.add(inputs, gradients, clusters);
    OutsideVariation outside = new OutsideVariation(moments.moments());
    outside.add(inputs, gradients, clusters);
    Matrix g = z.transposedTimes(delta).scaled(1.0 / labels.length);
    return RankCertificate.of(layer, kernel, g, LAMBDA, outside).orElseThrow();
  }

  private static Matrix gaussian(int rows, int cols, Random random) {
    double[] values = new double[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Matrix.owning(rows, cols, values);
  }

  private static Tensor tensor(Matrix matrix) {
    return TensorValues.of(
        DataType.DT_DOUBLE, Shape.of(matrix.rows(), matrix.cols()), matrix.toDoubles());
  }

  private static NodeDef operation(String name, String operation, String... inputs) {
    NodeWriter node = NodeWriter.node(name, operation).type("T", DataType.DT_DOUBLE);
    for (String input : inputs) {
      node.input(input);
    }
    return node.build();
  }

  private static TensorInfo info(String tensor, TensorShapeProto shape) {
    return TensorInfo.newBuilder()
        .setName(tensor)
        .setDtype(DataType.DT_DOUBLE)
        .setTensorShape(shape)
        .build();
  }

  private static TensorShapeProto shape(long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return shape.build();
  }

  private static TensorProto ints(int... values) {
    ByteBuffer content =
        ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.nativeOrder());
    content.asIntBuffer().put(values);
    return TensorProto.newBuilder()
        .setDtype(DataType.DT_INT32)
        .setTensorShape(shape(values.length))
        .setTensorContent(ByteString.copyFrom(content))
        .build();
  }
}
