package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Finds ranks of one size that fine-tuning gets furthest from. What truncation does before is no
 * measure of that: fine-tuning gives back what a layer's neighbours can make up for.
 *
 * <p>A search in the weights of layers: the predicted changes of one layer count four times or a
 * quarter, the path through ranks of all layers is drawn anew, and the ranks at which it enters the
 * budget are fine-tuned for a moment. Where the loss on held-out calibration samples falls the
 * weights stay, until no layer's weight helps or the tries are spent. The order after a moment is
 * that after a whole fine-tuning for the most part (docs/compression.md).
 */
final class RankExchange {
  /** What the changes of a layer are multiplied by. */
  private static final List<Double> WEIGHTS = List.of(4.0, 0.25);

  /** Losses that are nearer are not told apart. */
  private static final double CLEARLY = 0.99;

  /** With fewer tries nothing would be compared. */
  private static final int LEAST_TRIES = 3;

  private final Map<Layer, double[]> curves;
  private final Cost cost;
  private final FactorCosts costs;
  private final ToDoubleFunction<Map<Layer, Integer>> loss;
  private final int tries;

  /**
   * A path, and where it enters the budget.
   *
   * @param position the first one that is allowed
   */
  record Found(RankPath path, int position) {
    Map<Layer, Integer> ranks() {
      return path.at(position);
    }
  }

  /**
   * Nothing is tried yet.
   *
   * @param curves as {@link RankPath} takes them, like the costs
   * @param loss what is left after a moment of fine-tuning
   * @param tries how often that may be asked for at most
   */
  RankExchange(
      Map<Layer, double[]> curves,
      Cost cost,
      FactorCosts costs,
      ToDoubleFunction<Map<Layer, Integer>> loss,
      int tries) {
    this.curves = new LinkedHashMap<>(curves);
    this.cost = cost;
    this.costs = costs;
    this.loss = loss;
    this.tries = tries;
  }

  /**
   * The best path that was found.
   *
   * @param allowed whether ranks are within the budget
   */
  Found within(Predicate<Map<Layer, Integer>> allowed) {
    Map<Layer, Double> weights = new LinkedHashMap<>();
    curves.keySet().forEach(layer -> weights.put(layer, 1.0));
    Found best = found(weights, allowed);
    if (tries < LEAST_TRIES || best.ranks().isEmpty()) {
      return best;
    }
    List<Layer> layers =
        curves.keySet().stream()
            .sorted(Comparator.comparingLong(Layer::parameters).reversed())
            .toList();
    Set<Map<Layer, Integer>> seen = new HashSet<>(Set.of(best.ranks()));
    double least = loss.applyAsDouble(best.ranks());
    boolean improves = true;
    while (improves) {
      improves = false;
      for (Layer layer : layers) {
        for (double weight : WEIGHTS) {
          if (seen.size() == tries) {
            return best; // drawing a path is not free either
          }
          Map<Layer, Double> tried = new LinkedHashMap<>(weights);
          tried.merge(layer, weight, (before, times) -> before * times);
          Found found = found(tried, allowed);
          if (!seen.add(found.ranks())) {
            continue;
          }
          double reached = loss.applyAsDouble(found.ranks());
          if (reached < CLEARLY * least) {
            least = reached;
            best = found;
            weights.putAll(tried);
            improves = true;
          }
        }
      }
    }
    return best;
  }

  private Found found(Map<Layer, Double> weights, Predicate<Map<Layer, Integer>> allowed) {
    Map<Layer, double[]> weighted = new LinkedHashMap<>();
    curves.forEach(
        (layer, curve) -> {
          double weight = weights.getOrDefault(layer, 1.0);
          double[] changes = curve.clone();
          for (int rank = 0; rank < changes.length; rank++) {
            changes[rank] *= weight;
          }
          weighted.put(layer, changes);
        });
    RankPath path = new RankPath(weighted, cost, costs).filling(allowed);
    return new Found(path, path.firstWithin(allowed));
  }
}
