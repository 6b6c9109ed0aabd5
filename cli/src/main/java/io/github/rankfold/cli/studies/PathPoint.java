package io.github.rankfold.cli.studies;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.PointEvaluation;
import io.github.rankfold.training.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A network on a path through the weights, evaluated.
 *
 * @param position share of the path, 0 to 1
 * @param isLast whether the path ends here
 * @param found objective, loss and accuracy there
 * @param layers collapse and ranks, at the path's ends alone
 */
record PathPoint(
    double position,
    boolean isLast,
    PointEvaluation found,
    Optional<List<NetworkLook.LayerLook>> layers) {
  PathPoint {
    layers = layers.map(List::copyOf);
  }

  /** All points of a path; {@code positions} has one for each. */
  static List<PathPoint> of(
      NetworkSpec spec,
      List<NetworkWeights> points,
      List<Double> positions,
      LabeledData data,
      TrainingConfig config) {
    List<PointEvaluation> found = PointEvaluation.of(spec, points, data, config);
    List<PathPoint> path = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      boolean isLast = i == points.size() - 1;
      path.add(
          new PathPoint(
              positions.get(i),
              isLast,
              found.get(i),
              i == 0 || isLast
                  ? Optional.of(NetworkLook.of(spec, points.get(i), data, config.l2()).layers())
                  : Optional.empty()));
    }
    return path;
  }

  /** The positions of {@code count} points at even distances. */
  static List<Double> even(int count) {
    List<Double> positions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      positions.add((double) i / (count - 1));
    }
    return positions;
  }

  /** At the input of the classifier. */
  Optional<Double> normalizedTcv() {
    return layers.map(all -> all.get(all.size() - 1).normalizedTcv());
  }

  /** Of the last hidden kernel, whose input has met as many layers as a kernel's can. */
  Optional<Integer> rank() {
    return layers.map(all -> all.get(all.size() - 2).rank());
  }
}
