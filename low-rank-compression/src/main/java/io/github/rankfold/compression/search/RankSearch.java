package io.github.rankfold.compression.search;

import static java.util.Objects.requireNonNull;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.collapse.probe.OutputDirections;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Ranks for a whole model under a budget.
 *
 * <p>One forward and backward pass predicts how much truncating any layer to any rank changes the
 * outputs; a convex hull over all layers turns that into one path of growing compression; real
 * evaluations find how far along it the budget allows to go. Their number grows with the logarithm
 * of the path's length, not with the number of layers.
 *
 * <p>Several budgets can be asked for one after the other: moments, decompositions and
 * sensitivities are measured once, and what was evaluated is known. Whoever makes a search closes
 * it.
 */
public final class RankSearch implements AutoCloseable {
  private static final int LEAST_FOR_SENSITIVITY = 1000;

  /** Steps of fine-tuning after which ranks are compared, and how often that is done at most. */
  private static final int MOMENT = 400;

  private static final int MOMENTS = 16;

  private final LiveModel model;
  private final LabeledData calibration;

  /** As many of them as moments are taken over. */
  private final LabeledData fewer;

  private final LabeledData data;
  private final SearchSettings settings;
  private final SearchListener listener;
  private final SearchJournal journal;
  private final FactorCosts costs;
  private final int budgets;
  private final List<SearchPoint> points = new ArrayList<>();
  private Optional<Measured> measured = Optional.empty();
  private double forwardSamples;
  private double evaluatedSamples;

  /** What does not depend on the budget. */
  private record Measured(
      TrialGraph trial,
      List<Map<Layer, double[]>> curves,
      CandidateFactors factors,
      Trials.Samples samples,
      boolean fits) {}

  /**
   * Measures nothing yet.
   *
   * @param calibration what moments are taken over and factors are fitted and tuned on; its labels
   *     are not used
   * @param data what the budget is promised on
   * @param settings whose budget is replaced by those of {@link #under}
   * @param budgets how many will be asked for at most: all their promises hold together
   * @param interrupted what is known from before, and gets what is found; it was opened for the
   *     same search
   */
  public RankSearch(
      LiveModel model,
      LabeledData calibration,
      LabeledData data,
      SearchSettings settings,
      SearchListener listener,
      int budgets,
      Optional<SearchFolder> interrupted) {
    this.budgets = budgets;
    this.journal = interrupted.isPresent() ? interrupted.get() : new SearchJournal.InMemory();
    this.model = model;
    this.calibration = calibration;
    this.fewer = calibration.head(settings.momentsOver(data.size()));
    this.data = data;
    this.settings = settings;
    this.listener = listener;
    this.costs = FactorCosts.of(model, settings.storage());
  }

  /** Searches under the budget of the settings; parameters as for a {@link RankSearch}. */
  public static SearchResult run(
      LiveModel model,
      LabeledData calibration,
      LabeledData data,
      SearchSettings settings,
      SearchListener listener) {
    try (RankSearch search =
        new RankSearch(model, calibration, data, settings, listener, 1, Optional.empty())) {
      return search.under(settings.budget());
    }
  }

  /**
   * Searches under a budget.
   *
   * @throws BudgetException where it cannot be met
   */
  public SearchResult under(Budget budget) {
    SearchSettings asked = settings.under(budget);
    if (measured.isEmpty()) {
      measured = Optional.of(measure());
    }
    Measured known = measured.get();
    PlannedSize.Of sizes =
        new PlannedSize.Of(
            model, settings.storage(), costs.withShifts(known.trial().shiftParameters()));
    @Nullable BudgetSearch best = null;
    for (Map<Layer, double[]> curves : known.curves()) {
      RankPath path = path(curves, budget, sizes);
      Trials trials =
          new Trials(
              known.trial(),
              sizes,
              known.samples(),
              asked,
              known.factors(),
              journal,
              listener,
              points,
              samples -> evaluatedSamples += samples);
      Optional<RankExchange> exchange =
          settings.fineTuneEpochs() > 0
              ? Optional.of(
                  new RankExchange(
                      curves,
                      budget.cost(),
                      sizes.costs(),
                      ranks -> known.factors().lossAfter(ranks, MOMENT),
                      Math.min(MOMENTS, known.factors().stepsOfFineTuning() / (2 * MOMENT))))
              : Optional.empty();
      BudgetSearch search =
          new BudgetSearch(asked, path, sizes, trials, known.fits(), exchange, budgets);
      search.explore();
      best = best == null || search.explored() < best.explored() ? search : best;
    }
    PlanJudge.Chosen chosen = requireNonNull(best).run();
    CompressionPlan plan =
        plan(
            budget,
            known.trial(),
            known.factors().of(chosen.point().ranks(), chosen.point().refinement()),
            chosen.candidate().isWhole()
                ? "no plan that was judged met the budget"
                : "truncating it would change more than it saves");
    double all = forwardSamples + known.factors().forwardSamples() + evaluatedSamples;
    return new SearchResult(
        plan,
        chosen.point(),
        points,
        sizes.whole(),
        data.name(),
        evaluatedSamples / data.size(),
        all / data.size(),
        record());
  }

  private Map<String, Object> record() {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("data", Json.tree(data.provenance()));
    record.put("calibration", Json.tree(calibration.provenance()));
    record.put("metric", settings.metric().toString());
    record.put("weighting", settings.weighting().toString());
    record.put("reconstruction", settings.reconstruct());
    record.put("fine_tune_epochs", settings.fineTuneEpochs());
    if (settings.fineTuneEpochs() > 0) {
      record.put("fine_tune_rate", settings.fineTuneRate());
    }
    record.put("seed", settings.seed());
    return record;
  }

  /** Where only the size is limited, all of it is used. */
  private static RankPath path(Map<Layer, double[]> curves, Budget budget, PlannedSize.Of sizes) {
    RankPath path = new RankPath(curves, budget.cost(), sizes.costs());
    return budget.maxDrop().isPresent()
        ? path
        : path.filling(ranks -> sizes.areWithin(budget, ranks));
  }

  private Measured measure() {
    settings.metric().requireLabels(data);
    if (settings.metric().needsLabels()) {
      model.requireClasses(data); // before the search, not after
    }
    if (data.size() < 2) {
      throw new InvalidInputException(
          "%s: expected samples to search with and to judge by, found %d"
              .formatted(data.name(), data.size()));
    }
    settings.metric().requireOutputs(Outputs.of(model, data.head(1)), model.files().folder());
    Map<Layer, Matrix> sensitivities = new HashMap<>();
    List<KernelApproximations> approximations = approximations(sensitivities);
    TrialGraph trial = new TrialGraph(model, approximations, data, settings.storage().kernels());
    try {
      listener.stage("Sensitivity of all layers");
      SensitivityCurves sensitivity = new SensitivityCurves(trial, settings, costs);
      Map<Layer, double[]> byGradients =
          sensitivity.of(fewer.head(Math.max(LEAST_FOR_SENSITIVITY, fewer.size() / 2)));
      forwardSamples += sensitivity.forwardSamples() + data.size();
      CandidateFactors factors =
          new CandidateFactors(
              trial, settings, calibration, fewer, data.size(), sensitivities, journal, listener);
      Outputs original = trial.originalOutputs(data);
      // Without activations neither is to be trusted alone.
      List<Map<Layer, double[]>> curves =
          settings.weighting() == Weighting.NONE
              ? List.of(
                  byGradients,
                  SensitivityCurves.bySpectra(trial.approximations(), original.meanSquare() / 2))
              : List.of(byGradients);
      return new Measured(
          trial,
          curves,
          factors,
          Trials.Samples.of(data, original),
          settings.reconstruct() && !sensitivities.isEmpty());
    } catch (RuntimeException e) {
      trial.close();
      throw e;
    }
  }

  @Override
  public void close() {
    measured.ifPresent(known -> known.trial().close());
    measured = Optional.empty();
  }

  private List<KernelApproximations> approximations(Map<Layer, Matrix> sensitivities) {
    List<Layer> candidates =
        model.layers().stream()
            .filter(settings.selection()::selects)
            .filter(layer -> costs.largestRank(layer) >= 1)
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

  private CompressionPlan plan(
      Budget budget, TrialGraph trial, Map<Layer, LayerDecision> chosen, String otherwise) {
    List<LayerDecision> decisions = new ArrayList<>();
    for (Layer layer : model.layers()) {
      LayerDecision decision = chosen.get(layer);
      decisions.add(decision == null ? kept(trial, layer, otherwise) : decision);
    }
    return CompressionPlanner.finished(model, budget.text(), decisions);
  }

  private LayerDecision kept(TrialGraph trial, Layer layer, String otherwise) {
    String because =
        !settings.selection().selects(layer)
            ? "not selected"
            : costs.largestRank(layer) < 1
                ? "no rank would save anything"
                : trial.sharedBecause(layer).orElse(otherwise);
    return LayerDecision.kept(
        layer,
        Spectrum.of(KernelSpectra.kernel(model, layer), KernelSpectra.precision(layer)),
        layer.fullRank(),
        because);
  }
}
