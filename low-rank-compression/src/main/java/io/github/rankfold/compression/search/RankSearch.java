package io.github.rankfold.compression.search;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.collapse.probe.OutputDirections;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Ranks for a whole model under a budget.
 *
 * <p>One forward and backward pass predicts how much truncating any layer to any rank changes the
 * outputs; a convex hull over all layers turns that into one path of growing compression; real
 * evaluations find how far along it the budget allows to go. Their number grows with the logarithm
 * of the path's length, not with the number of layers.
 */
public final class RankSearch {
  /** What one fit of all layers may cost, in passes over the samples of the search. */
  private static final double FIT = 2;

  private static final int LEAST_TO_FIT = 1500;

  private final LiveModel model;
  private final LabeledData calibration;

  /** As many of them as moments are taken over. */
  private final LabeledData fewer;

  private final LabeledData data;
  private final SearchSettings settings;
  private final SearchListener listener;
  private final SearchJournal journal;
  private double forwardSamples;

  private RankSearch(
      LiveModel model,
      LabeledData calibration,
      LabeledData data,
      SearchSettings settings,
      SearchListener listener,
      SearchJournal journal) {
    this.journal = journal;
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
    return new RankSearch(model, calibration, data, settings, listener, SearchJournal.NONE).run();
  }

  /** As above, going on from what {@code folder} knows; it was opened for the same search. */
  public static SearchResult run(
      LiveModel model,
      LabeledData calibration,
      LabeledData data,
      SearchSettings settings,
      SearchListener listener,
      SearchFolder folder) {
    return new RankSearch(model, calibration, data, settings, listener, folder).run();
  }

  private SearchResult run() {
    settings.metric().requireLabels(data);
    if (data.size() < 2) {
      throw new InvalidInputException(
          "%s: expected samples to search with and to judge by, found %d"
              .formatted(data.name(), data.size()));
    }
    Map<Layer, Matrix> sensitivities = new HashMap<>();
    List<KernelApproximations> approximations = approximations(sensitivities);
    try (TrialGraph trial = new TrialGraph(model, approximations, data)) {
      listener.stage("Sensitivity of all layers");
      Map<Layer, double[]> curves = new SensitivityCurves(trial, settings).of(fewer);
      forwardSamples += CandidateFactors.WITH_GRADIENT * fewer.size();
      RankPath path = new RankPath(curves, settings.budget().cost());
      PlannedSize.Of sizes = new PlannedSize.Of(model, settings.storage());
      CandidateFactors factors =
          new CandidateFactors(
              trial,
              path,
              settings,
              calibration,
              fewer.head(toFit(trial.layers().size())),
              sensitivities,
              journal,
              listener);
      Trials trials = new Trials(trial, path, sizes, data, settings, factors, journal, listener);
      boolean fits = settings.reconstruct() && !sensitivities.isEmpty();
      BudgetSearch.Chosen chosen = new BudgetSearch(settings, path, sizes, trials, fits).run();
      CompressionPlan plan = plan(trial, factors.of(chosen.candidate()));
      forwardSamples += factors.forwardSamples() + trials.evaluatedSamples() + data.size();
      return new SearchResult(
          plan,
          chosen.point(),
          trials.points(),
          sizes.whole(),
          data.name(),
          trials.evaluatedSamples() / data.size(),
          forwardSamples / data.size());
    }
  }

  private int toFit(int layers) {
    return (int) Math.max(LEAST_TO_FIT, FIT * data.size() / Math.max(1, layers - 1));
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
    forwardSamples += CandidateFactors.WITH_GRADIENT * passes * fewer.size();
    return List.copyOf(all.values());
  }

  static OutputDirections directions(SearchSettings settings) {
    return new OutputDirections(settings.metric().needsLabels(), settings.seed());
  }

  private CompressionPlan plan(TrialGraph trial, Map<Layer, LayerDecision> chosen) {
    List<LayerDecision> decisions = new ArrayList<>();
    for (Layer layer : model.layers()) {
      LayerDecision decision = chosen.get(layer);
      decisions.add(decision == null ? kept(trial, layer) : decision);
    }
    return CompressionPlanner.finished(model, settings.budget().text(), decisions);
  }

  private LayerDecision kept(TrialGraph trial, Layer layer) {
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
