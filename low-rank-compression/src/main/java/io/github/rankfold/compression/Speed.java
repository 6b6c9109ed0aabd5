package io.github.rankfold.compression;

import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.compression.trials.PlannedGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import org.tensorflow.Output;
import org.tensorflow.Tensor;

/**
 * The time of one call of a planned model beside the original's, measured turn by turn, so that
 * what else the machine does meanwhile falls on both.
 *
 * @param originalMillis median time of a call of the original
 * @param millis median time of a call of the planned model
 * @param share median over the turns of the second by the first
 */
public record Speed(double originalMillis, double millis, double share) {
  private static final int WARM_UP = 10;
  private static final int TURNS = 51;

  /** A large model has fewer turns, but at least these. */
  private static final int LEAST_TURNS = 7;

  private static final long ENOUGH_NANOS = 4_000_000_000L;

  /**
   * Builds the planned graph beside the model's, runs both, and takes it away again.
   *
   * @param batch how many samples a call has, at most as many as there are
   */
  public static Speed of(LiveModel model, CompressionPlan plan, LabeledData data, int batch) {
    FlatGraph rewritten = GraphRewriter.rewrite(model.flatGraph(), plan.decisions());
    Map<String, Tensor> factors = SavedModelCompressor.newValues(model, plan);
    try (PlannedGraph planned = new PlannedGraph(model, rewritten, factors);
        InputBatch input = model.inputOf(data, 0, Math.min(batch, data.size()))) {
      double[] before = new double[TURNS];
      double[] after = new double[TURNS];
      double[] shares = new double[TURNS];
      long start = System.nanoTime();
      int warmUps = 0;
      int turns = 0;
      while (turns < TURNS) {
        boolean enough = System.nanoTime() - start > ENOUGH_NANOS;
        if (enough && turns >= LEAST_TURNS) {
          break;
        }
        double first = millis(model, input, model::tensor);
        double second = millis(model, input, planned::tensor);
        if (warmUps < WARM_UP && !enough) {
          warmUps++;
        } else {
          before[turns] = first;
          after[turns] = second;
          shares[turns] = second / first;
          turns++;
        }
      }
      return new Speed(median(before, turns), median(after, turns), median(shares, turns));
    } finally {
      factors.values().forEach(Tensor::close);
    }
  }

  private static double millis(
      LiveModel model, InputBatch input, Function<TensorRef, Output<?>> places) {
    Output<?> output = places.apply(model.logits());
    long start = System.nanoTime();
    input.feed(model.session().runner(), places).fetch(output).run().close();
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(double[] values, int count) {
    double[] measured = Arrays.copyOf(values, count);
    Arrays.sort(measured);
    return measured[count / 2];
  }
}
