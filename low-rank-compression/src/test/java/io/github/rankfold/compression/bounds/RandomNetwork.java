package io.github.rankfold.compression.bounds;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.SavedModelFolder;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.nn.Conv2d;
import org.tensorflow.op.nn.FusedBatchNorm;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Networks with random weights, as SavedModels with constants for weights. */
final class RandomNetwork {
  private final Ops tf;
  private final SplittableRandom random;

  private RandomNetwork(Ops tf, long seed) {
    this.tf = tf;
    this.random = new SplittableRandom(seed);
  }

  /** What the network is made of; each takes a flat or an image input and gives 5 logits. */
  enum Kind {
    DENSE("12") {
      @Override
      Operand<TFloat32> logits(RandomNetwork net, Operand<TFloat32> x) {
        Operand<TFloat32> h = net.tf.nn.relu(net.dense(x, 12, 24));
        h = net.tf.math.tanh(net.dense(h, 24, 24));
        h = net.tf.nn.leakyRelu(net.dense(h, 24, 20));
        return net.dense(h, 20, 5);
      }
    },
    ACTIVATIONS("10") {
      @Override
      Operand<TFloat32> logits(RandomNetwork net, Operand<TFloat32> x) {
        Ops tf = net.tf;
        Operand<TFloat32> h = net.gelu(net.dense(x, 10, 20));
        Operand<TFloat32> a = net.dense(h, 20, 20);
        h = tf.math.mul(a, tf.math.sigmoid(a));
        h = tf.nn.selu(net.dense(h, 20, 20));
        h = tf.nn.elu(net.dense(h, 20, 20));
        h = tf.math.softplus(net.dense(h, 20, 20));
        h = tf.math.sigmoid(net.dense(h, 20, 20));
        h = tf.math.mul(h, tf.constant(-3f));
        return tf.math.add(net.dense(h, 20, 5), net.dense(x, 10, 5));
      }
    },
    RESIDUAL("16") {
      @Override
      Operand<TFloat32> logits(RandomNetwork net, Operand<TFloat32> x) {
        Operand<TFloat32> h = x;
        for (int layer = 0; layer < 4; layer++) {
          h = net.tf.math.add(h, net.tf.nn.relu(net.dense(h, 16, 16)));
        }
        return net.tf.math.sub(net.dense(h, 16, 5), net.dense(x, 16, 5));
      }
    },
    IMAGE("9, 9, 2") {
      @Override
      Operand<TFloat32> logits(RandomNetwork net, Operand<TFloat32> x) {
        Ops tf = net.tf;
        Operand<TFloat32> h = tf.nn.relu(net.convolution(x, 3, 2, 8, 1, 1, "SAME"));
        h = net.batchNorm(h, 8);
        h =
            tf.nn.maxPool(
                h,
                tf.constant(new int[] {1, 3, 3, 1}),
                tf.constant(new int[] {1, 2, 2, 1}),
                "SAME");
        h = tf.nn.relu(net.convolution(h, 3, 8, 10, 2, 1, "VALID"));
        h = tf.reshape(h, tf.constant(new int[] {-1, 40}));
        return net.dense(h, 40, 5);
      }
    },
    BRANCHES("8, 8, 3") {
      @Override
      Operand<TFloat32> logits(RandomNetwork net, Operand<TFloat32> x) {
        Ops tf = net.tf;
        Operand<TFloat32> left = tf.nn.relu(net.convolution(x, 3, 3, 6, 1, 2, "SAME"));
        Operand<TFloat32> right = tf.math.tanh(net.convolution(x, 5, 3, 6, 1, 1, "SAME"));
        Operand<TFloat32> h = tf.concat(List.of(left, right), tf.constant(-1));
        h = tf.math.add(h, net.convolution(h, 1, 12, 12, 1, 1, "SAME"));
        h = tf.pad(h, tf.constant(new int[][] {{0, 0}, {1, 2}, {0, 1}, {0, 0}}), tf.constant(0f));
        h = tf.nn.avgPool(h, List.of(1L, 3L, 2L, 1L), List.of(1L, 2L, 1L, 1L), "SAME");
        h = tf.math.mean(h, tf.constant(new int[] {1, 2}));
        return net.dense(h, 12, 5);
      }
    },
    FILTERS("7, 6, 4") {
      @Override
      Operand<TFloat32> logits(RandomNetwork net, Operand<TFloat32> x) {
        Ops tf = net.tf;
        Operand<TFloat32> h =
            tf.nn.depthwiseConv2dNative(
                x, net.weights(3, 3, 4, 2), List.of(1L, 1L, 1L, 1L), "SAME");
        h = tf.nn.relu(net.convolution(h, 4, 8, 9, 3, 1, "SAME"));
        // Back to [?, 7, 6, 6] by the transpose of a convolution with stride 3.
        Operand<TFloat32> batch = tf.constant(0f);
        h =
            tf.nn.conv2dBackpropInput(
                net.shapeLike(x, 6), net.weights(3, 3, 6, 9), h, List.of(1L, 3L, 3L, 1L), "SAME");
        h = tf.math.maximum(h, batch);
        h = tf.reduceMax(h, tf.constant(new int[] {1}));
        h = tf.reshape(h, tf.constant(new int[] {-1, 36}));
        return net.dense(h, 36, 5);
      }
    };

    private final String inputShape;

    Kind(String inputShape) {
      this.inputShape = inputShape;
    }

    abstract Operand<TFloat32> logits(RandomNetwork net, Operand<TFloat32> x);

    List<Integer> shape() {
      return Arrays.stream(inputShape.split(", ")).map(Integer::valueOf).toList();
    }

    int width() {
      return shape().stream().reduce(1, (a, b) -> a * b);
    }
  }

  /** Writes such a network, with a softmax behind the logits. */
  static void write(Kind kind, long seed, Path folder) throws IOException {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      long[] sizes = new long[kind.shape().size() + 1];
      sizes[0] = -1;
      for (int i = 1; i < sizes.length; i++) {
        sizes[i] = kind.shape().get(i - 1);
      }
      Operand<TFloat32> x =
          tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(sizes)));
      Operand<TFloat32> logits = kind.logits(new RandomNetwork(tf, seed), x);
      Operand<TFloat32> probabilities = tf.withName("probabilities").nn.softmax(logits);
      SignatureDef signature =
          SignatureDef.newBuilder()
              .setMethodName("tensorflow/serving/predict")
              .putInputs("x", info("x:0", sizes))
              .putOutputs(
                  "probabilities",
                  info(probabilities.asOutput().op().name() + ":0", new long[] {-1, 5}))
              .build();
      FlatGraph flat =
          FlatGraph.of(graph.toGraphDef(), Map.of(SavedModelFolder.SERVING_DEFAULT, signature));
      SavedModelWriter.write(
          folder, flat, List.of(SavedModelFolder.SERVE), Map.of(), Optional.empty());
    }
  }

  private static TensorInfo info(String name, long[] sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return TensorInfo.newBuilder()
        .setName(name)
        .setDtype(DataType.DT_FLOAT)
        .setTensorShape(shape)
        .build();
  }

  /** Normal, with the variance that keeps the size of what is multiplied. */
  private Operand<TFloat32> weights(long... shape) {
    Shape sizes = Shape.of(shape);
    double deviation = Math.sqrt((double) shape[shape.length - 1] / sizes.size());
    return normal(sizes, deviation);
  }

  private Operand<TFloat32> normal(Shape shape, double deviation) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return tf.constant(shape, DataBuffers.of(values, true, false));
  }

  private Operand<TFloat32> dense(Operand<TFloat32> h, int rows, int cols) {
    return tf.nn.biasAdd(tf.linalg.matMul(h, weights(rows, cols)), normal(Shape.of(cols), 0.3));
  }

  private Operand<TFloat32> convolution(
      Operand<TFloat32> h, int size, int in, int out, int stride, int dilation, String padding) {
    return tf.nn.biasAdd(
        tf.nn.conv2d(
            h,
            weights(size, size, in, out),
            List.of(1L, (long) stride, (long) stride, 1L),
            padding,
            Conv2d.dilations(List.of(1L, (long) dilation, (long) dilation, 1L))),
        normal(Shape.of(out), 0.3));
  }

  private Operand<TFloat32> batchNorm(Operand<TFloat32> h, int channels) {
    Operand<TFloat32> variance =
        tf.math.add(tf.math.square(normal(Shape.of(channels), 1)), tf.constant(0.5f));
    return tf.nn
        .fusedBatchNorm(
            h,
            normal(Shape.of(channels), 1),
            normal(Shape.of(channels), 1),
            normal(Shape.of(channels), 1),
            variance,
            FusedBatchNorm.isTraining(false))
        .y();
  }

  private Operand<TFloat32> gelu(Operand<TFloat32> a) {
    Operand<TFloat32> erf = tf.math.erf(tf.math.mul(a, tf.constant((float) Math.sqrt(0.5))));
    return tf.math.mul(tf.math.mul(a, tf.constant(0.5f)), tf.math.add(erf, tf.constant(1f)));
  }

  /** The shape of x with other channels, as int32. */
  private Operand<TInt32> shapeLike(Operand<TFloat32> x, int channels) {
    var shape = tf.shape(x);
    var leading = tf.slice(shape, tf.constant(new int[] {0}), tf.constant(new int[] {3}));
    return tf.concat(List.of(leading, tf.constant(new int[] {channels})), tf.constant(0));
  }
}
