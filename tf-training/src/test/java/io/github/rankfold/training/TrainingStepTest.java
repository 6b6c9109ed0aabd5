package io.github.rankfold.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps in TensorFlow against the same formulas in plain Java doubles. */
class TrainingStepTest {
  private static final NetworkSpec SPEC =
      NetworkSpec.mlp(5, 6, 6, 3).withActivation(Activation.TANH).withResidual(true);
  private static final int[] ORDER = IntStream.range(0, 14).toArray();

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of(new Optimizer.Sgd(0, false), WeightDecay.IN_LOSS, false),
        Arguments.of(new Optimizer.Sgd(0.9, false), WeightDecay.IN_LOSS, false),
        Arguments.of(new Optimizer.Sgd(0.9, true), WeightDecay.IN_LOSS, true),
        Arguments.of(new Optimizer.Adam(), WeightDecay.IN_LOSS, false),
        Arguments.of(new Optimizer.Sgd(0.9, false), WeightDecay.DECOUPLED, false),
        Arguments.of(new Optimizer.Adam(0.8, 0.99, 1e-4), WeightDecay.DECOUPLED, true));
  }

  /** 14 samples in batches of 4: three whole ones and one of 2, for two epochs. */
  @ParameterizedTest(name = "{0}, {1}, biases penalized {2}")
  @MethodSource("rules")
  void stepsEqualPlainJava(Optimizer optimizer, WeightDecay decay, boolean biases) {
    L2Penalty l2 = new L2Penalty(0.05, biases);
    TrainingConfig config =
        TrainingConfig.defaults()
            .withEpochs(2)
            .withBatchSize(4)
            .withLearningRate(0.02)
            .withOptimizer(optimizer)
            .withL2(l2)
            .withWeightDecay(decay);
    for (LabeledData data :
        new LabeledData[] {SmallData.floats(14, 5, 3), SmallData.bytes(14, 5, 3)}) {
      ReferenceNetwork reference = new ReferenceNetwork(SPEC, l2);
      double[] w = reference.layout().vector(NetworkWeights.initial(SPEC, 3));
      StepRates rates = new StepRates(config, 8);
      double[][] state = new double[2][w.length];
      BatchSums expected = BatchSums.NONE;
      for (int step = 1; step <= 8; step++) {
        int from = (step - 1) % 4 * 4;
        double[] g = new double[w.length];
        expected = expected.plus(reference.gradient(w, data, from, Math.min(14, from + 4), g));
        step(config, reference.layout(), w, g, state, step, rates.rate(step));
      }
      try (TrainingSession session = open(data, config, TrainingSession.UNROLLED_STEPS)) {
        BatchSums found = session.epoch(ORDER, 1, rates).plus(session.epoch(ORDER, 5, rates));
        assertArrayEquals(w, reference.layout().vector(session.weights()), 2e-6);
        assertEquals(28, found.samples());
        assertEquals(expected.correct(), found.correct());
        assertEquals(expected.loss(), found.loss(), 1e-5 * expected.loss());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10})
  void unrolledStepsAreTheSingleStepsBitByBit(int unrolled) {
    LabeledData data = SmallData.floats(14, 5, 3);
    TrainingConfig config = TrainingConfig.defaults().withBatchSize(2).withL2(0.01).withThreads(1);
    StepRates rates = new StepRates(config, 70);
    try (TrainingSession single = open(data, config, 1);
        TrainingSession several = open(data, config, unrolled)) {
      BatchSums one = single.epoch(ORDER, 1, rates);
      BatchSums many = several.epoch(ORDER, 1, rates);
      assertEquals(single.weights(), several.weights());
      assertEquals(one.correct(), many.correct());
      assertEquals(one.loss(), many.loss(), 1e-5);
    }
  }

  @Test
  void theDataGradientEqualsPlainJavaAndItsFiniteDifference() {
    LabeledData data = SmallData.bytes(14, 5, 3);
    ReferenceNetwork reference = new ReferenceNetwork(SPEC, L2Penalty.NONE);
    double[] w = reference.layout().vector(NetworkWeights.initial(SPEC, 3));
    double[] expected = new double[w.length];
    BatchSums sums = reference.gradient(w, data, 0, 14, expected);
    double h = 1e-5;
    for (int p = 0; p < w.length; p += 7) {
      double[] moved = w.clone();
      moved[p] += h;
      double up = reference.gradient(moved, data, 0, 14, new double[w.length]).meanLoss();
      moved[p] -= 2 * h;
      double down = reference.gradient(moved, data, 0, 14, new double[w.length]).meanLoss();
      assertEquals((up - down) / (2 * h), expected[p], 1e-8);
    }
    try (TrainingSession session = open(data, TrainingConfig.defaults(), 1)) {
      double[] found = new double[w.length];
      BatchSums forward = session.trainGradient(found);
      assertArrayEquals(expected, found, 1e-6);
      assertEquals(sums.loss(), forward.loss(), 1e-5);
      assertEquals(sums.correct(), forward.correct());
    }
  }

  private static TrainingSession open(LabeledData data, TrainingConfig config, int unrolled) {
    TrainingSession session =
        new TrainingSession(
            SPEC,
            data,
            SampleWeights.equal(data.size()),
            Optional.empty(),
            config,
            new ParameterLayout(SPEC, config.l2()),
            unrolled);
    session.assign(NetworkWeights.initial(SPEC, 3));
    return session;
  }

  /** One step of the documented formulas, in place; g is the data gradient. */
  private static void step(
      TrainingConfig config,
      ParameterLayout layout,
      double[] w,
      double[] g,
      double[][] state,
      int step,
      double rate) {
    double[] before = w.clone();
    if (config.weightDecay() == WeightDecay.IN_LOSS) {
      layout.addPenalty(w, g);
    } else {
      double[] penalty = new double[w.length];
      layout.addPenalty(w, penalty);
      for (int p = 0; p < w.length; p++) {
        before[p] -= rate * penalty[p];
      }
    }
    for (int p = 0; p < w.length; p++) {
      if (config.optimizer() instanceof Optimizer.Sgd sgd) {
        state[0][p] = sgd.momentum() * state[0][p] - rate * g[p];
        w[p] =
            before[p] + (sgd.nesterov() ? sgd.momentum() * state[0][p] - rate * g[p] : state[0][p]);
      } else if (config.optimizer() instanceof Optimizer.Adam adam) {
        state[0][p] = adam.beta1() * state[0][p] + (1 - adam.beta1()) * g[p];
        state[1][p] = adam.beta2() * state[1][p] + (1 - adam.beta2()) * g[p] * g[p];
        double correction =
            Math.sqrt(1 - Math.pow(adam.beta2(), step)) / (1 - Math.pow(adam.beta1(), step));
        w[p] =
            before[p] - rate * correction * state[0][p] / (Math.sqrt(state[1][p]) + adam.epsilon());
      }
    }
  }
}
