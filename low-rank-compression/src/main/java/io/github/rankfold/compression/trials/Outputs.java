package io.github.rankfold.compression.trials;

import io.github.rankfold.collapse.probe.BatchSize;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.OutputLayout;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Tensor;

/**
 * What a model gives for some samples: logits, as a rule, [N x K], or [N x positions x K] where
 * each position of a sequence or a map has its own. Immutable.
 */
public final class Outputs {
  private final int samples;
  private final int classes;
  private final float[] values;

  private Outputs(int samples, int classes, float[] values) {
    this.samples = samples;
    this.classes = classes;
    this.values = values;
  }

  /**
   * Runs all samples through a graph of the model's session, one row a sample.
   *
   * @param places where the model's tensors are in that graph
   * @param batch how many samples at a time
   */
  public static Outputs of(
      LiveModel model, LabeledData data, Function<TensorRef, Output<?>> places, int batch) {
    Output<?> output = places.apply(model.logits());
    float[] values = new float[0];
    int classes = 1;
    for (int from = 0; from < data.size(); from += batch) {
      int to = Math.min(from + batch, data.size());
      try (InputBatch samples = model.inputOf(data, from, to);
          Result result = samples.feed(model.session().runner(), places).fetch(output).run()) {
        Tensor rows = result.get(0);
        OutputLayout layout = OutputLayout.of(model, rows.shape(), to - from);
        if (from == 0) {
          values = new float[Math.multiplyExact(layout.width(), data.size())];
          classes = layout.classes();
        }
        float[] read = TensorValues.toFloats(rows);
        System.arraycopy(read, 0, values, from * layout.width(), read.length);
      }
    }
    return new Outputs(data.size(), classes, values);
  }

  /** Values that are known, row by row. */
  public static Outputs of(int samples, float[] values) {
    return of(samples, 1, values);
  }

  /** As above, of several positions in each row. */
  public static Outputs of(int samples, int positions, float[] values) {
    int classes = samples == 0 ? 0 : values.length / samples / positions;
    return new Outputs(samples, classes, values.clone());
  }

  /** The first samples' only. */
  public Outputs head(int count) {
    return new Outputs(count, classes, Arrays.copyOf(values, count * width()));
  }

  /** Those of some samples, in this order. */
  public Outputs select(int[] chosen) {
    int width = width();
    float[] selected = new float[chosen.length * width];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(values, chosen[i] * width, selected, i * width, width);
    }
    return new Outputs(chosen.length, classes, selected);
  }

  /** The mean over samples of {@code ||y||^2}. */
  public double meanSquare() {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return sum / Math.max(1, samples);
  }

  /** With independent normal noise on each value; the same draws for the same seed. */
  public Outputs withNoise(double deviation, long seed) {
    Random random = new Random(seed);
    float[] noisy = new float[values.length];
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = (float) (values[i] + deviation * random.nextGaussian());
    }
    return new Outputs(samples, classes, noisy);
  }

  /** What a model gives for all samples. */
  public static Outputs of(LiveModel model, LabeledData data) {
    int batch = BatchSize.of(model.layers(), data);
    return of(model, data, model::tensor, batch);
  }

  /** N. */
  public int samples() {
    return samples;
  }

  /** K, all values of one sample. */
  public int width() {
    return samples == 0 ? 0 : values.length / samples;
  }

  public float value(int sample, int index) {
    return values[sample * width() + index];
  }

  /** How many predictions a sample has: one, or one for each position. */
  public int positions() {
    return classes == 0 ? 0 : width() / classes;
  }

  /** The first of the largest values of a sample that has one prediction. */
  public int prediction(int sample) {
    return prediction(sample, 0);
  }

  /** The first of the largest values of one of its positions. */
  public int prediction(int sample, int position) {
    int first = position * classes;
    int best = first;
    for (int j = first + 1; j < first + classes; j++) {
      if (value(sample, j) > value(sample, best)) {
        best = j;
      }
    }
    return best - first;
  }

  /** How many values of a sample are larger than this one. */
  public int larger(int sample, int index) {
    int larger = 0;
    for (int j = 0; j < width(); j++) {
      larger += value(sample, j) > value(sample, index) ? 1 : 0;
    }
    return larger;
  }
}
