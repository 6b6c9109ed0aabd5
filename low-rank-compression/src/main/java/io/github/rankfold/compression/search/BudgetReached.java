package io.github.rankfold.compression.search;

import io.github.rankfold.compression.Speed;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How near a search came to a budget that it could not meet. Only what the budget failed by is
 * there: one of {@code drop}, {@code size} and {@code speed}.
 *
 * @param budget as the command line has it
 * @param drop the least that was measured of what saves enough, in the units of the metric
 * @param size the least that the layers can have
 * @param speed the least time of a call
 * @param tried all points, in order; none where size alone rules the budget out
 */
public record BudgetReached(
    String budget,
    OptionalDouble drop,
    Optional<PlannedSize> size,
    Optional<Speed> speed,
    List<SearchPoint> tried) {
  public BudgetReached {
    tried = List.copyOf(tried);
  }

  static BudgetReached drop(Budget budget, double least, List<SearchPoint> tried) {
    return new BudgetReached(
        budget.text(), OptionalDouble.of(least), Optional.empty(), Optional.empty(), tried);
  }

  static BudgetReached size(Budget budget, PlannedSize least, List<SearchPoint> tried) {
    return new BudgetReached(
        budget.text(), OptionalDouble.empty(), Optional.of(least), Optional.empty(), tried);
  }

  static BudgetReached speed(String budget, Speed least, List<SearchPoint> tried) {
    return new BudgetReached(
        budget, OptionalDouble.empty(), Optional.empty(), Optional.of(least), tried);
  }
}
