package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.Speed;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LatencySearchTest {
  private final List<Budget> asked = new ArrayList<>();

  /** Finds exactly what a budget allows of 1000 multiply-adds, down to a least. */
  private SearchResult find(Budget budget, long least) {
    asked.add(budget);
    long adds = budget.multiplyAdds().orElse(1000);
    if (adds < least) {
      throw new BudgetException(
          "nothing so small",
          BudgetReached.size(budget, new PlannedSize(least, least, least), List.of()));
    }
    SearchPoint point =
        new SearchPoint(
            Map.of(),
            Refinement.NONE,
            new PlannedSize(adds, adds, adds),
            new Drop(0, OptionalDouble.of(0), 10));
    return new SearchResult(
        new CompressionPlan("adds:" + adds, List.of()),
        point,
        List.of(point),
        new PlannedSize(1000, 1000, 1000),
        "samples",
        1,
        1,
        Map.of());
  }

  /** A tenth of the time is spent whatever there is to multiply; the original takes 2 ms. */
  private static Speed speed(CompressionPlan plan) {
    String[] parts = plan.rule().split(":", -1);
    double share = parts.length < 2 ? 1 : 0.1 + 0.9 * Long.parseLong(parts[1]) / 1000;
    return new Speed(2, 2 * share, share);
  }

  private LatencySearch.Found run(String latency, Optional<Budget> others, long least) {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("mlp"))) {
      return new LatencySearch(
              LatencyBudget.parse(latency, 1),
              others,
              budget -> find(budget, least),
              LatencySearchTest::speed)
          .run(model);
    }
  }

  @ParameterizedTest
  @CsvSource({"0.9x", "0.5x", "0.3x", "1ms", "0.5MS"})
  void whatIsFoundIsMeasuredToBeFastEnough(String limit) {
    LatencySearch.Found found = run(limit, Optional.of(Budget.maxDrop(1)), 1);
    LatencyBudget budget = LatencyBudget.parse(limit, 1);
    assertTrue(budget.allows(found.speed()), found.toString());
    assertEquals("max-drop:1 " + budget.text(), found.result().plan().rule());
    assertTrue(asked.stream().allMatch(one -> one.maxDrop().getAsDouble() == 1));
    assertTrue(asked.size() <= 5);
  }

  @Test
  void whatIsFastEnoughAtOnceIsSearchedForOnce() {
    run("1x", Optional.of(Budget.ratio(2)), 1);
    assertEquals(List.of(Budget.ratio(2)), asked);
  }

  @Test
  void whatCannotBeReachedIsRefusedWithTheLeastThatWas() {
    BudgetException missed =
        assertThrows(
            BudgetException.class, () -> run("0.15x", Optional.of(Budget.maxDrop(1)), 400));
    String message = String.valueOf(missed.getMessage());
    assertTrue(
        message.startsWith("max-drop:1 latency:0.15x: the least that was reached is "), message);
    assertTrue(
        message.endsWith("of the original's time turn by turn (medians 2.00 ms and 2.00 ms)"),
        message);
    BudgetReached reached = missed.reached();
    assertEquals("max-drop:1 latency:0.15x", reached.budget());
    assertEquals(1, reached.speed().orElseThrow().share(), 1e-12);
    assertEquals(1, reached.tried().size());
  }

  @Test
  void timeAloneBeginsWithAsManyMultiplyAddsAsItHasTime() {
    assertThrows(BudgetException.class, () -> run("0.001ms", Optional.empty(), 1_000_000));
    assertEquals(1, asked.size());
    assertTrue(asked.get(0).multiplyAdds().isPresent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "3", "x", "ms", "0x", "-1ms", "NaNx", "fastms", "0.5 s"})
  void textsThatAreNoLatency(String text) {
    assertThrows(IllegalArgumentException.class, () -> LatencyBudget.parse(text, 1));
  }
}
