package io.github.rankfold.compression.search;

import io.github.rankfold.compression.Outputs;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import java.util.Locale;

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
    Drop drop = settings.metric().drop(Outputs.of(original, data), Outputs.of(written, data), data);
    if (!settings.budget().allows(drop)) {
      throw new BudgetException(
          String.format(
              Locale.ROOT,
              "%s: with its kernels stored as they were asked to be, the model is %.2f worse on %,d"
                  + " samples (%s)",
              settings.budget().text(),
              settings.budget().strict() ? drop.promised() : drop.measured(),
              drop.samples(),
              settings.metric()));
    }
    return drop;
  }
}
