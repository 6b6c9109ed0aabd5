package io.github.rankfold.cli.studies;

import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingRun;
import java.util.List;
import java.util.OptionalDouble;

/** One training of a study, and what was measured of its outcome on the training data. */
record TrainedNetwork(TrainingRun run, NetworkLook look) {
  static TrainedNetwork of(
      String network, DataSplit data, StudySettings settings, double lambda, long seed) {
    NetworkSpec spec = spec(network, data);
    TrainingRun run =
        Trainer.train(
            spec, data.train(), data.test(), settings.training(lambda, seed), EpochListener.NONE);
    return new TrainedNetwork(
        run, NetworkLook.of(spec, run.weights(), data.train(), run.penalty()));
  }

  static NetworkSpec spec(String network, DataSplit data) {
    return NetworkSpec.parse(network, data.train().featureWidth(), data.train().classes());
  }

  List<NetworkLook.LayerLook> layers() {
    return look.layers();
  }

  double accuracy() {
    return run.history().last().accuracy();
  }

  OptionalDouble testAccuracy() {
    return run.history().last().testAccuracy();
  }

  /** Norm of the gradient of the objective: how far from a critical point. */
  double gradientNorm() {
    return run.stationarity().residual();
  }
}
