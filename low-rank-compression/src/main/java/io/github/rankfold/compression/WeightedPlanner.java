package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.collapse.probe.OutputDirections;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.OutputShift;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides, layer by layer, what a rule does to a model in a norm that data gives: the rule sees the
 * singular values in that norm. Writes nothing.
 */
public final class WeightedPlanner {
  private WeightedPlanner() {}

  /**
   * A plan for the selected layers.
   *
   * @param samples to take activations from; their labels are not used
   */
  public static CompressionPlan plan(
      LiveModel model,
      RankRule rule,
      LayerSelection selection,
      Weighting weighting,
      LabeledData samples) {
    selection.requireMatches(model.layers());
    List<LayerDecision> decisions = new ArrayList<>();
    KernelMoments.collect(
        model,
        samples,
        model.layers(),
        new OutputDirections(true, 0),
        (layer, moments) ->
            decisions.add(
                selection.selects(layer)
                    ? decide(model, layer, rule, moments, weighting)
                    : LayerDecision.kept(
                        layer,
                        Spectrum.of(
                            KernelSpectra.kernel(model, layer), KernelSpectra.precision(layer)),
                        layer.fullRank(),
                        "not selected")));
    return CompressionPlanner.finished(model, rule.text() + " " + weighting, decisions);
  }

  private static LayerDecision decide(
      LiveModel model, Layer layer, RankRule rule, KernelMoments moments, Weighting weighting) {
    KernelApproximations all = TrialGraph.approximations(model, layer, moments, weighting);
    int rank = rule.rankFor(all.spectrum());
    if (rank > layer.breakEvenRank()) {
      return LayerDecision.savingNothing(layer, all.spectrum(), rank, layer.breakEvenRank());
    }
    LayerDecision decision = all.decision(rank);
    return all.lostMean(decision.factors().orElseThrow())
        .map(lost -> decision.shifted(OutputShift.ofItsOwn(lost)))
        .orElse(decision);
  }
}
