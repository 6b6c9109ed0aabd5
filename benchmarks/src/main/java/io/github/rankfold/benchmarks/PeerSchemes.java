package io.github.rankfold.benchmarks;

import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/**
 * How other tools choose ranks, each pushed as far as a drop of accuracy allows by bisection over
 * its one parameter: a share of the energy for all layers; one rank for all layers, as in tfmot's
 * SVD; and AIMET's greedy choice of compression ratios. Kernels are truncated in their own norm, as
 * those tools do; a layer that its rank would not make smaller stays whole, which is kinder to them
 * than they are themselves. AIMET splits convolutions spatially, we by channel here as there.
 */
final class PeerSchemes implements AutoCloseable {
  /** AIMET's {@code num_comp_ratio_candidates}. */
  private static final int RATIOS = 10;

  private static final int ENERGY_STEPS = 1 << 10;

  private final LiveModel model;
  private final LabeledData data;
  private final double maxDrop;
  private final TrialGraph trial;
  private final Outputs original;
  private int evaluations;

  PeerSchemes(LiveModel model, LabeledData data, double maxDrop) {
    this.model = model;
    this.data = data;
    this.maxDrop = maxDrop;
    List<KernelApproximations> plain =
        model.layers().stream()
            .filter(layer -> layer.breakEvenRank() >= 1)
            .map(layer -> KernelApproximations.of(layer, KernelSpectra.kernel(model, layer)))
            .toList();
    this.trial = new TrialGraph(model, plain, data);
    this.original = trial.originalOutputs(data);
  }

  /** How often all samples were run. */
  int evaluations() {
    return evaluations;
  }

  /** The same share of every kernel's energy; the discarded one grows geometrically to all. */
  CompressionPlan uniformEnergy() {
    return deepest(
        "uniform energy",
        ENERGY_STEPS,
        step -> {
          double discarded = Math.pow(10, -5 * (1 - (double) step / ENERGY_STEPS));
          double kept = Math.max(1e-6, 1 - discarded);
          return ranks(layer -> new RankRule.KeepEnergy(kept).rankFor(spectrum(layer)));
        });
  }

  /** The same rank for every kernel. */
  CompressionPlan fixedRank() {
    int largest = trial.layers().stream().mapToInt(Layer::breakEvenRank).max().orElse(1);
    return deepest("fixed rank", largest, step -> ranks(layer -> largest - step + 1));
  }

  /**
   * AIMET's greedy choice: each layer alone at ratios .1 to .9 is evaluated, and a threshold on
   * that accuracy gives every layer its smallest ratio that keeps to it. AIMET finds the threshold
   * for a ratio of the whole model that the user names; here it is as low as the drop allows.
   */
  CompressionPlan greedy() {
    Map<Layer, double[]> drops = new LinkedHashMap<>();
    TreeSet<Double> thresholds = new TreeSet<>();
    for (Layer layer : trial.layers()) {
      double[] byRatio = new double[RATIOS];
      for (int i = 1; i < RATIOS; i++) {
        byRatio[i] = drop(Map.of(layer, rank(layer, i)));
      }
      // A larger ratio is no worse than a smaller one: AIMET's monotonic fit.
      for (int i = 2; i < RATIOS; i++) {
        byRatio[i] = Math.min(byRatio[i], byRatio[i - 1]);
      }
      for (int i = 1; i < RATIOS; i++) {
        thresholds.add(byRatio[i]);
      }
      drops.put(layer, byRatio);
    }
    List<Double> ascending = List.copyOf(thresholds);
    return deepest(
        "greedy",
        ascending.size(),
        step -> {
          Map<Layer, Integer> ranks = new LinkedHashMap<>();
          drops.forEach(
              (layer, byRatio) -> {
                for (int i = RATIOS - 1; i >= 1; i--) {
                  if (byRatio[i] <= ascending.get(step - 1)) {
                    ranks.put(layer, rank(layer, i));
                  }
                }
              });
          return ranks;
        });
  }

  private static int rank(Layer layer, int tenths) {
    double whole = layer.parametersAtRank(1);
    return Math.max(1, (int) (layer.parameters() * tenths / (RATIOS * whole)));
  }

  private Spectrum spectrum(Layer layer) {
    KernelApproximations known = trial.approximations().get(layer);
    if (known == null) {
      throw new IllegalArgumentException("layer " + layer.name() + " is not tried");
    }
    return known.spectrum();
  }

  private Map<Layer, Integer> ranks(ToIntFunction<Layer> rule) {
    Map<Layer, Integer> ranks = new LinkedHashMap<>();
    for (Layer layer : trial.layers()) {
      int rank = rule.applyAsInt(layer);
      if (rank <= layer.breakEvenRank()) {
        ranks.put(layer, rank);
      }
    }
    return ranks;
  }

  /** The last of the steps 1 to {@code steps} that is allowed, by bisection; 0 is no truncation. */
  private CompressionPlan deepest(String name, int steps, IntFunction<Map<Layer, Integer>> at) {
    int allowed = 0;
    int refused = steps + 1;
    while (refused - allowed > 1) {
      int middle = (allowed + refused) >>> 1;
      Map<Layer, Integer> ranks = at.apply(middle);
      boolean known = allowed > 0 ? ranks.equals(at.apply(allowed)) : ranks.isEmpty();
      if (known || drop(ranks) <= maxDrop) {
        allowed = middle;
      } else {
        refused = middle;
      }
    }
    Map<Layer, Integer> ranks = allowed == 0 ? Map.of() : at.apply(allowed);
    List<LayerDecision> decisions = new ArrayList<>();
    for (Layer layer : model.layers()) {
      Integer rank = ranks.get(layer);
      decisions.add(
          rank == null
              ? LayerDecision.kept(
                  layer,
                  Spectrum.of(KernelSpectra.kernel(model, layer), KernelSpectra.precision(layer)),
                  layer.fullRank(),
                  "no smaller")
              : trial.truncated(layer, rank));
    }
    return CompressionPlanner.finished(model, name, decisions);
  }

  /** Points of accuracy that these ranks lose. */
  private double drop(Map<Layer, Integer> ranks) {
    evaluations++;
    trial.truncate(ranks);
    return drop(original, trial.outputs(data), data);
  }

  static double drop(Outputs before, Outputs after, LabeledData data) {
    long lost = 0;
    for (int i = 0; i < data.size(); i++) {
      lost += before.prediction(i) == data.label(i) ? 1 : 0;
      lost -= after.prediction(i) == data.label(i) ? 1 : 0;
    }
    return 100.0 * lost / data.size();
  }

  @Override
  public void close() {
    trial.close();
  }
}
