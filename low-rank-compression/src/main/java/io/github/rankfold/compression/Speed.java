package io.github.rankfold.compression;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.Arrays;
import java.util.Map;
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

  /**
   * Builds the planned graph beside the model's, runs both, and takes it away again.
   *
   * @param batch how many samples a call has, at most as many as there are
   */
  public static Speed of(LiveModel model, CompressionPlan plan, LabeledData data, int batch) {
    FlatGraph rewritten = GraphRewriter.rewrite(model.flatGraph(), plan.decisions());
    Map<String, Tensor> factors = SavedModelCompressor.newValues(model, plan);
    try (PlannedGraph planned = new PlannedGraph(model, rewritten, factors);
        Tensor input = model.inputOf(data, 0, Math.min(batch, data.size()))) {
      Output<?> from = planned.tensor(model.input());
      Output<?> to = planned.tensor(model.logits());
      double[] before = new double[TURNS];
      double[] after = new double[TURNS];
      double[] shares = new double[TURNS];
      for (int turn = -WARM_UP; turn < TURNS; turn++) {
        double first =
            millis(model, input, model.tensor(model.input()), model.tensor(model.logits()));
        double second = millis(model, input, from, to);
        if (turn >= 0) {
          before[turn] = first;
          after[turn] = second;
          shares[turn] = second / first;
        }
      }
      return new Speed(median(before), median(after), median(shares));
    } finally {
      factors.values().forEach(Tensor::close);
    }
  }

  private static double millis(LiveModel model, Tensor input, Output<?> from, Output<?> to) {
    long start = System.nanoTime();
    model.session().runner().feed(from, input).fetch(to).run().close();
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
