package io.github.rankfold.models.evaluation;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.nio.file.Path;
import java.util.Arrays;
import org.tensorflow.Result;
import org.tensorflow.Tensor;

/** Runs a model over labelled data. */
public final class Evaluator {
  /** Large enough for full speed, small enough that a batch of any real model fits in memory. */
  private static final int BATCH = 500;

  private static final int LATENCY_WARM_UP = 20;
  private static final int LATENCY_RUNS = 51;

  private Evaluator() {}

  /** Opens the written files and evaluates them. */
  public static Evaluation evaluate(Path model, LabeledData data) {
    try (LiveModel live = LiveModel.open(model)) {
      return evaluate(live, data);
    }
  }

  /** Evaluates the called signature of a model on all samples. */
  public static Evaluation evaluate(LiveModel model, LabeledData data) {
    if (data.size() == 0) {
      throw new InvalidInputException(data.name() + ": expected samples, found none");
    }
    model.requireClasses(data);
    TensorRef logits = model.logits();
    long correct = 0;
    double loss = 0;
    for (int from = 0; from < data.size(); from += BATCH) {
      int to = Math.min(from + BATCH, data.size());
      try (Tensor input = model.inputOf(data, from, to);
          Result result = model.feeding(input).fetch(model.tensor(logits)).run()) {
        double[] values = TensorValues.toDoubles(result.get(0));
        int width = width(result.get(0), to - from, data, model);
        for (int i = from; i < to; i++) {
          int start = (i - from) * width;
          correct += argMax(values, start, width) == data.label(i) ? 1 : 0;
          loss += crossEntropy(values, start, width, data.label(i));
        }
      }
    }
    return new Evaluation(
        new Accuracy(correct, data.size()),
        loss / data.size(),
        model.size(),
        model.files().bytesOnDisk(),
        latencyMillis(model, data));
  }

  private static int width(Tensor logits, int samples, LabeledData data, LiveModel model) {
    long[] shape = logits.shape().asArray();
    if (shape.length != 2 || shape[0] != samples || shape[1] < data.classes()) {
      throw new InvalidInputException(
          "%s: expected logits of shape [%d, %d or more], found %s"
              .formatted(model.files().folder(), samples, data.classes(), logits.shape()));
    }
    return (int) shape[1];
  }

  /** The first of the largest, as everywhere in the field. */
  static int argMax(double[] values, int start, int width) {
    int best = 0;
    for (int j = 1; j < width; j++) {
      if (values[start + j] > values[start + best]) {
        best = j;
      }
    }
    return best;
  }

  /** {@code log sum exp(a) - a_label}, shifted by the largest so that nothing overflows. */
  static double crossEntropy(double[] values, int start, int width, int label) {
    double max = values[start + argMax(values, start, width)];
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += Math.exp(values[start + j] - max);
    }
    return Math.log(sum) + max - values[start + label];
  }

  private static double latencyMillis(LiveModel model, LabeledData data) {
    double[] millis = new double[LATENCY_RUNS];
    try (Tensor input = model.inputOf(data, 0, 1)) {
      for (int run = -LATENCY_WARM_UP; run < LATENCY_RUNS; run++) {
        long start = System.nanoTime();
        model.feeding(input).fetch(model.tensor(model.logits())).run().close();
        if (run >= 0) {
          millis[run] = (System.nanoTime() - start) / 1e6;
        }
      }
    }
    Arrays.sort(millis);
    return millis[LATENCY_RUNS / 2];
  }
}
