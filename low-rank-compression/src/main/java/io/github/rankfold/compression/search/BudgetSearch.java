package io.github.rankfold.compression.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Finds what a budget reaches: first among many candidates on half of the samples, then by judging
 * a few of them, from the smallest, on the other half.
 */
final class BudgetSearch {
  /** Trials along the path, for each way of making truncated factors better. */
  private static final int TRIALS = 6;

  private static final int TUNED_TRIALS = 4;

  /** Drops that are nearer to each other are not told apart by half of the samples. */
  private static final double CLEARLY = 0.9;

  /** What fine-tuning is first tried at, relative to the size that was reached without. */
  private static final double TUNED_SIZE = 0.7;

  /** Sizes of plans to fall back to, relative to what the search found. */
  private static final double[] LARGER = {1.05, 1.15, 1.5};

  /** Sizes of the plans of a strict sequence, relative to what the search found. */
  private static final double[] SEQUENCE = {2, 1.5, 1.25, 1.1, 1, 0.92, 0.86, 0.8};

  /** A candidate that was chosen, as it was judged. */
  record Chosen(Candidate candidate, SearchPoint point) {}

  private final SearchSettings settings;
  private final RankPath path;
  private final PlannedSize.Of sizes;
  private final Trials trials;
  private final boolean fits;
  private final int budgets;
  private final Map<Candidate, Double> allowed = new LinkedHashMap<>();
  private int least;
  private Candidate best = Candidate.WHOLE;
  private Refinement base = Refinement.NONE;
  private double nearest = Double.POSITIVE_INFINITY;

  /**
   * Nothing is tried yet.
   *
   * @param fits whether layers can be fitted to the original
   * @param budgets how many searches are judged by the same samples, at most
   */
  BudgetSearch(
      SearchSettings settings,
      RankPath path,
      PlannedSize.Of sizes,
      Trials trials,
      boolean fits,
      int budgets) {
    this.budgets = budgets;
    this.settings = settings;
    this.path = path;
    this.sizes = sizes;
    this.trials = trials;
    this.fits = fits;
  }

  /** Tries plans on the samples of the search, none on those that only judge. */
  void explore() {
    least = path.first(position -> settings.budget().allows(sizes.whole(), size(position)));
    if (!settings.budget().allows(sizes.whole(), size(least))) {
      throw new BudgetException(
          "%s: the least that these layers can have is %,d parameters, %,d bytes and %,d"
                  .formatted(
                      settings.budget().text(),
                      size(least).parameters(),
                      size(least).bytes(),
                      size(least).multiplyAdds())
              + " multiply-adds");
    }
    OptionalDouble maxDrop = settings.budget().maxDrop();
    if (maxDrop.isEmpty()) {
      best = best(least);
      return;
    }
    DropModel model = trials.dropModel();
    base = untuned(model, maxDrop.getAsDouble());
    if (settings.fineTuneEpochs() > 0) {
      tuned(model, maxDrop.getAsDouble());
    }
  }

  /** How well that went, less being better: what is left of the model, or else what is lost. */
  double explored() {
    return settings.budget().maxDrop().isEmpty()
        ? trials.search(best).mean()
        : deepest().map(one -> size(one.position()).parameters()).orElse(Long.MAX_VALUE);
  }

  /** Judges what was found. */
  Chosen run() {
    if (settings.budget().maxDrop().isEmpty()) {
      return new Chosen(best, trials.judge(best, Confidence.SINGLE.sharedBy(budgets)));
    }
    return settings.budget().strict() ? inSequence() : judged();
  }

  /**
   * The last one that the judges accept of a sequence of plans, from the largest, before the first
   * that they refuse. Each is tested at the whole risk: plans are accepted wrongly only if the
   * first of them that loses too much is, as nothing after a refused plan is looked at (fixed
   * sequence testing; Maurer, Hothorn and Lehmacher 1995; Angelopoulos et al., arXiv 2110.01052).
   * The sequence is a function of the samples of the search alone.
   */
  private Chosen inSequence() {
    double allowed = settings.budget().maxDrop().orElseThrow();
    Confidence confidence = Confidence.SINGLE.sharedBy(budgets);
    Optional<Chosen> accepted = Optional.empty();
    for (Candidate candidate : sequence()) {
      SearchPoint point = trials.judge(candidate, confidence, allowed);
      nearest = Math.min(nearest, point.drop().measured());
      if (!settings.budget().allows(point.drop())) {
        break;
      }
      accepted = Optional.of(new Chosen(candidate, point));
    }
    if (accepted.isPresent()) {
      return accepted.get();
    }
    if (least == 0 && settings.storage().kernels().isEmpty()) {
      return new Chosen(Candidate.WHOLE, trials.judge(Candidate.WHOLE, confidence));
    }
    throw unreachable();
  }

  /** From the largest: along the path, then what was fine-tuned. */
  private List<Candidate> sequence() {
    List<Candidate> sequence = new ArrayList<>();
    boolean rounds = settings.storage().kernels().isPresent();
    if (least == 0 && rounds) {
      sequence.add(Candidate.WHOLE);
    }
    List<Candidate> found = allowed.keySet().stream().sorted(bySize().reversed()).toList();
    Optional<Candidate> smallest =
        found.stream()
            .filter(one -> one.refinement() != Refinement.TUNED)
            .min(Comparator.comparingLong(one -> size(one.position()).parameters()));
    int before = Math.max(0, least - 1);
    for (double relative : SEQUENCE) {
      if (smallest.isPresent()) {
        double size = relative * size(smallest.get().position()).parameters();
        // What the search found is itself in the sequence.
        int position = relative == 1 ? smallest.get().position() : path.positionOfSize(sizes, size);
        if (Math.max(least, position) > before) {
          before = Math.max(least, position);
          sequence.add(new Candidate(before, base));
        }
      }
    }
    found.stream().filter(one -> one.refinement() == Refinement.TUNED).forEach(sequence::add);
    return sequence;
  }

  private BudgetException unreachable() {
    return new BudgetException(
        "%s: the least drop that was reached with what must be saved is %.2f (%s)"
            .formatted(settings.budget().text(), nearest, settings.metric()));
  }

  private PlannedSize size(int position) {
    return sizes.at(path.at(position));
  }

  private Refinement refined() {
    return fits ? Refinement.FITTED : Refinement.NONE;
  }

  /** The least drop at one position. */
  private Candidate best(int position) {
    if (position == 0) {
      return Candidate.WHOLE;
    }
    List<Candidate> all = new ArrayList<>();
    all.add(new Candidate(position, Refinement.NONE));
    if (fits) {
      all.add(new Candidate(position, Refinement.FITTED));
    }
    if (settings.fineTuneEpochs() > 0) {
      all.add(new Candidate(position, Refinement.TUNED));
    }
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
      Candidate first = new Candidate(least, way);
      double drop = drop(first);
      if (drop > maxDrop) {
        return way; // anything further is worse
      }
      search.tried(least, drop, true);
    }
    boolean compared = !fits;
    for (int i = 0; i < TRIALS; i++) {
      OptionalInt next = search.next();
      if (next.isEmpty()) {
        break;
      }
      double drop = drop(new Candidate(next.getAsInt(), way));
      if (!compared) {
        compared = true;
        double plain = drop(new Candidate(next.getAsInt(), Refinement.NONE));
        if (plain < CLEARLY * drop) {
          way = Refinement.NONE;
          drop = plain;
        }
      }
      search.tried(next.getAsInt(), drop, drop <= maxDrop);
    }
    return way;
  }

  private void tuned(DropModel model, double maxDrop) {
    int reached = deepest().map(Candidate::position).orElse(least);
    PositionSearch search = new PositionSearch(path, sizes, model, maxDrop, reached);
    OptionalInt next =
        OptionalInt.of(
            Math.max(
                Math.max(1, least),
                path.positionOfSize(sizes, TUNED_SIZE * size(reached).parameters())));
    for (int i = 0; i < TUNED_TRIALS && next.isPresent(); i++) {
      double drop = drop(new Candidate(next.getAsInt(), Refinement.TUNED));
      search.tried(next.getAsInt(), drop, drop <= maxDrop);
      next = search.next();
    }
  }

  private Optional<Candidate> deepest() {
    return allowed.keySet().stream().min(bySize());
  }

  private Comparator<Candidate> bySize() {
    return Comparator.<Candidate>comparingLong(one -> size(one.position()).parameters())
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

  /** The first of the ladder that the judges allow. */
  private Chosen judged() {
    List<Candidate> ladder = ladder();
    for (int i = 0; i < ladder.size(); i++) {
      SearchPoint point = trials.judge(ladder.get(i), Confidence.ofPlan(i).sharedBy(budgets));
      nearest = Math.min(nearest, point.drop().measured());
      if (settings.budget().allows(point.drop())) {
        return new Chosen(ladder.get(i), point);
      }
    }
    if (least == 0) {
      SearchPoint point =
          trials.judge(Candidate.WHOLE, Confidence.ofPlan(ladder.size()).sharedBy(budgets));
      nearest = Math.min(nearest, point.drop().measured());
      if (settings.budget().allows(point.drop())) { // not, where rounding it loses too much
        return new Chosen(Candidate.WHOLE, point);
      }
    }
    throw unreachable();
  }

  /**
   * The plans to judge, from the smallest: what the search found, and others that are larger by
   * growing steps, with factors that take no training. A function of the samples of the search
   * alone.
   */
  private List<Candidate> ladder() {
    List<Candidate> ladder = new ArrayList<>();
    List<Candidate> found = allowed.keySet().stream().sorted(bySize()).toList();
    found.stream().limit(1).forEach(ladder::add);
    found.stream()
        .filter(one -> one.refinement() == Refinement.TUNED)
        .skip(1)
        .limit(1)
        .forEach(ladder::add);
    Optional<Candidate> untuned =
        found.stream().filter(one -> one.refinement() != Refinement.TUNED).findFirst();
    double size = untuned.map(one -> (double) size(one.position()).parameters()).orElse(0.0);
    if (untuned.isPresent() && !ladder.contains(untuned.get())) {
      ladder.add(untuned.get());
    }
    // The model as it is needs no bound, unless its kernels are rounded.
    boolean rounds = settings.storage().kernels().isPresent();
    int plans = least == 0 && rounds ? Confidence.PLANS - 1 : Confidence.PLANS;
    for (double larger : LARGER) {
      if (untuned.isPresent() && ladder.size() < plans) {
        // The first position that is smaller than that, less a step, is larger.
        int position = Math.max(least, path.positionOfSize(sizes, larger * size) - 1);
        if (position > 0 && position < ladder.get(ladder.size() - 1).position()) {
          ladder.add(new Candidate(position, base));
        }
      }
    }
    return ladder;
  }
}
