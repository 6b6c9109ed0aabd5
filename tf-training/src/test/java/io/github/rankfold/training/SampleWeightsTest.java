package io.github.rankfold.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SampleWeightsTest {
  private static final NetworkSpec SPEC = NetworkSpec.mlp(5, 6, 3).withActivation(Activation.TANH);
  private static final LabeledData DATA = SmallData.floats(12, 5, 3);

  /** A sample of weight w is w equal samples: one full-batch step, and ten of the finish. */
  @ParameterizedTest(name = "full-batch epochs {0}, finish {1}")
  @CsvSource({"1, false", "5, false", "0, true"})
  void aWeightIsARepetition(int epochs, boolean finish) {
    int[] repeated = new int[2 * DATA.size() - 3];
    double[] weights = new double[DATA.size()];
    int row = 0;
    for (int i = 0; i < DATA.size(); i++) {
      weights[i] = i < 3 ? 1 : 2;
      for (int k = 0; k < weights[i]; k++) {
        repeated[row++] = i;
      }
    }
    TrainingConfig config =
        TrainingConfig.defaults().withBatchSize(0).withL2(1e-2).withThreads(1).withSeed(2);
    config =
        finish ? config.withFinish(new Finish(1, 10)).withEpochs(0) : config.withEpochs(epochs);
    TrainingRun weighted = run(DATA, SampleWeights.of(weights), config);
    TrainingRun equal = run(DATA.select(repeated), SampleWeights.equal(repeated.length), config);
    assertTrue(equal.samplesPassed() > 0);
    for (String name : equal.weights().names()) {
      for (int p = 0; p < equal.weights().get(name).size(); p++) {
        assertEquals(
            equal.weights().get(name).at(p), weighted.weights().get(name).at(p), 2e-4, name);
      }
    }
    assertEquals(equal.history().last().loss(), weighted.history().last().loss(), 1e-4);
    assertEquals(equal.history().last().accuracy(), weighted.history().last().accuracy(), 1e-6);
  }

  @Test
  void equalWeightsOfAnySizeAreNone() {
    assertTrue(SampleWeights.of(3, 3, 3).areEqual());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void aWeightIsAboveZero(double weight) {
    assertThrows(IllegalArgumentException.class, () -> SampleWeights.of(1, weight));
  }

  @Test
  void everySampleHasAWeight() {
    TrainingConfig config = TrainingConfig.defaults();
    String message =
        assertThrows(InvalidInputException.class, () -> run(DATA, SampleWeights.equal(11), config))
            .getMessage();
    assertEquals("small: expected a weight for each of 12 samples, found 11", message);
  }

  private static TrainingRun run(LabeledData data, SampleWeights weights, TrainingConfig config) {
    NetworkWeights start = NetworkWeights.initial(SPEC, config.seed());
    return Trainer.train(SPEC, start, data, weights, Optional.empty(), config, EpochListener.NONE);
  }
}
