package io.github.rankfold.training;

import java.util.OptionalDouble;

/**
 * One row of a training's history.
 *
 * @param epoch from 1; those of the finish go on counting
 * @param objective {@code loss} plus the penalty of the weights at the epoch's end
 * @param loss mean cross-entropy over the epoch's samples, each measured in its batch before the
 *     step that used it; in a finish at the epoch's end
 * @param accuracy of the same predictions, in [0, 1]
 * @param testLoss mean cross-entropy of the test data at the epoch's end
 * @param testAccuracy in [0, 1]
 * @param learningRate of the epoch's last step; empty in a finish, which has none
 * @param seconds the epoch took, test included, listener not
 */
public record EpochSummary(
    int epoch,
    double objective,
    double loss,
    double accuracy,
    OptionalDouble testLoss,
    OptionalDouble testAccuracy,
    OptionalDouble learningRate,
    double seconds) {}
