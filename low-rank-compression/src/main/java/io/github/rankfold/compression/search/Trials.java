package io.github.rankfold.compression.search;

import io.github.rankfold.compression.search.SearchJournal.Part;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import java.util.ArrayList;
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
  private final List<SearchPoint> points = new ArrayList<>();
  private final int size;
  private double evaluatedSamples;

  Trials(
      TrialGraph trial,
      RankPath path,
      PlannedSize.Of sizes,
      LabeledData data,
      SearchSettings settings,
      CandidateFactors factors,
      SearchJournal journal,
      SearchListener listener) {
    this.trial = trial;
    this.path = path;
    this.sizes = sizes;
    this.settings = settings;
    this.factors = factors;
    this.journal = journal;
    this.listener = listener;
    this.size = data.size();
    Outputs original = trial.originalOutputs(data);
    this.searching = Half.of(data, original, 0);
    this.judging = Half.of(data, original, 1);
  }

  /** Samples, and what the original gives for them. */
  private record Half(LabeledData data, Outputs original) {
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
    if (candidate.isWhole()) {
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
    Optional<Difference> known = journal.known(path.plan(candidate), part);
    if (known.isPresent()) {
      return known.get();
    }
    Half half = part == Part.SEARCH ? searching : judging;
    trial.assign(factors.of(candidate));
    evaluatedSamples += half.data().size();
    Difference found =
        settings.metric().difference(half.original(), trial.outputs(half.data()), half.data());
    journal.found(path.plan(candidate), part, found);
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

  /** Samples that were run for evaluations, without the original's. */
  double evaluatedSamples() {
    return evaluatedSamples;
  }
}
