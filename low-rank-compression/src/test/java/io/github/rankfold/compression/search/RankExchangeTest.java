package io.github.rankfold.compression.search;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.DenseLayers;
import io.github.rankfold.models.layers.Layer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankExchangeTest {
  private static final int SIZE = 60;
  private static final int SUM_OF_RANKS = 36;
  private static final Layer FIRST = DenseLayers.of("first", SIZE, SIZE);
  private static final Layer SECOND = DenseLayers.of("second", SIZE, SIZE);
  private static final Layer THIRD = DenseLayers.of("third", SIZE, SIZE);

  private final List<Map<Layer, Integer>> asked = new ArrayList<>();

  /** Each layer's predicted changes fall by the same exponential. */
  private static Map<Layer, double[]> curves() {
    Map<Layer, double[]> curves = new LinkedHashMap<>();
    for (Layer layer : List.of(FIRST, SECOND, THIRD)) {
      double[] changes = new double[SIZE + 1];
      for (int rank = 0; rank < SIZE; rank++) {
        changes[rank] = change(rank);
      }
      curves.put(layer, changes);
    }
    return curves;
  }

  private static double change(int rank) {
    return Math.exp(-rank / 4.0);
  }

  /** As if fine-tuning healed all but a part of what a layer loses. */
  private ToDoubleFunction<Map<Layer, Integer>> loss(double first, double second, double third) {
    return ranks -> {
      asked.add(ranks);
      return first * change(rank(ranks, FIRST))
          + second * change(rank(ranks, SECOND))
          + third * change(rank(ranks, THIRD));
    };
  }

  private static int rank(Map<Layer, Integer> ranks, Layer layer) {
    return requireNonNull(ranks.get(layer));
  }

  private static boolean allowed(Map<Layer, Integer> ranks) {
    return ranks.size() == 3
        && ranks.values().stream().mapToInt(Integer::intValue).sum() <= SUM_OF_RANKS;
  }

  private static RankExchange.Found found(ToDoubleFunction<Map<Layer, Integer>> loss, int tries) {
    return new RankExchange(curves(), Cost.PARAMETERS, FactorCosts.ofPlainFactors(), loss, tries)
        .within(RankExchangeTest::allowed);
  }

  @Test
  void ranksGoWhereFineTuningHealsLeast() {
    Map<Layer, Integer> ranks = found(loss(1, 1.0 / 16, 1), 20).ranks();
    assertTrue(allowed(ranks));
    // The least of the sum is where the weighted changes are equal: 4 ln 16 ranks apart.
    double apart = 4 * Math.log(16);
    assertEquals(SUM_OF_RANKS / 3.0 + apart / 3, rank(ranks, FIRST), 1);
    assertEquals(SUM_OF_RANKS / 3.0 - 2 * apart / 3, rank(ranks, SECOND), 1);
    assertEquals(SUM_OF_RANKS / 3.0 + apart / 3, rank(ranks, THIRD), 1);
  }

  @Test
  void whereFineTuningHealsAllAlikeRanksStay() {
    assertEquals(Map.of(FIRST, 12, SECOND, 12, THIRD, 12), found(loss(0.1, 0.1, 0.1), 20).ranks());
  }

  @Test
  void whatIsFoundIsTheBestThatWasTriedUpToOnePercent() {
    ToDoubleFunction<Map<Layer, Integer>> loss = loss(0.3, 1, 0.02);
    double reached = loss.applyAsDouble(found(loss, 20).ranks());
    double least = List.copyOf(asked).stream().mapToDouble(loss).min().orElseThrow();
    assertTrue(reached <= least / 0.99, () -> reached + " after " + least);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 3, 5})
  void noMoreIsTriedThanIsAllowed(int tries) {
    Map<Layer, Integer> ranks = found(loss(1, 1.0 / 16, 1), tries).ranks();
    assertTrue(allowed(ranks));
    assertEquals(tries < 3 ? 0 : tries, asked.size());
    assertEquals(asked.size(), asked.stream().distinct().count(), "nothing is tried twice");
  }
}
