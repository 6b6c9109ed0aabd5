package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Finds what a budget reaches: first among many candidates on half of the samples, then by a {@link
 * PlanJudge} of a few of them on the other half.
 */
final class BudgetSearch {
  /** Trials along the path, for each way of making truncated factors better. */
  private static final int TRIALS = 6;

  /** More where these have left a wide range, as the first ones were far from the budget. */
  private static final int MORE_TRIALS = 3;

  private static final int TUNED_TRIALS = 4;

  /** Drops that are nearer to each other are not told apart by half of the samples. */
  private static final double CLEARLY = 0.9;

  /** What fine-tuning is first tried at, relative to the size that was reached without. */
  private static final double TUNED_SIZE = 0.7;

  private final SearchSettings settings;
  private final RankPath path;
  private final PlannedSize.Of sizes;
  private final Trials trials;
  private final boolean fits;
  private final Optional<RankExchange> exchange;
  private final int budgets;
  private final Map<Candidate, Double> allowed = new LinkedHashMap<>();
  private int least;
  private Candidate best = Candidate.WHOLE;
  private Refinement base = Refinement.NONE;
  private Optional<RankPath> tuned = Optional.empty();
  private double nearest = Double.POSITIVE_INFINITY;

  /**
   * Nothing is tried yet.
   *
   * @param fits whether layers can be fitted to the original
   * @param exchange finds ranks for fine-tuning; empty for none
   * @param budgets how many searches are judged by the same samples, at most
   */
  BudgetSearch(
      SearchSettings settings,
      RankPath path,
      PlannedSize.Of sizes,
      Trials trials,
      boolean fits,
      Optional<RankExchange> exchange,
      int budgets) {
    this.budgets = budgets;
    this.settings = settings;
    this.path = path;
    this.sizes = sizes;
    this.trials = trials;
    this.fits = fits;
    this.exchange = exchange;
  }

  /** Tries plans on the samples of the search, none on those that only judge. */
  void explore() {
    least = path.firstWithin(this::saves);
    PlannedSize smallest = sizes.at(path.at(least));
    if (!settings.budget().allows(sizes.whole(), smallest)) {
      throw new BudgetException(
          "%s: the least that these layers can have is %,d parameters, %,d bytes and %,d"
                  .formatted(
                      settings.budget().text(),
                      smallest.parameters(),
                      smallest.bytes(),
                      smallest.multiplyAdds())
              + " multiply-adds",
          BudgetReached.size(settings.budget(), smallest, trials.points()));
    }
    OptionalDouble maxDrop = settings.budget().maxDrop();
    if (maxDrop.isEmpty()) {
      best = bestOfLeast();
      return;
    }
    DropModel model = trials.dropModel();
    base = untuned(model, maxDrop.getAsDouble());
    if (exchange.isPresent()) {
      tuned(exchange.get(), model, maxDrop.getAsDouble());
    }
  }

  /** How well that went, less being better: what is left of the model, or else what is lost. */
  double explored() {
    return settings.budget().maxDrop().isEmpty()
        ? trials.search(best).mean()
        : deepest().map(this::parameters).orElse(Long.MAX_VALUE);
  }

  /** Judges what was found. */
  PlanJudge.Chosen run() {
    if (settings.budget().maxDrop().isEmpty()) {
      SearchPoint point = trials.judge(best, Confidence.SINGLE.sharedBy(budgets));
      return new PlanJudge.Chosen(best, point);
    }
    List<Candidate> found = allowed.keySet().stream().sorted(bySize()).toList();
    PlanJudge.Found all = new PlanJudge.Found(path, least, base, tuned, found, nearest);
    return new PlanJudge(settings, sizes, trials, all, budgets).run();
  }

  private boolean saves(Map<Layer, Integer> ranks) {
    return sizes.areWithin(settings.budget(), ranks);
  }

  private long parameters(Candidate candidate) {
    return sizes.parameters(candidate.ranks());
  }

  private Refinement refined() {
    return fits ? Refinement.FITTED : Refinement.NONE;
  }

  /** The least drop where only the size is limited. */
  private Candidate bestOfLeast() {
    if (least == 0) {
      return Candidate.WHOLE;
    }
    List<Candidate> all = new ArrayList<>();
    all.add(new Candidate(path.at(least), Refinement.NONE));
    if (fits) {
      all.add(new Candidate(path.at(least), Refinement.FITTED));
    }
    exchange
        .map(ranks -> ranks.within(this::saves).ranks())
        .ifPresent(ranks -> all.add(new Candidate(ranks, Refinement.TUNED)));
    all.forEach(trials::search);
    return all.stream()
        .min(Comparator.comparingDouble(one -> trials.search(one).mean()))
        .orElseThrow();
  }

  /** Along the path without fine-tuning; the way of making factors that was best at the start. */
  private Refinement untuned(DropModel model, double maxDrop) {
    Refinement way = refined();
    PositionSearch search = new PositionSearch(path, sizes, model, maxDrop, least);
    if (least > 0) {
      double drop = drop(new Candidate(path.at(least), way));
      if (drop > maxDrop) {
        return way; // anything further is worse
      }
      search.tried(least, drop, true);
    }
    boolean compared = !fits;
    for (int i = 0; i < TRIALS || (i < TRIALS + MORE_TRIALS && search.isFarFromDone()); i++) {
      OptionalInt next = i < TRIALS ? search.next() : OptionalInt.of(search.halfway());
      if (next.isEmpty()) {
        break;
      }
      Map<Layer, Integer> ranks = path.at(next.getAsInt());
      double drop = drop(new Candidate(ranks, way));
      if (!compared) {
        compared = true;
        double plain = drop(new Candidate(ranks, Refinement.NONE));
        if (plain < CLEARLY * drop) {
          way = Refinement.NONE;
          drop = plain;
        }
      }
      search.tried(next.getAsInt(), drop, drop <= maxDrop);
    }
    return way;
  }

  /** Along a path of its own, through ranks that fine-tuning gets far from. */
  private void tuned(RankExchange ranks, DropModel model, double maxDrop) {
    double reached = deepest().map(this::parameters).orElse(sizes.parameters(path.at(least)));
    RankExchange.Found found =
        ranks.within(tried -> saves(tried) && sizes.parameters(tried) <= TUNED_SIZE * reached);
    RankPath along = found.path();
    tuned = Optional.of(along);
    int first = along.firstWithin(this::saves);
    PositionSearch search =
        new PositionSearch(
            along, sizes, model, maxDrop, Math.max(first, along.positionOfSize(sizes, reached)));
    OptionalInt next = OptionalInt.of(found.position());
    for (int i = 0; i < TUNED_TRIALS && next.isPresent(); i++) {
      double drop = drop(new Candidate(along.at(next.getAsInt()), Refinement.TUNED));
      search.tried(next.getAsInt(), drop, drop <= maxDrop);
      next = search.next();
    }
  }

  private Optional<Candidate> deepest() {
    return allowed.keySet().stream().min(bySize());
  }

  private Comparator<Candidate> bySize() {
    return Comparator.comparingLong(this::parameters)
        .thenComparing(allowed::get, Comparator.nullsLast(Comparator.naturalOrder()));
  }

  /** What counts against the budget: the drop, or what the judges are expected to promise. */
  private double drop(Candidate candidate) {
    Difference found = trials.search(candidate);
    double mean =
        settings.budget().strict()
            ? found.bound(Confidence.SINGLE.sharedBy(budgets), trials.samples())
            : found.mean();
    double drop = settings.metric().drop(mean);
    nearest = Math.min(nearest, settings.metric().drop(found.mean()));
    if (drop <= settings.budget().maxDrop().orElse(Double.POSITIVE_INFINITY)) {
      allowed.put(candidate, drop);
    }
    return drop;
  }
}
