package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * Ranks for all layers together, from no truncation to the most: each step takes away where the
 * predicted change of the outputs, for what is saved, is least.
 *
 * <p>These are the minimizers of {@code sum_l change_l(r_l) + mu sum_l cost_l(r_l)} for growing mu,
 * the corners of the lower convex hull (Everett 1963; Shoham and Gersho 1988 for bit allocation),
 * and between two corners of a layer every rank in between: corners can lie far apart. Changes of
 * different layers are taken to add up.
 */
public final class RankPath {
  private record Step(Layer layer, int rank, double change, long saved, double slope) {}

  /** What a layer may be: its kernel (rank 0 stands for that) or factors. */
  private record Option(int rank, long cost, double change) {}

  private final List<Step> steps;

  private RankPath(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /**
   * The path for these curves.
   *
   * @param curves the predicted change of the outputs for each layer by rank, from 0 to the full
   *     one
   * @param cost what is to be saved; a rank that saves nothing, or no parameters, is no choice
   */
  public RankPath(Map<Layer, double[]> curves, Cost cost) {
    this(curves, cost, FactorCosts.ofPlainFactors());
  }

  /**
   * As above.
   *
   * @param costs of factors as they will be stored
   */
  RankPath(Map<Layer, double[]> curves, Cost cost, FactorCosts costs) {
    List<Step> all = new ArrayList<>();
    curves.forEach((layer, changes) -> all.addAll(steps(layer, changes, cost, costs)));
    all.sort(Comparator.comparingDouble(Step::slope));
    this.steps = List.copyOf(all);
  }

  private static List<Step> steps(Layer layer, double[] changes, Cost cost, FactorCosts costs) {
    List<Option> hull = new ArrayList<>();
    hull.add(new Option(0, cost.whole(layer), 0));
    for (int rank = costs.largestRank(layer); rank >= 1; rank--) {
      Option next = new Option(rank, costs.atRank(layer, rank, cost), changes[rank]);
      if (next.cost() >= hull.get(hull.size() - 1).cost() || !costs.saves(layer, rank)) {
        continue;
      }
      while (hull.size() > 1
          && slope(hull.get(hull.size() - 2), hull.get(hull.size() - 1))
              >= slope(hull.get(hull.size() - 1), next)) {
        hull.remove(hull.size() - 1);
      }
      hull.add(next);
    }
    List<Step> steps = new ArrayList<>();
    for (int i = 1; i < hull.size(); i++) {
      double slope = slope(hull.get(i - 1), hull.get(i));
      Option before = hull.get(i - 1);
      int first = before.rank() == 0 ? costs.largestRank(layer) : before.rank() - 1;
      for (int rank = first; rank >= hull.get(i).rank(); rank--) {
        Option after = new Option(rank, costs.atRank(layer, rank, cost), changes[rank]);
        if (after.cost() < before.cost() && costs.saves(layer, rank)) {
          double change = after.change() - before.change();
          steps.add(new Step(layer, rank, change, before.cost() - after.cost(), slope));
          before = after;
        }
      }
    }
    return steps;
  }

  private static double slope(Option from, Option to) {
    return (to.change() - from.change()) / (from.cost() - to.cost());
  }

  /** How many steps there are: positions on the path are 0, nothing truncated, to this. */
  public int length() {
    return steps.size();
  }

  /**
   * This path, with a detour that spends what a budget leaves over. Steps save by chunks, so that
   * the first position within a budget may be far within it: steps before it are put off, the most
   * harmful first, as long as {@code allowed} holds without them.
   *
   * @param allowed whether ranks are within the budget; the more steps are taken, the sooner
   * @return a path of the same steps, of which those of one layer stay in order; this one where no
   *     position is allowed
   */
  RankPath filling(Predicate<Map<Layer, Integer>> allowed) {
    int position = firstWithin(allowed);
    if (!allowed.test(at(position))) {
      return this;
    }
    List<Step> taken = new ArrayList<>(steps.subList(0, position));
    List<Step> putOff = new ArrayList<>();
    Set<Layer> needed = new HashSet<>(); // whose last step has to stay, and so all before it
    for (int i = position - 1; i >= 0; i--) {
      if (needed.contains(taken.get(i).layer())) {
        continue;
      }
      Step step = taken.remove(i);
      if (allowed.test(ranks(taken))) {
        putOff.add(0, step);
      } else {
        taken.add(i, step);
        needed.add(step.layer());
      }
    }
    List<Step> reordered = new ArrayList<>(taken);
    reordered.addAll(putOff);
    reordered.addAll(steps.subList(position, steps.size()));
    return new RankPath(reordered);
  }

  /** The ranks after so many steps; layers that are left out keep their kernel. */
  public Map<Layer, Integer> at(int position) {
    return ranks(steps.subList(0, position));
  }

  private static Map<Layer, Integer> ranks(List<Step> taken) {
    Map<Layer, Integer> ranks = new LinkedHashMap<>();
    taken.forEach(step -> ranks.put(step.layer(), step.rank()));
    return ranks;
  }

  /** What is tried in words, the same along every path: {@code fitted dense=20 dense_1=10}. */
  static String plan(Map<Layer, Integer> ranks, Refinement refinement) {
    SortedMap<String, Integer> byName = new TreeMap<>();
    ranks.forEach((layer, rank) -> byName.put(layer.name(), rank));
    StringBuilder text = new StringBuilder(refinement.toString());
    byName.forEach((name, rank) -> text.append(' ').append(name).append('=').append(rank));
    return text.toString();
  }

  /** The predicted change of the outputs after so many steps. */
  public double change(int position) {
    return steps.subList(0, position).stream().mapToDouble(Step::change).sum();
  }

  /** What is saved after so many steps. */
  public long saved(int position) {
    return steps.subList(0, position).stream().mapToLong(Step::saved).sum();
  }

  /** The last position of at most this predicted change. */
  int positionOfChange(double change) {
    double sum = 0;
    for (int i = 0; i < steps.size(); i++) {
      sum += steps.get(i).change();
      if (sum > change) {
        return i;
      }
    }
    return steps.size();
  }

  /** The first position of at most so many parameters, or the last one. */
  int positionOfSize(PlannedSize.Of sizes, double parameters) {
    return first(position -> sizes.parameters(at(position)) <= parameters);
  }

  /** The first position whose ranks are within a budget; the last one if none are. */
  int firstWithin(Predicate<Map<Layer, Integer>> allowed) {
    return first(position -> allowed.test(at(position)));
  }

  /** The first position for which this holds, as for all after it; the last one if for none. */
  int first(IntPredicate holds) {
    int low = 0;
    int high = length();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (holds.test(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
