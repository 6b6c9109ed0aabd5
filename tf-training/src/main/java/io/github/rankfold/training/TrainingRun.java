package io.github.rankfold.training;

import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;

/**
 * What a training gives: immutable, nothing native.
 *
 * @param stationarity at {@code weights}, over the full training set
 * @param seconds from the first step to the last epoch's end, listener included
 * @param imagesPerSecond samples trained on by the time spent in their steps alone; 0 for a run
 *     without mini-batch or full-batch epochs
 * @param samplesPassed forward and backward through the network to find the weights, the trials of
 *     the finish's line search included; what a training costs, whatever the machine
 */
public record TrainingRun(
    NetworkSpec network,
    TrainingConfig config,
    TrainingHistory history,
    NetworkWeights weights,
    Stationarity stationarity,
    StopReason stopReason,
    double seconds,
    double imagesPerSecond,
    long samplesPassed) {
  /** The penalty trained with. */
  public L2Penalty penalty() {
    return config.l2();
  }
}
