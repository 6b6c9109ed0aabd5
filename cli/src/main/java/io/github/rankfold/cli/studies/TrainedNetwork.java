package io.github.rankfold.cli.studies;

import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingRun;
import java.util.OptionalDouble;

/**
 * A network of a study, trained or on its way, and what was measured of it.
 *
 * @param look at its layers, on the training data
 * @param accuracy on the training data
 * @param gradientNorm of the objective: how far from a critical point
 */
record TrainedNetwork(
    NetworkLook look,
    OptionalDouble accuracy,
    OptionalDouble testAccuracy,
    OptionalDouble gradientNorm) {
  static TrainedNetwork of(
      String network, DataSplit data, StudySettings settings, double lambda, long seed) {
    NetworkSpec spec = spec(network, data);
    TrainingRun run =
        Trainer.train(
            spec, data.train(), data.test(), settings.training(lambda, seed), EpochListener.NONE);
    return new TrainedNetwork(
        NetworkLook.of(spec, run.weights(), data.train(), run.penalty()),
        OptionalDouble.of(run.history().last().accuracy()),
        run.history().last().testAccuracy(),
        OptionalDouble.of(run.stationarity().residual()));
  }

  static NetworkSpec spec(String network, DataSplit data) {
    return NetworkSpec.parse(network, data.train().featureWidth(), data.train().classes());
  }
}
