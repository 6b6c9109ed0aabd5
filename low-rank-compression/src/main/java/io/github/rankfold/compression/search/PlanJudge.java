package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.Layer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Judges what a search found by samples that had no part in it: a few plans in an order that those
 * samples have no part in either, until one is accepted or refused.
 */
final class PlanJudge {
  /**
   * Sizes of plans to fall back to, relative to what the search found: the last ones are for
   * samples that judge otherwise than those of the search, which else would leave the model as it
   * is.
   */
  private static final double[] LARGER = {1.05, 1.15, 1.5, 2.3, 3.5};

  /** Sizes of the plans of a strict sequence, relative to what the search found. */
  private static final double[] SEQUENCE = {2.5, 1.8, 1.4, 1.2, 1.08, 1, 0.92, 0.85};

  /** A candidate that was chosen, as it was judged. */
  record Chosen(Candidate candidate, SearchPoint point) {}

  /** A fine-tuned plan to fall back to, relative to the smallest one. */
  private static final double LARGER_TUNED = 1.12;

  /**
   * What the samples of the search found.
   *
   * @param path whose plans are fallen back to
   * @param least the first position on it that saves what must be saved
   * @param base what is done to the factors of those plans
   * @param tuned the path along which plans were fine-tuned
   * @param candidates that are allowed, from the smallest
   * @param nearest the least drop that was seen
   */
  record Found(
      RankPath path,
      int least,
      Refinement base,
      Optional<RankPath> tuned,
      List<Candidate> candidates,
      double nearest) {
    Found {
      candidates = List.copyOf(candidates);
    }
  }

  private final SearchSettings settings;
  private final PlannedSize.Of sizes;
  private final Trials trials;
  private final int budgets;
  private final Found search;
  private final RankPath path;
  private final int least;
  private final List<Candidate> found;
  private double nearest;

  /**
   * Nothing is judged yet.
   *
   * @param budgets how many searches are judged by the same samples, at most
   */
  PlanJudge(
      SearchSettings settings, PlannedSize.Of sizes, Trials trials, Found search, int budgets) {
    this.settings = settings;
    this.sizes = sizes;
    this.trials = trials;
    this.search = search;
    this.path = search.path();
    this.least = search.least();
    this.found = search.candidates();
    this.nearest = search.nearest();
    this.budgets = budgets;
  }

  /** The plan that is taken. */
  Chosen run() {
    return settings.budget().strict() ? inSequence() : firstOfLadder();
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
    if (least == 0 && settings.storage().kernels().isPresent()) {
      sequence.add(Candidate.WHOLE);
    }
    Optional<Candidate> smallest = untuned();
    int before = Math.max(0, least - 1);
    for (double relative : SEQUENCE) {
      if (smallest.isPresent()) {
        // At 1 that is what the search found.
        int position = Math.max(least, path.positionOfSize(sizes, relative * size(smallest.get())));
        if (position > before) {
          before = position;
          sequence.add(new Candidate(path.at(position), search.base()));
        }
      }
    }
    found.stream()
        .filter(one -> one.refinement() == Refinement.TUNED)
        .sorted(Comparator.comparingLong(this::size).reversed())
        .forEach(sequence::add);
    return sequence;
  }

  /** The smallest one that the search allowed without fine-tuning. */
  private Optional<Candidate> untuned() {
    return found.stream().filter(one -> one.refinement() != Refinement.TUNED).findFirst();
  }

  private long size(Candidate candidate) {
    return sizes.parameters(candidate.ranks());
  }

  /** The first of the ladder that the judges allow. */
  private Chosen firstOfLadder() {
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
   * growing steps, with factors that take no training but for one. A function of the samples of the
   * search alone.
   */
  private List<Candidate> ladder() {
    List<Candidate> ladder = new ArrayList<>();
    found.stream().limit(1).forEach(ladder::add);
    largerTuned().ifPresent(ladder::add);
    Optional<Candidate> untuned = untuned();
    if (untuned.isPresent() && !ladder.contains(untuned.get())) {
      ladder.add(untuned.get());
    }
    // The model as it is needs no bound, unless its kernels are rounded.
    boolean rounds = settings.storage().kernels().isPresent();
    int plans = least == 0 && rounds ? Confidence.PLANS - 1 : Confidence.PLANS;
    for (double larger : LARGER) {
      if (untuned.isPresent() && ladder.size() < plans) {
        // The first position that is smaller than that, less a step, is larger.
        int position =
            Math.max(least, path.positionOfSize(sizes, larger * size(untuned.get())) - 1);
        Map<Layer, Integer> ranks = path.at(position);
        if (position > 0 && sizes.parameters(ranks) > size(ladder.get(ladder.size() - 1))) {
          ladder.add(new Candidate(ranks, search.base()));
        }
      }
    }
    return ladder;
  }

  /** Somewhat larger than the smallest candidate where that is fine-tuned, and fine-tuned too. */
  private Optional<Candidate> largerTuned() {
    if (found.isEmpty() || found.get(0).refinement() != Refinement.TUNED) {
      return Optional.empty();
    }
    RankPath along = search.tuned().orElseThrow();
    double wanted = LARGER_TUNED * size(found.get(0));
    Map<Layer, Integer> ranks = along.at(Math.max(0, along.positionOfSize(sizes, wanted) - 1));
    boolean between =
        sizes.parameters(ranks) > size(found.get(0))
            && untuned().map(one -> sizes.parameters(ranks) < size(one)).orElse(true)
            && sizes.areWithin(settings.budget(), ranks);
    return between ? Optional.of(new Candidate(ranks, Refinement.TUNED)) : Optional.empty();
  }

  private BudgetException unreachable() {
    return new BudgetException(
        "%s: the least drop that was reached with what must be saved is %.2f (%s)"
            .formatted(settings.budget().text(), nearest, settings.metric()),
        BudgetReached.drop(settings.budget(), nearest, trials.points()));
  }
}
