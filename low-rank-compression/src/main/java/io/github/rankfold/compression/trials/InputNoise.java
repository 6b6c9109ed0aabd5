package io.github.rankfold.compression.trials;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.data.SampleArray;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import java.nio.FloatBuffer;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.random.RandomStandardNormal;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;

/**
 * Samples that nobody has seen, from those that there are: each feature with normal noise of a
 * share of its own standard deviation. In distillation the original answers for them, so that they
 * need no labels, and a student of few samples does not learn them by heart (training with noise is
 * a Tikhonov regularization: Bishop, Neural Computation 7(1), 1995).
 */
final class InputNoise {
  /** Enough to know how far features spread. */
  private static final int SAMPLES = 2000;

  private final LiveModel model;
  private final Placeholder<TFloat32> samples;
  private final Output<TFloat32> noisy;

  private InputNoise(LiveModel model, float[] deviations, Shape shape, long seed) {
    this.model = model;
    Ops tf = Ops.create(model.graph()).withSubScope("rankfold_noise");
    this.samples = tf.placeholder(TFloat32.class, Placeholder.shape(shape));
    Operand<TFloat32> normal =
        tf.random.randomStandardNormal(
            tf.shape(samples),
            TFloat32.class,
            RandomStandardNormal.seed(seed),
            RandomStandardNormal.seed2(2L));
    Operand<TFloat32> scale = tf.constant(shape.tail(), DataBuffers.of(deviations, true, false));
    this.noisy = tf.math.add(samples, tf.math.mul(normal, scale)).asOutput();
  }

  /**
   * Whether values between a model's inputs have a meaning: not where there are several, or others
   * than float32, or rows of an embedding are looked up.
   */
  static boolean suits(LiveModel model) {
    return model.inputs().size() == 1
        && model.tensor(model.input()).dataType() == DataType.DT_FLOAT
        && model.layers().stream().noneMatch(layer -> layer.kind() == LayerKind.EMBEDDING);
  }

  /**
   * Noise for a model's inputs, where that {@link #suits} it.
   *
   * @param share of each feature's standard deviation
   */
  static Optional<InputNoise> of(LiveModel model, LabeledData data, double share, long seed) {
    if (!suits(model)) {
      return Optional.empty();
    }
    LabeledData few = data.head(SAMPLES);
    float[] deviations = deviations(few, model.arrayOfInput(few), share);
    try (InputBatch fed = model.inputOf(few, 0, 1)) {
      Shape one = fed.only().shape();
      return Optional.of(
          new InputNoise(model, deviations, Shape.of(Shape.UNKNOWN_SIZE).append(one.tail()), seed));
    }
  }

  private static float[] deviations(LabeledData data, SampleArray array, double share) {
    int width = array.width();
    double[] means = new double[width];
    addOf(data, array, (j, value) -> means[j] += value / data.size());
    // About the mean: far from zero the mean of squares and the square of the mean cancel.
    double[] variances = new double[width];
    addOf(
        data,
        array,
        (j, value) -> variances[j] += (value - means[j]) * (value - means[j]) / data.size());
    float[] deviations = new float[width];
    for (int j = 0; j < width; j++) {
      deviations[j] = (float) (share * Math.sqrt(variances[j]));
    }
    return deviations;
  }

  private interface Sum {
    void add(int column, double value);
  }

  private static void addOf(LabeledData data, SampleArray array, Sum sum) {
    FloatBuffer row = FloatBuffer.allocate(data.featureWidth());
    for (int i = 0; i < data.size(); i++) {
      data.copyFeatures(i, i + 1, row.clear());
      for (int j = 0; j < array.width(); j++) {
        sum.add(j, row.get(array.from() + j));
      }
    }
  }

  /** These samples with fresh noise; the caller closes them. */
  InputBatch of(InputBatch batch) {
    Session.Runner runner = model.session().runner().feed(samples.asOutput(), batch.only());
    // What a result holds is closed one by one as well.
    return InputBatch.of(model.input(), runner.fetch(noisy).run().get(0));
  }
}
