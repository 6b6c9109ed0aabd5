package io.github.rankfold.compression.search;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.InterpolativeLayers;
import io.github.rankfold.compression.search.SearchJournal.Part;
import io.github.rankfold.compression.trials.Distillation;
import io.github.rankfold.compression.trials.LayerReconstruction;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the factors of what is tried, from calibration samples alone: no factor depends on the
 * samples that a drop is measured on.
 */
final class CandidateFactors {
  /** A pass forward and backward, in passes forward. */
  static final double WITH_GRADIENT = 3;

  /** What one fit of all layers may cost, in passes over the samples of the search. */
  private static final double FIT = 1;

  private static final int LEAST_TO_FIT = 300;

  private final TrialGraph trial;
  private final SearchSettings settings;
  private final LabeledData calibration;
  private final LabeledData fewer;
  private final int searched;
  private final LayerReconstruction reconstruction;
  private final SearchJournal journal;
  private final SearchListener listener;
  private final Map<String, Map<Layer, LayerDecision>> made = new HashMap<>();
  private final Map<String, Map<Layer, LayerDecision>> stored = new HashMap<>();
  private final Optional<InterpolativeLayers> interpolative;
  private Optional<Distillation> distillation = Optional.empty();
  private double forwardSamples;

  /**
   * Makes nothing yet.
   *
   * @param calibration what factors are fine-tuned on
   * @param fewer those of them that layers are fitted to, at most
   * @param searched how many samples the search has, which costs are counted in
   */
  CandidateFactors(
      TrialGraph trial,
      SearchSettings settings,
      LabeledData calibration,
      LabeledData fewer,
      int searched,
      Map<Layer, Matrix> sensitivities,
      SearchJournal journal,
      SearchListener listener) {
    this.trial = trial;
    this.interpolative = settings.storage().interpolative(trial.model());
    this.settings = settings;
    this.calibration = calibration;
    this.fewer = fewer;
    this.searched = searched;
    this.reconstruction = new LayerReconstruction(trial, fewer, sensitivities);
    this.journal = journal;
    this.listener = listener;
  }

  /** The factors for these ranks as they will be stored; made once. */
  Map<Layer, LayerDecision> of(Map<Layer, Integer> ranks, Refinement refinement) {
    return stored.computeIfAbsent(
        RankPath.plan(ranks, refinement),
        plan -> {
          Map<Layer, LayerDecision> all = new LinkedHashMap<>(rounded(ranks, refinement));
          interpolative.ifPresent(layers -> all.replaceAll((layer, one) -> layers.formed(one)));
          return all;
        });
  }

  /** The same as two plain factors, which is what fine-tuning trains. */
  private Map<Layer, LayerDecision> rounded(Map<Layer, Integer> ranks, Refinement refinement) {
    String plan = RankPath.plan(ranks, refinement);
    Map<Layer, LayerDecision> known = made.get(plan);
    if (known == null) {
      known = new LinkedHashMap<>();
      for (LayerDecision decision : make(ranks, refinement, plan).values()) {
        known.put(decision.layer(), settings.storage().rounded(decision));
      }
      made.put(plan, known);
    }
    return known;
  }

  private Map<Layer, LayerDecision> make(
      Map<Layer, Integer> ranks, Refinement refinement, String plan) {
    return switch (refinement) {
      case NONE -> truncated(ranks);
      case FITTED -> {
        listener.stage("Fitting layers to the original");
        int layers = reconstruction.fitted(ranks).size();
        int samples = toFit(layers);
        // For each layer both models run up to it, which is half a pass on average.
        forwardSamples += (double) samples * layers;
        yield reconstruction.at(ranks, samples);
      }
      case TUNED ->
          journal
              .factors(plan, trial)
              .orElseGet(
                  () -> {
                    Map<Layer, LayerDecision> tuned = tuned(ranks);
                    journal.keep(plan, tuned);
                    return tuned;
                  });
    };
  }

  /** So many that fitting all layers costs about {@link #FIT}, whatever their number. */
  private int toFit(int layers) {
    int affordable = (int) (FIT * searched / Math.max(1, layers));
    return Math.min(fewer.size(), Math.max(LEAST_TO_FIT, affordable));
  }

  private Map<Layer, LayerDecision> truncated(Map<Layer, Integer> ranks) {
    Map<Layer, LayerDecision> decisions = new LinkedHashMap<>();
    ranks.forEach((layer, rank) -> decisions.put(layer, trial.truncated(layer, rank)));
    return decisions;
  }

  private Map<Layer, LayerDecision> tuned(Map<Layer, Integer> ranks) {
    Map<Layer, LayerDecision> tuned = new LinkedHashMap<>();
    train(ranks, stepsOfFineTuning(), "Fine-tuning")
        .decisions()
        .forEach((layer, decision) -> tuned.put(layer, trial.measured(decision)));
    return tuned;
  }

  /** Steps of a whole fine-tuning, at most. */
  int stepsOfFineTuning() {
    return Math.multiplyExact(settings.fineTuneEpochs(), teaching().stepsAnEpoch());
  }

  /**
   * What the loss of fine-tuning is after so many steps, on calibration samples that it does not
   * train on.
   */
  double lossAfter(Map<Layer, Integer> ranks, int steps) {
    String plan = steps + " steps " + RankPath.plan(ranks, Refinement.TUNED);
    Optional<Difference> known = journal.known(plan, Part.HELD_OUT);
    if (known.isPresent()) {
      return known.get().mean();
    }
    double loss = train(ranks, steps, "Fine-tuning other ranks for a moment").loss();
    journal.found(plan, Part.HELD_OUT, new Difference.Means(loss, 0, calibration.size()));
    return loss;
  }

  private Distillation.Trained train(Map<Layer, Integer> ranks, int steps, String stage) {
    Refinement before = settings.reconstruct() ? Refinement.FITTED : Refinement.NONE;
    Map<Layer, LayerDecision> start = rounded(ranks, before);
    listener.stage(stage);
    Distillation teaching = teaching();
    double epochs = (double) steps / teaching.stepsAnEpoch();
    forwardSamples += teaching.passesAnEpoch() * epochs * calibration.size();
    return teaching.train(start, steps, settings.fineTuneRate(), settings.seed());
  }

  private Distillation teaching() {
    if (distillation.isEmpty()) {
      forwardSamples += calibration.size();
      distillation =
          Optional.of(
              new Distillation(trial.model(), calibration, settings.metric().needsLabels()));
    }
    return distillation.get();
  }

  /** What all of this took, in samples run forward. */
  double forwardSamples() {
    return forwardSamples;
  }
}
