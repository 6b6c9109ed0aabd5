package io.github.rankfold.compression.search;

import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.trials.OutputSensitivity;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The predicted change of the outputs by layer and rank: by gradients where the graph has them, and
 * elsewhere, in and before loops for instance, by trying a few ranks on a few samples.
 */
final class SensitivityCurves {
  /** Ranks that are tried of a layer without gradients. */
  private static final int RANKS = 6;

  /** What trying them may cost altogether, in evaluations of all samples. */
  private static final int EVALUATIONS = 4;

  private static final int LEAST_SAMPLES = 50;

  private final TrialGraph trial;
  private final SearchSettings settings;
  private final FactorCosts costs;
  private double forwardSamples;

  /**
   * Measures nothing yet.
   *
   * @param costs say up to which rank a layer may be truncated
   */
  SensitivityCurves(TrialGraph trial, SearchSettings settings, FactorCosts costs) {
    this.trial = trial;
    this.settings = settings;
    this.costs = costs;
  }

  Map<Layer, double[]> of(LabeledData data) {
    forwardSamples += CandidateFactors.WITH_GRADIENT * data.size();
    Map<Layer, double[]> known =
        new OutputSensitivity(trial, RankSearch.directions(settings), data).of(data);
    List<Layer> others =
        trial.layers().stream().filter(layer -> !known.containsKey(layer)).toList();
    Map<Layer, double[]> curves = new LinkedHashMap<>();
    for (Layer layer : trial.layers()) {
      double[] curve = known.get(layer);
      curves.put(layer, curve != null ? curve : tried(layer, data, others.size()));
    }
    return curves;
  }

  /**
   * What needs no inputs: {@code power (s_{r+1} / s_1)^2}, the squared change of the outputs if
   * every layer passes on the relative change of its kernel's operator norm, as the bounds of a
   * stack of 1-Lipschitz layers have it (Tsai et al., arXiv 2103.02200).
   *
   * @param power half of the outputs' mean square
   */
  static Map<Layer, double[]> bySpectra(
      Map<Layer, KernelApproximations> approximations, double power) {
    Map<Layer, double[]> curves = new LinkedHashMap<>();
    approximations.forEach(
        (layer, one) -> {
          Spectrum spectrum = one.spectrum();
          double largest = Math.max(spectrum.value(0), Double.MIN_NORMAL);
          double[] curve = new double[layer.fullRank() + 1];
          for (int rank = 0; rank < Math.min(curve.length, spectrum.size()); rank++) {
            double share = spectrum.value(rank) / largest;
            curve[rank] = power * share * share;
          }
          curves.put(layer, curve);
        });
    return curves;
  }

  /** What all of this took, in samples run forward. */
  double forwardSamples() {
    return forwardSamples;
  }

  /** A curve through a few measured changes, straight between them on a logarithmic scale. */
  double[] tried(Layer layer, LabeledData data, int layers) {
    int affordable = (int) ((long) EVALUATIONS * data.size() / ((long) layers * RANKS));
    LabeledData few = data.head(Math.max(LEAST_SAMPLES, affordable));
    trial.truncate(Map.of());
    Outputs whole = trial.outputs(few);
    forwardSamples += few.size();
    double[] curve = new double[layer.fullRank() + 1];
    int before = 0;
    for (int i = 0; i < RANKS; i++) {
      int rank = (int) Math.round(Math.pow(costs.largestRank(layer), i / (RANKS - 1.0)));
      if (i > 0 && rank <= before) {
        continue;
      }
      trial.truncate(Map.of(layer, rank));
      curve[rank] = change(whole, trial.outputs(few));
      forwardSamples += few.size();
      for (int between = before + 1; before > 0 && between < rank; between++) {
        double share = (double) (between - before) / (rank - before);
        curve[between] =
            Math.exp((1 - share) * logarithm(curve[before]) + share * logarithm(curve[rank]));
      }
      before = rank;
    }
    curve[0] = curve[1];
    trial.truncate(Map.of());
    return curve;
  }

  private static double logarithm(double value) {
    return Math.log(Math.max(value, 1e-30));
  }

  /** {@code E ||y' - y||^2 / 2}, around its mean over a sample's outputs for logits. */
  private double change(Outputs whole, Outputs truncated) {
    double sum = 0;
    int width = whole.width();
    for (int i = 0; i < whole.samples(); i++) {
      double mean = 0;
      double squares = 0;
      for (int j = 0; j < width; j++) {
        double difference = (double) truncated.value(i, j) - whole.value(i, j);
        mean += difference / width;
        squares += difference * difference;
      }
      sum += settings.metric().needsLabels() ? squares - width * mean * mean : squares;
    }
    return sum / (2 * whole.samples());
  }
}
