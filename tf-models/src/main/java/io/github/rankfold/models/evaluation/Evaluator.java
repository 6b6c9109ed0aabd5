package io.github.rankfold.models.evaluation;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import io.github.rankfold.models.live.OutputLayout;
import io.github.rankfold.models.live.TensorValues;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Result;
import org.tensorflow.Tensor;

/** Runs a model over data: for accuracy and loss with labels, beside another model without. */
public final class Evaluator {
  /** Large enough for full speed, small enough that a batch of any real model fits in memory. */
  private static final int BATCH = 500;

  private static final int LATENCY_WARM_UP = 20;
  private static final int LATENCY_RUNS = 51;

  private Evaluator() {}

  /** Opens the written files with {@link ModelOptions#defaults()} and evaluates them. */
  public static Evaluation evaluate(Path model, LabeledData data) {
    return evaluate(model, ModelOptions.defaults(), data);
  }

  /** Opens the written files and evaluates them. */
  public static Evaluation evaluate(Path model, ModelOptions options, LabeledData data) {
    try (LiveModel live = LiveModel.open(model, options)) {
      return evaluate(live, data);
    }
  }

  /** Evaluates the called signature of a model on all samples. */
  public static Evaluation evaluate(LiveModel model, LabeledData data) {
    requireSamples(data);
    Score score = new Score(model, data);
    for (int from = 0; from < data.size(); from += BATCH) {
      int to = Math.min(from + BATCH, data.size());
      score.add(outputs(model, data, from, to).values, from, to);
    }
    return score.evaluation(latencies(List.of(model), data)[0]);
  }

  /**
   * A model and what was made of it, on the same samples: evaluation.csv with the rows {@code
   * original} and {@code compressed}, how far the outputs of the second are from the first's and,
   * where the data has labels, accuracy and loss of both.
   */
  public static CsvTable compare(LiveModel original, LiveModel compressed, LabeledData data) {
    requireSamples(data);
    List<Score> scores =
        data.hasLabels()
            ? List.of(new Score(original, data), new Score(compressed, data))
            : List.of();
    OutputChange.Sum sum = new OutputChange.Sum();
    for (int from = 0; from < data.size(); from += BATCH) {
      int to = Math.min(from + BATCH, data.size());
      Rows before = outputs(original, data, from, to);
      Rows after = outputs(compressed, data, from, to);
      if (!before.layout.equals(after.layout)) {
        throw new InvalidInputException(
            "%s: expected outputs of the shape of %s, found %d values a sample in place of %d"
                .formatted(
                    compressed.files().folder(),
                    original.files().folder(),
                    after.layout.width(),
                    before.layout.width()));
      }
      sum.add(before.values, after.values, before.layout);
      if (!scores.isEmpty()) {
        scores.get(0).add(before.values, from, to);
        scores.get(1).add(after.values, from, to);
      }
    }
    double[] times = latencies(List.of(original, compressed), data);
    Optional<OutputChange> change = Optional.of(sum.mean());
    EvaluationTable table = new EvaluationTable();
    if (scores.isEmpty()) {
      table.add("original", original, data.size(), times[0], Optional.empty());
      table.add("compressed", compressed, data.size(), times[1], change);
    } else {
      table.add("original", scores.get(0).evaluation(times[0]), Optional.empty());
      table.add("compressed", scores.get(1).evaluation(times[1]), change);
    }
    return table.build();
  }

  private static void requireSamples(LabeledData data) {
    if (data.size() == 0) {
      throw new InvalidInputException(data.name() + ": expected samples, found none");
    }
  }

  /** The outputs of a batch, row-major. */
  private static final class Rows {
    final double[] values;
    final OutputLayout layout;

    Rows(double[] values, OutputLayout layout) {
      this.values = values;
      this.layout = layout;
    }
  }

  private static Rows outputs(LiveModel model, LabeledData data, int from, int to) {
    try (InputBatch input = model.inputOf(data, from, to);
        Result result = model.feeding(input).fetch(model.tensor(model.logits())).run()) {
      Tensor outputs = result.get(0);
      OutputLayout layout = OutputLayout.of(model, outputs.shape(), to - from);
      if (data.hasLabels()
          && (outputs.shape().numDimensions() != 2 || layout.classes() < data.classes())) {
        throw new InvalidInputException(
            "%s: expected logits of shape [%d, %d or more], found %s"
                .formatted(model.files().folder(), to - from, data.classes(), outputs.shape()));
      }
      return new Rows(TensorValues.toDoubles(outputs), layout);
    }
  }

  /** Adds up how a model does by the labels. */
  private static final class Score {
    private final LiveModel model;
    private final LabeledData data;
    private long correct;
    private double loss;

    Score(LiveModel model, LabeledData data) {
      data.requireLabels("accuracy");
      model.requireClasses(data);
      this.model = model;
      this.data = data;
    }

    void add(double[] values, int from, int to) {
      int width = values.length / (to - from);
      for (int i = from; i < to; i++) {
        int start = (i - from) * width;
        correct += argMax(values, start, width) == data.label(i) ? 1 : 0;
        loss += crossEntropy(values, start, width, data.label(i));
      }
    }

    Evaluation evaluation(double latencyMillis) {
      return new Evaluation(
          new Accuracy(correct, data.size()),
          loss / data.size(),
          model.size(),
          model.files().bytesOnDisk(),
          latencyMillis);
    }
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

  /** Medians in milliseconds, the models turn by turn: what slows one down slows all. */
  private static double[] latencies(List<LiveModel> models, LabeledData data) {
    double[][] millis = new double[models.size()][LATENCY_RUNS];
    for (int run = -LATENCY_WARM_UP; run < LATENCY_RUNS; run++) {
      for (int m = 0; m < millis.length; m++) {
        LiveModel model = models.get(m);
        try (InputBatch input = model.inputOf(data, 0, 1)) {
          long start = System.nanoTime();
          model.feeding(input).fetch(model.tensor(model.logits())).run().close();
          if (run >= 0) {
            millis[m][run] = (System.nanoTime() - start) / 1e6;
          }
        }
      }
    }
    return Arrays.stream(millis)
        .mapToDouble(
            times -> {
              Arrays.sort(times);
              return times[LATENCY_RUNS / 2];
            })
        .toArray();
  }
}
