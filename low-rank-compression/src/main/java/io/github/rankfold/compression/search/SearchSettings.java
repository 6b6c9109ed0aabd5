package io.github.rankfold.compression.search;

import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.Weighting;

/**
 * How ranks are searched for.
 *
 * @param budget what may be lost and must be saved
 * @param metric how loss is measured
 * @param weighting in which norm kernels are truncated
 * @param reconstruct whether to fit the truncated layers to the original's activations
 * @param selection the layers that may be truncated
 * @param calibrationSamples how many samples moments are taken over, at most
 * @param seed of the random directions in which sensitivity is measured
 */
public record SearchSettings(
    Budget budget,
    Metric metric,
    Weighting weighting,
    boolean reconstruct,
    LayerSelection selection,
    int calibrationSamples,
    long seed) {
  public SearchSettings {
    if (calibrationSamples < 1) {
      throw new IllegalArgumentException(
          "calibration samples must be >= 1, was " + calibrationSamples);
    }
  }

  /** All layers, weighted by inputs and outputs, with reconstruction. */
  public static SearchSettings of(Budget budget, Metric metric) {
    return new SearchSettings(
        budget, metric, Weighting.OUTPUTS, true, LayerSelection.all(), 10_000, 0);
  }
}
