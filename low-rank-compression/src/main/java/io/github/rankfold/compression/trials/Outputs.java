package io.github.rankfold.compression.trials;

import io.github.rankfold.collapse.probe.BatchSize;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.tensorflow.Output;
import org.tensorflow.Result;

/** What a model gives for some samples: logits, as a rule, [N x K]. Immutable. */
public final class Outputs {
  private final int samples;
  private final float[] values;

  private Outputs(int samples, float[] values) {
    this.samples = samples;
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
    for (int from = 0; from < data.size(); from += batch) {
      int to = Math.min(from + batch, data.size());
      try (InputBatch samples = model.inputOf(data, from, to);
          Result result = samples.feed(model.session().runner(), places).fetch(output).run()) {
        float[] rows = TensorValues.toFloats(result.get(0));
        int width = rows.length / (to - from);
        if (from == 0) {
          values = new float[Math.multiplyExact(width, data.size())];
        }
        System.arraycopy(rows, 0, values, from * width, rows.length);
      }
    }
    return new Outputs(data.size(), values);
  }

  /** Values that are known, row by row. */
  public static Outputs of(int samples, float[] values) {
    return new Outputs(samples, values.clone());
  }

  /** The first samples' only. */
  public Outputs head(int count) {
    return new Outputs(count, Arrays.copyOf(values, count * width()));
  }

  /** Those of some samples, in this order. */
  public Outputs select(int[] chosen) {
    int width = width();
    float[] selected = new float[chosen.length * width];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(values, chosen[i] * width, selected, i * width, width);
    }
    return new Outputs(chosen.length, selected);
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
    return new Outputs(samples, noisy);
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

  /** The first of the largest values of a sample. */
  public int prediction(int sample) {
    int width = width();
    int best = 0;
    for (int j = 1; j < width; j++) {
      if (value(sample, j) > value(sample, best)) {
        best = j;
      }
    }
    return best;
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
