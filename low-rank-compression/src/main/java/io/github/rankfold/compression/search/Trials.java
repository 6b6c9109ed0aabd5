package io.github.rankfold.compression.search;

import io.github.rankfold.compression.search.SearchJournal.Part;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/**
 * Real evaluations. Every second sample serves the search, as often as it likes; the others judge
 * what it found.
 */
final class Trials {
  private final TrialGraph trial;
  private final PlannedSize.Of sizes;
  private final SearchSettings settings;
  private final CandidateFactors factors;
  private final SearchJournal journal;
  private final SearchListener listener;
  private final Half searching;
  private final Half judging;
  private final Map<Candidate, Difference> searched = new HashMap<>();
  private final List<SearchPoint> points;
  private final int size;
  private final DoubleConsumer evaluated;

  /**
   * Nothing is tried yet.
   *
   * @param points gets what is tried, in order
   * @param evaluated is told how many samples were run, without the original's
   */
  Trials(
      TrialGraph trial,
      PlannedSize.Of sizes,
      Samples samples,
      SearchSettings settings,
      CandidateFactors factors,
      SearchJournal journal,
      SearchListener listener,
      List<SearchPoint> points,
      DoubleConsumer evaluated) {
    this.evaluated = evaluated;
    this.points = points;
    this.trial = trial;
    this.sizes = sizes;
    this.settings = settings;
    this.factors = factors;
    this.journal = journal;
    this.listener = listener;
    this.size = samples.size();
    this.searching = samples.searching();
    this.judging = samples.judging();
  }

  /** All samples of a search in two halves, the second of which only judges. */
  record Samples(Half searching, Half judging) {
    static Samples of(LabeledData data, Outputs original) {
      return new Samples(Half.of(data, original, 0), Half.of(data, original, 1));
    }

    int size() {
      return searching.data().size() + judging.data().size();
    }
  }

  /** Samples, and what the original gives for them. */
  record Half(LabeledData data, Outputs original) {
    static Half of(LabeledData data, Outputs original, int first) {
      int[] chosen = IntStream.range(0, data.size()).filter(i -> i % 2 == first).toArray();
      return new Half(data.select(chosen), original.select(chosen));
    }
  }

  /** What {@link DropModel} starts from. */
  DropModel dropModel() {
    return new DropModel(
        settings.metric(), searching.original(), searching.data(), settings.seed());
  }

  /** On the samples of the search. */
  Difference search(Candidate candidate) {
    Difference known = searched.get(candidate);
    if (known == null) {
      known = run(candidate, Part.SEARCH);
      searched.put(candidate, known);
      add(candidate, Drop.measured(settings.metric(), known));
    }
    return known;
  }

  /** On all samples, with what those that only judge promise. */
  SearchPoint judge(Candidate candidate, Confidence confidence) {
    return judge(candidate, confidence, Double.NEGATIVE_INFINITY);
  }

  /**
   * As above, for plans that are judged in a sequence up to the first that is refused.
   *
   * @param allowed what is promised of a plan that is accepted: how far below it the bound is is
   *     not, as that of the last one that is accepted was chosen to be
   */
  SearchPoint judge(Candidate candidate, Confidence confidence, double allowed) {
    if (candidate.isWhole() && settings.storage().kernels().isEmpty()) {
      return add(candidate, new Drop(0, OptionalDouble.of(0), size));
    }
    Difference before = searched.get(candidate);
    Difference first = before == null ? run(candidate, Part.SEARCH) : before;
    Difference second = run(candidate, Part.JUDGE);
    searched.put(candidate, first);
    Metric metric = settings.metric();
    return add(
        candidate,
        new Drop(
            metric.drop(first.and(second).mean()),
            OptionalDouble.of(Math.max(allowed, metric.drop(second.bound(confidence, size)))),
            size));
  }

  private SearchPoint add(Candidate candidate, Drop drop) {
    PlannedSize reached = sizes.at(candidate.ranks());
    SearchPoint point = new SearchPoint(candidate.ranks(), candidate.refinement(), reached, drop);
    points.add(point);
    listener.tried(point);
    return point;
  }

  private Difference run(Candidate candidate, Part part) {
    String plan = candidate.text();
    Optional<Difference> known = journal.known(plan, part);
    if (known.isPresent()) {
      return known.get();
    }
    Half half = part == Part.SEARCH ? searching : judging;
    trial.assign(factors.of(candidate.ranks(), candidate.refinement()));
    evaluated.accept(half.data().size());
    Difference found =
        settings.metric().difference(half.original(), trial.outputs(half.data()), half.data());
    journal.found(plan, part, found);
    return found;
  }

  /** All that was tried, in order. */
  List<SearchPoint> points() {
    return List.copyOf(points);
  }

  /** How many samples the whole search has. */
  int samples() {
    return size;
  }
}
