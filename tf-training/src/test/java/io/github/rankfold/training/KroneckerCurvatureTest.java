package io.github.rankfold.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KroneckerCurvatureTest {
  private static final LabeledData DATA = SmallData.floats(60, 8, 3);

  /** The objective of a network without hidden layers is strictly convex: one minimum for both. */
  @ParameterizedTest(name = "biases {0}")
  @ValueSource(booleans = {true, false})
  void theMinimumIsTheSame(boolean biases) {
    NetworkSpec spec = NetworkSpec.mlp(8, 3).withBias(biases);
    NetworkWeights plain = run(spec, Finish.Curvature.NONE, 200).weights();
    NetworkWeights kronecker = run(spec, Finish.Curvature.KRONECKER, 200).weights();
    for (int i = 0; i < 24; i++) {
      assertEquals(
          plain.get("classifier/kernel").at(i), kronecker.get("classifier/kernel").at(i), 2e-3);
    }
  }

  /** What it is for: the directions that no sample sees are left in one step, not in hundreds. */
  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      names = {"RELU", "TANH"})
  void fewIterationsGetFarther(Activation activation) {
    NetworkSpec spec = NetworkSpec.mlp(8, 40, 40, 3).withActivation(activation);
    double plain = run(spec, Finish.Curvature.NONE, 25).history().last().objective();
    double kronecker = run(spec, Finish.Curvature.KRONECKER, 25).history().last().objective();
    assertTrue(kronecker < plain, kronecker + " < " + plain);
  }

  /** As {@link SampleWeightsTest}: the estimate counts a sample of weight 2 as two. */
  @Test
  void weightsCount() {
    NetworkSpec spec = NetworkSpec.mlp(8, 10, 3).withActivation(Activation.TANH);
    int[] repeated = new int[2 * DATA.size() - 5];
    double[] weights = new double[DATA.size()];
    int row = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i < 5 ? 1 : 2;
      for (int k = 0; k < weights[i]; k++) {
        repeated[row++] = i;
      }
    }
    double weighted = objective(spec, DATA, SampleWeights.of(weights));
    double equal = objective(spec, DATA.select(repeated), SampleWeights.equal(repeated.length));
    assertEquals(equal, weighted, 1e-4);
  }

  /** A pass on what A and D are taken from, every so many iterations, counts as cost. */
  @Test
  void itsSamplesAreCounted() {
    NetworkSpec spec = NetworkSpec.mlp(8, 10, 3);
    long plain = run(spec, Finish.Curvature.NONE, 1).samplesPassed();
    long kronecker = run(spec, Finish.Curvature.KRONECKER, 1).samplesPassed();
    assertTrue(kronecker >= plain + DATA.size(), kronecker + " " + plain);
  }

  private static double objective(NetworkSpec spec, LabeledData data, SampleWeights weights) {
    NetworkWeights start = NetworkWeights.initial(spec, 2);
    return Trainer.train(
            spec,
            start,
            data,
            weights,
            Optional.empty(),
            config(Finish.Curvature.KRONECKER, 10),
            EpochListener.NONE)
        .history()
        .last()
        .objective();
  }

  private static TrainingRun run(NetworkSpec spec, Finish.Curvature curvature, int iterations) {
    return Trainer.train(spec, DATA, config(curvature, iterations));
  }

  private static TrainingConfig config(Finish.Curvature curvature, int iterations) {
    return TrainingConfig.defaults()
        .withL2(1e-2)
        .withSeed(2)
        .withThreads(1)
        .withFinish(new Finish(1, iterations, curvature))
        .withEpochs(0);
  }
}
