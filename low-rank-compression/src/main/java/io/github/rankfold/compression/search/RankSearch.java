package io.github.rankfold.compression.search;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.collapse.probe.OutputDirections;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.Distillation;
import io.github.rankfold.compression.KernelApproximations;
import io.github.rankfold.compression.LayerDecision;
import io.github.rankfold.compression.LayerReconstruction;
import io.github.rankfold.compression.Outputs;
import io.github.rankfold.compression.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Ranks for a whole model under a budget.
 *
 * <p>One forward and backward pass predicts how much truncating any layer to any rank changes the
 * outputs; a convex hull over all layers turns that into one path of growing compression; real
 * evaluations find how far along it the budget allows to go. Their number grows with the logarithm
 * of the path's length, not with the number of layers.
 */
public final class RankSearch {
  /** Halvings of the range of sizes. */
  private static final int HALVINGS = 6;

  /** Trials beyond what was allowed, for each way of making truncated factors better. */
  private static final int TRIALS_BEYOND = 3;

  /** A pass forward and backward, in passes forward. */
  private static final double WITH_GRADIENT = 3;

  /** What one fit of all layers may cost, in passes over the samples of the search. */
  private static final double FIT = 2;

  private static final int LEAST_TO_FIT = 1000;

  private static final double FURTHER = 0.8;

  private static final double FURTHER_TUNED = 0.6;

  private final LiveModel model;
  private final LabeledData calibration;

  /** As many of them as moments are taken over. */
  private final LabeledData fewer;

  private final LabeledData data;
  private final SearchSettings settings;
  private final SearchListener listener;
  private final List<SearchPoint> points = new ArrayList<>();
  private double forwardSamples;

  private RankSearch(
      LiveModel model,
      LabeledData calibration,
      LabeledData data,
      SearchSettings settings,
      SearchListener listener) {
    this.model = model;
    this.calibration = calibration;
    this.fewer = calibration.head(settings.calibrationSamples());
    this.data = data;
    this.settings = settings;
    this.listener = listener;
  }

  /**
   * Searches.
   *
   * @param calibration what moments are taken over and factors are fitted and tuned on; its labels
   *     are not used
   * @param data what the budget is promised on
   */
  public static SearchResult run(
      LiveModel model,
      LabeledData calibration,
      LabeledData data,
      SearchSettings settings,
      SearchListener listener) {
    return new RankSearch(model, calibration, data, settings, listener).run();
  }

  private SearchResult run() {
    Map<Layer, Matrix> sensitivities = new HashMap<>();
    List<KernelApproximations> approximations = approximations(sensitivities);
    try (TrialGraph trial = new TrialGraph(model, approximations, data)) {
      listener.stage("Sensitivity of all layers");
      Map<Layer, double[]> curves = new SensitivityCurves(trial, settings).of(fewer);
      forwardSamples += WITH_GRADIENT * fewer.size() + data.size();
      RankPath path = new RankPath(curves, settings.budget().cost());
      Outputs original = trial.originalOutputs(data);
      Trials trials = new Trials(trial, path, original);
      trials.search(sensitivities);
      return trials.result();
    }
  }

  private List<KernelApproximations> approximations(Map<Layer, Matrix> sensitivities) {
    List<Layer> candidates =
        model.layers().stream()
            .filter(settings.selection()::selects)
            .filter(layer -> layer.breakEvenRank() >= 1)
            .toList();
    settings.selection().requireMatches(model.layers());
    Map<Layer, KernelApproximations> all = new LinkedHashMap<>();
    listener.stage("Activations and gradients");
    int passes =
        KernelMoments.collect(
            model,
            fewer,
            candidates,
            directions(settings),
            (layer, known) -> {
              listener.layer(layer);
              all.put(layer, TrialGraph.approximations(model, layer, known, settings.weighting()));
              if (known.inputs().isPresent()) {
                known.sensitivity().ifPresent(metric -> sensitivities.put(layer, metric));
              }
            });
    forwardSamples += WITH_GRADIENT * passes * fewer.size();
    return List.copyOf(all.values());
  }

  static OutputDirections directions(SearchSettings settings) {
    return new OutputDirections(settings.metric().needsLabels(), settings.seed());
  }

  /** The evaluations of one search. */
  private final class Trials {
    private final TrialGraph trial;
    private final RankPath path;
    private final Outputs original;
    private final PlannedSize.Of sizes;
    private final PlannedSize whole;
    private Optional<SearchPoint> best = Optional.empty();
    private Map<Layer, LayerDecision> bestDecisions = Map.of();
    private Optional<SearchPoint> nearest = Optional.empty();
    private Optional<Distillation> distillation = Optional.empty();

    Trials(TrialGraph trial, RankPath path, Outputs original) {
      this.trial = trial;
      this.path = path;
      this.original = original;
      this.sizes = new PlannedSize.Of(model, settings.storage());
      this.whole = sizes.whole();
    }

    void search(Map<Layer, Matrix> sensitivities) {
      int least = leastPosition();
      if (!settings.budget().allows(whole, size(least))) {
        throw new BudgetException(
            "%s: the least that these layers can have is %,d parameters, %,d bytes and %,d"
                    .formatted(
                        settings.budget().text(),
                        size(least).parameters(),
                        size(least).bytes(),
                        size(least).multiplyAdds())
                + " multiply-adds");
      }
      boolean allowed = least == 0 || tryPlain(least); // nothing truncated loses nothing
      boolean reconstructs = settings.reconstruct() && !sensitivities.isEmpty();
      boolean tunes = settings.fineTuneEpochs() > 0;
      if (settings.budget().maxDrop().isPresent()) {
        if (allowed) {
          deepestPlain(least);
        }
        if (!allowed && reconstructs) {
          allowed = tryReconstructed(least, sensitivities);
        }
        if (allowed && reconstructs) {
          beyond(FURTHER, position -> tryReconstructed(position, sensitivities));
        }
        if (!allowed && tunes) {
          allowed = tryTuned(least, sensitivities);
        }
        if (allowed && tunes) {
          beyond(FURTHER_TUNED, position -> tryTuned(position, sensitivities));
        }
      } else if (least > 0) {
        if (reconstructs) {
          tryReconstructed(least, sensitivities);
        }
        if (tunes) {
          tryTuned(least, sensitivities);
        }
      }
    }

    private PlannedSize size(int position) {
      return sizes.at(path.at(position));
    }

    /** The first position that saves what must be saved, or the last one. */
    private int leastPosition() {
      int low = 0;
      int high = path.length();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (settings.budget().allows(whole, size(middle))) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }

    /** Halves the range of sizes, on a logarithmic scale, between allowed and not. */
    private void deepestPlain(int least) {
      int allowed = least;
      int refused = path.length() + 1;
      for (int i = 0; i < HALVINGS && refused - allowed > 1; i++) {
        double from = size(allowed).parameters();
        double to = size(Math.min(refused, path.length())).parameters();
        int next = positionOf(Math.sqrt(from * to));
        next = Math.max(allowed + 1, Math.min(refused - 1, next));
        if (tryPlain(next)) {
          allowed = next;
        } else {
          refused = next;
        }
      }
    }

    /**
     * Further than was allowed so far, between what is allowed and what was refused.
     *
     * @param further the first trial's size, relative to the smallest allowed one
     * @param trial whether the factors of a position, made better, are allowed
     */
    private void beyond(double further, IntPredicate trial) {
      double allowed = best.map(point -> point.size()).orElse(whole).parameters();
      double refused = 0;
      for (int i = 0; i < TRIALS_BEYOND; i++) {
        int next = positionOf(refused == 0 ? further * allowed : Math.sqrt(allowed * refused));
        double size = size(next).parameters();
        if (size >= allowed || size <= refused) {
          break;
        }
        if (trial.test(next)) {
          allowed = size;
        } else {
          refused = size;
        }
      }
    }

    /** The first position of at most so many parameters, or the last one. */
    private int positionOf(double parameters) {
      int low = 0;
      int high = path.length();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (size(middle).parameters() <= parameters) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }

    private boolean tryPlain(int position) {
      Map<Layer, Integer> ranks = path.at(position);
      Map<Layer, LayerDecision> decisions = new LinkedHashMap<>();
      ranks.forEach((layer, rank) -> decisions.put(layer, trial.truncated(layer, rank)));
      return judge(ranks, decisions, Refinement.NONE);
    }

    private boolean tryReconstructed(int position, Map<Layer, Matrix> sensitivities) {
      listener.stage("Fitting layers to the original");
      Map<Layer, Integer> ranks = path.at(position);
      return judge(ranks, reconstructed(ranks, sensitivities), Refinement.FITTED);
    }

    private Map<Layer, LayerDecision> reconstructed(
        Map<Layer, Integer> ranks, Map<Layer, Matrix> sensitivities) {
      // For each layer both models run up to it, which is half a pass on average.
      double affordable = FIT * data.size() / Math.max(1, ranks.size() - 1);
      LabeledData fitted = fewer.head((int) Math.max(LEAST_TO_FIT, affordable));
      forwardSamples += (double) fitted.size() * (ranks.size() - 1);
      return new LayerReconstruction(trial, fitted, sensitivities).at(ranks);
    }

    private boolean tryTuned(int position, Map<Layer, Matrix> sensitivities) {
      Map<Layer, Integer> ranks = path.at(position);
      listener.stage("Fine-tuning");
      forwardSamples += WITH_GRADIENT * settings.fineTuneEpochs() * calibration.size();
      if (distillation.isEmpty()) {
        distillation =
            Optional.of(new Distillation(model, calibration, settings.metric().needsLabels()));
      }
      Map<Layer, LayerDecision> tuned = new LinkedHashMap<>();
      distillation
          .get()
          .train(
              reconstructed(ranks, sensitivities),
              settings.fineTuneEpochs(),
              settings.fineTuneRate(),
              settings.seed())
          .forEach((layer, decision) -> tuned.put(layer, trial.measured(decision)));
      return judge(ranks, tuned, Refinement.TUNED);
    }

    private boolean judge(
        Map<Layer, Integer> ranks, Map<Layer, LayerDecision> found, Refinement refinement) {
      Map<Layer, LayerDecision> decisions = new LinkedHashMap<>();
      found.forEach((layer, d) -> decisions.put(layer, settings.storage().rounded(d)));
      trial.assign(decisions);
      forwardSamples += data.size();
      Drop drop = settings.metric().drop(original, trial.outputs(data), data);
      PlannedSize size = sizes.at(ranks);
      SearchPoint point = new SearchPoint(ranks, refinement, size, drop);
      points.add(point);
      listener.tried(point);
      boolean allowed = settings.budget().allows(drop);
      boolean better =
          best.isEmpty()
              || size.parameters() < best.get().size().parameters()
              || (size.equals(best.get().size())
                  && drop.measured() <= best.get().drop().measured());
      if (allowed && better) {
        best = Optional.of(point);
        bestDecisions = decisions;
      }
      if (nearest.isEmpty() || drop.measured() < nearest.get().drop().measured()) {
        nearest = Optional.of(point);
      }
      return allowed;
    }

    SearchResult result() {
      if (points.isEmpty()) {
        tryPlain(0);
      }
      SearchPoint chosen =
          best.orElseThrow(
              () ->
                  new BudgetException(
                      "%s: the least drop that was reached with what must be saved is %.2f (%s)"
                          .formatted(
                              settings.budget().text(),
                              nearest.orElseThrow().drop().measured(),
                              settings.metric())));
      List<LayerDecision> decisions = new ArrayList<>();
      for (Layer layer : model.layers()) {
        LayerDecision decision = bestDecisions.get(layer);
        decisions.add(decision == null ? kept(layer) : decision);
      }
      CompressionPlan plan =
          CompressionPlanner.finished(model, settings.budget().text(), decisions);
      return new SearchResult(
          plan, chosen, points, whole, data.name(), forwardSamples / data.size());
    }

    private LayerDecision kept(Layer layer) {
      String because =
          !settings.selection().selects(layer)
              ? "not selected"
              : layer.breakEvenRank() < 1
                  ? "no rank would save anything"
                  : trial.layers().contains(layer)
                      ? "truncating it would change more than it saves"
                      : "its variable is also used in another way";
      return LayerDecision.kept(
          layer,
          Spectrum.of(KernelSpectra.kernel(model, layer), KernelSpectra.precision(layer)),
          layer.fullRank(),
          because);
    }
  }
}
