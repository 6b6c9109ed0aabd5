package io.github.rankfold.models.live;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.nn.Conv2d;
import org.tensorflow.types.TFloat32;

/**
 * A model as TensorFlow Java's own exporter writes it, with ref variables (it leaves resource
 * variables out): a convolution and two dense layers. It also made the fixture {@code java_export}.
 */
public final class JavaExport {
  private static final int[] KERNEL = {3, 3, 4, 16};

  private JavaExport() {}

  /** Writes the model into a folder that does not exist yet. */
  public static void write(Path folder) throws IOException {
    Random random = new Random(20240203991L);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x =
          tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 8, 8, 4)));
      Variable<TFloat32> filter =
          variable(tf, "filter", random, KERNEL[0] * KERNEL[1] * KERNEL[2], KERNEL[3]);
      Conv2d<TFloat32> convolved =
          tf.nn.conv2d(
              x,
              tf.reshape(filter, tf.constant(KERNEL)),
              java.util.List.of(1L, 2L, 2L, 1L),
              "SAME");
      var flat = tf.reshape(tf.nn.relu(convolved), tf.constant(new int[] {-1, 4 * 4 * 16}));
      var hidden =
          tf.math.tanh(
              tf.math.add(
                  tf.linalg.matMul(flat, variable(tf, "hidden", random, 256, 40)),
                  variable(tf, "bias", random, 1, 40)));
      var y = tf.withName("y").linalg.matMul(hidden, variable(tf, "output", random, 40, 10));
      Signature signature =
          Signature.builder("serving_default").input("x", x).output("y", y).build();
      try (Session session = new Session(graph)) {
        session.initialize();
        SavedModelBundle.exporter(folder.toString())
            .withSession(session)
            .withSignature(signature)
            .export();
      }
    }
  }

  /** A ref variable with its initializer. */
  private static Variable<TFloat32> variable(
      Ops tf, String name, Random random, int rows, int cols) {
    float[][] values = new float[rows][cols];
    for (float[] row : values) {
      for (int i = 0; i < cols; i++) {
        row[i] = (float) (random.nextGaussian() / Math.sqrt(rows));
      }
    }
    return tf.withName(name).variable(tf.constant(StdArrays.ndCopyOf(values)));
  }
}
