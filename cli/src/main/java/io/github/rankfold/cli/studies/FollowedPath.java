package io.github.rankfold.cli.studies;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.EpochSummary;
import io.github.rankfold.training.LearningRateSchedule;
import io.github.rankfold.training.Optimizer;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gradient descent on the whole objective in small steps, all samples in each: an approximation of
 * the gradient flow, along which an objective cannot rise.
 *
 * @param points some of the points passed, first and last included, about equally far from each
 *     other along the path
 * @param positions of these, as shares of the path's length
 * @param steps taken
 * @param rises steps after which the objective was higher than before, beyond float32's rounding
 * @param largestRise of one step, relative to the objective; 0 where none rose
 * @param gradientNorm at the end
 */
record FollowedPath(
    List<NetworkWeights> points,
    List<Double> positions,
    int steps,
    int rises,
    double largestRise,
    double gradientNorm) {
  /** Relative rounding of an objective that is computed in float32. */
  private static final double ROUNDING = 1e-6;

  FollowedPath {
    points = List.copyOf(points);
    positions = List.copyOf(positions);
  }

  NetworkWeights end() {
    return points.get(points.size() - 1);
  }

  /** Follows the objective of {@code base}'s penalty down from {@code start}. */
  static FollowedPath down(
      NetworkSpec spec,
      NetworkWeights start,
      LabeledData data,
      TrainingConfig base,
      double stepSize,
      int steps,
      int kept) {
    TrainingConfig config =
        base.withBatchSize(0)
            .withEpochs(steps)
            .withOptimizer(new Optimizer.Sgd(0, false))
            .withSchedule(LearningRateSchedule.parse("constant"))
            .withLearningRate(stepSize);
    Thinned thinned = new Thinned(start, kept);
    TrainingRun run =
        Trainer.train(
            spec,
            start,
            data,
            Optional.empty(),
            config,
            (summary, weights) -> {
              thinned.reached(weights.get());
              return new EpochListener.Response.Continue();
            });
    List<Double> objectives = objectives(run.history().epochs());
    int rises = 0;
    double largest = 0;
    for (int i = 1; i < objectives.size(); i++) {
      double rise = objectives.get(i) / objectives.get(i - 1) - 1;
      rises += rise > ROUNDING ? 1 : 0;
      largest = rise > ROUNDING ? Math.max(largest, rise) : largest;
    }
    thinned.end(run.weights());
    return new FollowedPath(
        thinned.points, thinned.positions(), steps, rises, largest, run.stationarity().residual());
  }

  /**
   * The objective after every step but the last: a full batch's loss is measured before its step,
   * so that it belongs to the penalty at the end of the step before.
   */
  private static List<Double> objectives(List<EpochSummary> epochs) {
    List<Double> objectives = new ArrayList<>();
    for (int i = 1; i < epochs.size(); i++) {
      double penalty = epochs.get(i - 1).objective() - epochs.get(i - 1).loss();
      objectives.add(epochs.get(i).loss() + penalty);
    }
    return objectives;
  }

  /** Keeps at most about twice as many points as asked for, evenly spread over the path. */
  private static final class Thinned {
    private final int kept;
    private final List<NetworkWeights> points = new ArrayList<>();
    private final List<Double> lengths = new ArrayList<>();
    private NetworkWeights last;
    private double length;
    private double spacing;

    Thinned(NetworkWeights start, int kept) {
      this.kept = kept;
      this.last = start;
      points.add(start);
      lengths.add(0.0);
    }

    void reached(NetworkWeights weights) {
      length += WeightPath.distance(last, weights);
      last = weights;
      if (length - lengths.get(lengths.size() - 1) < spacing) {
        return;
      }
      keep(weights);
      if (points.size() > 2 * kept) {
        spacing = length / kept;
        halve();
      }
    }

    private void keep(NetworkWeights weights) {
      points.add(weights);
      lengths.add(length);
    }

    private void halve() {
      for (int i = points.size() - 2; i > 0; i -= 2) {
        points.remove(i);
        lengths.remove(i);
      }
    }

    void end(NetworkWeights weights) {
      if (lengths.get(lengths.size() - 1) < length) {
        keep(weights);
      }
    }

    List<Double> positions() {
      return lengths.stream().map(at -> length == 0 ? 0 : at / length).toList();
    }
  }
}
