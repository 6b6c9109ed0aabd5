package io.github.rankfold.compression.search;

import io.github.rankfold.compression.search.SearchJournal.Part;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Real evaluations. Every second sample serves the search, as often as it likes; the others judge
 * what it found.
 */
final class Trials {
  private final TrialGraph trial;
  private final RankPath path;
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
  private double evaluatedSamples;

  /**
   * Nothing is tried yet.
   *
   * @param points gets what is tried, in order
   */
  Trials(
      TrialGraph trial,
      RankPath path,
      PlannedSize.Of sizes,
      Samples samples,
      SearchSettings settings,
      CandidateFactors factors,
      SearchJournal journal,
      SearchListener listener,
      List<SearchPoint> points) {
    this.points = points;
    this.trial = trial;
    this.path = path;
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
            OptionalDouble.of(metric.drop(second.bound(confidence, size))),
            size));
  }

  private SearchPoint add(Candidate candidate, Drop drop) {
    Map<Layer, Integer> ranks = path.at(candidate.position());
    SearchPoint point = new SearchPoint(ranks, candidate.refinement(), sizes.at(ranks), drop);
    points.add(point);
    listener.tried(point);
    return point;
  }

  private Difference run(Candidate candidate, Part part) {
    Map<Layer, Integer> ranks = path.at(candidate.position());
    String plan = RankPath.plan(ranks, candidate.refinement());
    Optional<Difference> known = journal.known(plan, part);
    if (known.isPresent()) {
      return known.get();
    }
    Half half = part == Part.SEARCH ? searching : judging;
    trial.assign(factors.of(ranks, candidate.refinement()));
    evaluatedSamples += half.data().size();
    Difference found =
        settings.metric().difference(half.original(), trial.outputs(half.data()), half.data());
    journal.found(plan, part, found);
    return found;
  }

  /** How many samples the whole search has. */
  int samples() {
    return size;
  }

  /** Samples that were run for evaluations, without the original's. */
  double evaluatedSamples() {
    return evaluatedSamples;
  }
}
