package io.github.rankfold.compression.search;

import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.Speed;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Ranks for a model that is fast enough: the time of a call is measured on the compressed graph
 * itself, as multiply-adds do not tell it, and where it is too long, ranks are searched for again
 * with fewer multiply-adds.
 */
public final class LatencySearch {
  /** How many budgets are tried. */
  public static final int SEARCHES = 5;

  /** Time falls by less than the multiply-adds do. */
  private static final double FURTHER = 0.85;

  private final LatencyBudget latency;
  private final Optional<Budget> others;
  private final Function<Budget, SearchResult> search;
  private final Function<CompressionPlan, Speed> measure;

  /**
   * @param others what else is to be kept to, if anything
   * @param search finds ranks under a budget, see {@link RankSearch}
   * @param measure the time of a call of a plan beside the original's
   */
  public LatencySearch(
      LatencyBudget latency,
      Optional<Budget> others,
      Function<Budget, SearchResult> search,
      Function<CompressionPlan, Speed> measure) {
    this.latency = latency;
    this.others = others;
    this.search = search;
    this.measure = measure;
  }

  /**
   * What was found.
   *
   * @param result of the last search
   * @param speed of its plan
   */
  public record Found(SearchResult result, Speed speed) {}

  /**
   * Searches, at most {@value #SEARCHES} times.
   *
   * @throws BudgetException where no plan that was found is fast enough, or the other budgets
   *     cannot be met
   */
  public Found run(LiveModel model) {
    long whole = whole(model);
    Budget budget =
        others.orElseGet(
            () -> {
              Speed original = measure.apply(new CompressionPlan("original", List.of()));
              return onlyMultiplyAdds(limited(whole, Math.min(1, latency.missing(original))));
            });
    Optional<Speed> best = Optional.empty();
    List<SearchPoint> tried = List.of();
    for (int i = 0; i < SEARCHES; i++) {
      SearchResult found;
      try {
        found = search.apply(budget);
      } catch (BudgetException e) {
        if (best.isEmpty()) {
          throw e;
        }
        break; // nothing smaller keeps to the other budgets
      }
      tried = found.points();
      Speed speed = measure.apply(found.plan());
      if (latency.allows(speed)) {
        return new Found(named(found), speed);
      }
      if (best.isEmpty() || speed.share() < best.get().share()) {
        best = Optional.of(speed);
      }
      long reached = found.chosen().size().multiplyAdds();
      budget = budget.withMultiplyAdds(limited(reached, FURTHER * latency.missing(speed)));
    }
    Speed least = best.orElseThrow();
    throw new BudgetException(
        String.format(
            Locale.ROOT,
            "%s: the least that was reached is %.2f of the original's time turn by turn"
                + " (medians %.3g ms and %.3g ms)",
            text(),
            least.share(),
            least.millis(),
            least.originalMillis()),
        BudgetReached.speed(text(), least, tried));
  }

  /** The budget of a model that is to save nothing. */
  public static Budget noMultiplyAddsLess(LiveModel model) {
    return onlyMultiplyAdds(Math.max(1, whole(model)));
  }

  private static long whole(LiveModel model) {
    return model.layers().stream().mapToLong(Layer::multiplyAdds).sum();
  }

  private static long limited(long multiplyAdds, double share) {
    return Math.max(1, (long) (multiplyAdds * share));
  }

  private static Budget onlyMultiplyAdds(long limit) {
    return new Budget(
        OptionalDouble.empty(),
        false,
        OptionalDouble.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.of(limit));
  }

  private SearchResult named(SearchResult found) {
    return found.named(text());
  }

  private String text() {
    return others.map(budget -> budget.text() + " ").orElse("") + latency.text();
  }
}
