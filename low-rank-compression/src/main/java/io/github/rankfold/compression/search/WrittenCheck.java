package io.github.rankfold.compression.search;

import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Whether written files keep to a budget: trials are run with factors rounded to what is stored,
 * but not with kernels that are left whole and rounded too.
 */
public final class WrittenCheck {
  private WrittenCheck() {}

  /**
   * How much worse the written model is.
   *
   * @param data of the search
   * @throws BudgetException where that is more than the budget allows
   */
  public static Drop require(
      SearchSettings settings, LiveModel original, LiveModel written, LabeledData data) {
    Drop drop = measured(settings.metric(), original, written, data);
    if (!settings.budget().allows(drop)) {
      throw new BudgetException(
          String.format(
              Locale.ROOT,
              "%s: with its kernels stored as they were asked to be, the model is %.2f worse on %,d"
                  + " samples (%s)",
              settings.budget().text(),
              settings.budget().strict() ? drop.promised().orElseThrow() : drop.measured(),
              drop.samples(),
              settings.metric()));
    }
    return drop;
  }

  /** On all samples, with the promise of those that only judged in the search. */
  private static Drop measured(
      Metric metric, LiveModel original, LiveModel written, LabeledData data) {
    Outputs before = Outputs.of(original, data);
    Outputs after = Outputs.of(written, data);
    int[] judges = IntStream.range(0, data.size()).filter(i -> i % 2 == 1).toArray();
    Difference judged =
        metric.difference(before.select(judges), after.select(judges), data.select(judges));
    return new Drop(
        metric.drop(metric.difference(before, after, data).mean()),
        OptionalDouble.of(metric.drop(judged.bound(Confidence.SINGLE, data.size()))),
        data.size());
  }
}
