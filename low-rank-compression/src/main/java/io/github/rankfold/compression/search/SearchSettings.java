package io.github.rankfold.compression.search;

import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.Weighting;
import java.util.OptionalInt;

/**
 * How ranks are searched for.
 *
 * @param budget what may be lost and must be saved
 * @param metric how loss is measured
 * @param weighting in which norm kernels are truncated
 * @param reconstruct whether to fit the truncated layers to the original's activations
 * @param fineTuneEpochs at most so many passes of distillation; 0 for none
 * @param fineTuneRate its learning rate, above 0
 * @param selection the layers that may be truncated
 * @param calibrationSamples how many samples moments are taken over, at most; see {@link
 *     #momentsOver} where it is empty
 * @param seed of the random directions in which sensitivity is measured
 * @param storage what the weights will be stored in: trials are judged with factors rounded to it
 */
public record SearchSettings(
    Budget budget,
    Metric metric,
    Weighting weighting,
    boolean reconstruct,
    int fineTuneEpochs,
    double fineTuneRate,
    LayerSelection selection,
    OptionalInt calibrationSamples,
    long seed,
    WeightStorage storage) {
  private static final int LEAST_FOR_MOMENTS = 2000;
  private static final int MOST_FOR_MOMENTS = 5000;

  public SearchSettings {
    if (fineTuneEpochs < 0) {
      throw new IllegalArgumentException("fine-tune must be >= 0, was " + fineTuneEpochs);
    }
    if (!(fineTuneRate > 0 && Double.isFinite(fineTuneRate))) {
      throw new IllegalArgumentException(
          "fine-tune-rate must be > 0 and finite, was " + fineTuneRate);
    }
    if (calibrationSamples.isPresent() && calibrationSamples.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "calibration samples must be >= 1, was " + calibrationSamples.getAsInt());
    }
  }

  /** Under another budget. */
  SearchSettings under(Budget newBudget) {
    return new SearchSettings(
        newBudget,
        metric,
        weighting,
        reconstruct,
        fineTuneEpochs,
        fineTuneRate,
        selection,
        calibrationSamples,
        seed,
        storage);
  }

  /**
   * How many samples moments are taken over, at most. Unless it was asked for, as many as are
   * searched with, so that moments cost a fixed number of passes; at least 2,000, as moments of
   * fewer are too rough, and at most 5,000.
   */
  int momentsOver(int searchSamples) {
    return calibrationSamples.orElse(
        Math.min(MOST_FOR_MOMENTS, Math.max(LEAST_FOR_MOMENTS, searchSamples)));
  }

  /** Whether and how long to fine-tune. */
  public SearchSettings withFineTuning(int epochs) {
    return new SearchSettings(
        budget,
        metric,
        weighting,
        reconstruct,
        epochs,
        fineTuneRate,
        selection,
        calibrationSamples,
        seed,
        storage);
  }

  /** What the weights will be stored in. */
  public SearchSettings storing(WeightStorage newStorage) {
    return new SearchSettings(
        budget,
        metric,
        weighting,
        reconstruct,
        fineTuneEpochs,
        fineTuneRate,
        selection,
        calibrationSamples,
        seed,
        newStorage);
  }

  /** All layers, weighted by inputs and outputs, with reconstruction. */
  public static SearchSettings of(Budget budget, Metric metric) {
    return new SearchSettings(
        budget,
        metric,
        Weighting.OUTPUTS,
        true,
        0,
        2e-3,
        LayerSelection.all(),
        OptionalInt.empty(),
        0,
        WeightStorage.unchanged());
  }
}
