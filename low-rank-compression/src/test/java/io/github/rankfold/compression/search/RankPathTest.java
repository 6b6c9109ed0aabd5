package io.github.rankfold.compression.search;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.DenseLayers;
import io.github.rankfold.models.layers.Layer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RankPathTest {
  private static final int[][] SHAPES = {{6, 9}, {12, 5}, {7, 7}, {1, 8}};

  /** Changes that fall with the rank, not convex; none at full rank. */
  private static Map<Layer, double[]> curves(long seed) {
    return curves(seed, SHAPES);
  }

  private static Map<Layer, double[]> curves(long seed, int[][] shapes) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Layer, double[]> curves = new LinkedHashMap<>();
    for (int[] shape : shapes) {
      Layer layer = DenseLayers.of("dense" + curves.size(), shape[0], shape[1]);
      double[] changes = new double[layer.fullRank() + 1];
      for (int rank = layer.fullRank() - 1; rank >= 0; rank--) {
        changes[rank] = changes[rank + 1] + Math.pow(random.nextDouble(), 4);
      }
      curves.put(layer, changes);
    }
    return curves;
  }

  private static double cost(Map<Layer, double[]> curves, Map<Layer, Integer> ranks, Cost cost) {
    return curves.keySet().stream()
        .mapToDouble(
            layer ->
                ranks.containsKey(layer) ? cost.atRank(layer, ranks.get(layer)) : cost.whole(layer))
        .sum();
  }

  private static double change(Map<Layer, double[]> curves, Map<Layer, Integer> ranks) {
    return ranks.entrySet().stream()
        .mapToDouble(entry -> requireNonNull(curves.get(entry.getKey()))[entry.getValue()])
        .sum();
  }

  @ParameterizedTest
  @EnumSource(Cost.class)
  void costsFallAlongThePathAndSumUp(Cost cost) {
    for (long seed = 0; seed < 20; seed++) {
      Map<Layer, double[]> curves = curves(seed);
      RankPath path = new RankPath(curves, cost);
      assertTrue(path.at(0).isEmpty(), "nothing is truncated at the start");
      double whole = cost(curves, Map.of(), cost);
      for (int position = 1; position <= path.length(); position++) {
        Map<Layer, Integer> ranks = path.at(position);
        double now = cost(curves, ranks, cost);
        assertTrue(now < cost(curves, path.at(position - 1), cost), "each step saves");
        assertEquals(whole - now, (double) path.saved(position));
        assertEquals(change(curves, ranks), path.change(position), 1e-12);
      }
    }
  }

  /**
   * Everett's theorem, against all combinations of ranks: 4 x 5 x 4 x 1 of them and no truncation.
   */
  @ParameterizedTest
  @EnumSource(Cost.class)
  void forEveryPriceThePathHasTheBestCombinationOfAll(Cost cost) {
    for (long seed = 0; seed < 20; seed++) {
      Map<Layer, double[]> curves = curves(seed);
      RankPath path = new RankPath(curves, cost);
      for (double price = 1e-5; price < 1; price *= 1.5) {
        double best = 0;
        for (Map.Entry<Layer, double[]> entry : curves.entrySet()) {
          Layer layer = entry.getKey(); // the sum is least where each part is
          double least = price * cost.whole(layer);
          for (int rank = 1; rank <= layer.breakEvenRank(); rank++) {
            least = Math.min(least, entry.getValue()[rank] + price * cost.atRank(layer, rank));
          }
          best += least;
        }
        double onPath = Double.POSITIVE_INFINITY;
        for (int position = 0; position <= path.length(); position++) {
          Map<Layer, Integer> ranks = path.at(position);
          onPath = Math.min(onPath, change(curves, ranks) + price * cost(curves, ranks, cost));
        }
        assertEquals(best, onPath, 1e-12 * best);
      }
    }
  }

  @Test
  void betweenTwoCornersNoRankIsLeftOut() {
    Layer layer = DenseLayers.of("dense", 10, 10);
    // Only rank 1 is a corner: it changes as little as any other.
    double[] changes = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
    RankPath path = new RankPath(Map.of(layer, changes), Cost.PARAMETERS);
    assertEquals(layer.breakEvenRank(), path.length());
    for (int position = 1; position <= path.length(); position++) {
      assertEquals(Map.of(layer, layer.breakEvenRank() + 1 - position), path.at(position));
    }
  }

  @Test
  void aLayerThatNoRankMakesSmallerIsNotOnThePath() {
    Layer row = DenseLayers.of("row", 1, 8);
    RankPath path = new RankPath(Map.of(row, new double[] {1, 0}), Cost.PARAMETERS);
    assertEquals(0, path.length());
    assertEquals(0, path.saved(0));
  }

  @ParameterizedTest
  @EnumSource(Cost.class)
  void fillingABudgetLeavesNoStepThatItHadRoomWithout(Cost cost) {
    int spent = 0;
    for (long seed = 0; seed < 20; seed++) {
      Map<Layer, double[]> curves = curves(seed, new int[][] {{40, 30}, {6, 9}, {12, 5}});
      RankPath path = new RankPath(curves, cost);
      double whole = cost(curves, Map.of(), cost);
      double limit = whole * (0.3 + 0.6 * seed / 20);
      RankPath filled = path.filling(ranks -> cost(curves, ranks, cost) <= limit);
      assertEquals(path.length(), filled.length());
      assertEquals(path.at(path.length()), filled.at(path.length()));
      int before = path.first(position -> cost(curves, path.at(position), cost) <= limit);
      int after = filled.first(position -> cost(curves, filled.at(position), cost) <= limit);
      if (cost(curves, path.at(before), cost) > limit) {
        continue; // out of reach
      }
      Map<Layer, Integer> reached = filled.at(after);
      assertTrue(change(curves, reached) <= change(curves, path.at(before)));
      spent += change(curves, reached) < change(curves, path.at(before)) ? 1 : 0;
      for (Layer layer : reached.keySet()) {
        Map<Layer, Integer> less = new LinkedHashMap<>(reached);
        if (less.merge(layer, 1, Integer::sum) > layer.breakEvenRank()) {
          less.remove(layer);
        }
        assertTrue(cost(curves, less, cost) > limit, layer + " had room for more");
      }
    }
    assertTrue(spent > 0, "some budget had room");
  }

  @Test
  void aBudgetThatNoPositionKeepsLeavesThePathAsItIs() {
    RankPath path = new RankPath(curves(1), Cost.PARAMETERS);
    assertEquals(path, path.filling(ranks -> false));
  }
}
