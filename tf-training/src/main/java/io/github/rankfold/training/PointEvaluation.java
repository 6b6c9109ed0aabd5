package io.github.rankfold.training;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The objective at one point of a network's weights, over all samples.
 *
 * @param objective {@code loss} plus the penalty
 * @param loss mean cross-entropy
 * @param accuracy in [0, 1]
 */
public record PointEvaluation(double objective, double loss, double accuracy) {
  /** At each of several points: a pass over the data for every one, the graph built once. */
  public static List<PointEvaluation> of(
      NetworkSpec spec, List<NetworkWeights> points, LabeledData data, TrainingConfig config) {
    points.forEach(point -> point.checkFit(spec));
    ParameterLayout layout = new ParameterLayout(spec, config.l2());
    SampleWeights equal = SampleWeights.equal(data.size());
    List<PointEvaluation> found = new ArrayList<>();
    try (TrainingSession session =
        new TrainingSession(spec, data, equal, Optional.empty(), config, layout, 0)) {
      for (NetworkWeights point : points) {
        session.assign(point);
        BatchSums sums = session.trainGradient(new double[layout.size()]);
        double objective = sums.meanLoss() + config.l2().of(point);
        found.add(new PointEvaluation(objective, sums.meanLoss(), sums.accuracy()));
      }
    }
    return found;
  }
}
