package io.github.rankfold.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class TrainerTest {
  private static final NetworkSpec DIGITS_NET =
      NetworkSpec.mlp(64, 100, 100, 100, 10).withActivation(Activation.TANH);
  private static final NetworkSpec TINY = NetworkSpec.mlp(5, 6, 3).withActivation(Activation.TANH);
  private static final LabeledData DATA = SmallData.floats(30, 5, 3);
  private static final TrainingConfig SHORT =
      TrainingConfig.defaults().withEpochs(3).withBatchSize(8).withL2(1e-2).withThreads(1);

  @Test
  void learnsDigits() {
    DataSplit digits = Digits.load();
    TrainingConfig config = TrainingConfig.defaults().withBatchSize(32).withL2(1e-3);
    TrainingRun run =
        Trainer.train(DIGITS_NET, digits.train(), digits.test(), config, EpochListener.NONE);
    assertEquals(10, run.history().epochs().size());
    assertTrue(run.history().last().testAccuracy().getAsDouble() > 0.95, run.history()::toString);
    assertTrue(run.imagesPerSecond() > 0);
  }

  @Test
  void theFinishComesCloseToACriticalPoint() {
    DataSplit digits = Digits.load();
    TrainingConfig config =
        TrainingConfig.defaults()
            .withBatchSize(32)
            .withL2(1e-2)
            .withStationarityTolerance(2e-3)
            .withFinish(new Finish(10, 100));
    TrainingRun run =
        Trainer.train(
            NetworkSpec.mlp(64, 30, 10).withActivation(Activation.TANH),
            digits.train(),
            digits.test(),
            config,
            EpochListener.NONE);
    assertEquals(StopReason.STATIONARY, run.stopReason());
    assertTrue(run.stationarity().residual() <= 2e-3, run.stationarity()::toString);
    assertTrue(run.history().last().learningRate().isEmpty());
    assertTrue(run.history().last().objective() < run.history().epochs().get(9).objective());
  }

  @Test
  void aSeedOnOneThreadGivesTheSameBits() {
    TrainingRun first = Trainer.train(TINY, DATA, SHORT.withSeed(4));
    assertEquals(first.weights(), Trainer.train(TINY, DATA, SHORT.withSeed(4)).weights());
    assertNotEquals(first.weights(), Trainer.train(TINY, DATA, SHORT.withSeed(5)).weights());
  }

  @Test
  void theObjectiveIsTheLossPlusThePenaltyAtTheEpochsEnd() {
    TrainingRun run = Trainer.train(TINY, DATA, SHORT);
    EpochSummary last = run.history().last();
    double squares =
        run.weights().get("dense_1/kernel").squaredNorm()
            + run.weights().get("classifier/kernel").squaredNorm();
    assertEquals(last.loss() + 1e-2 / 2 * squares, last.objective(), 1e-12);
  }

  @Test
  void theStationarityIsTheNormOfTheObjectivesGradient() {
    TrainingRun run = Trainer.train(TINY, DATA, SHORT);
    ReferenceNetwork reference = new ReferenceNetwork(TINY, SHORT.l2());
    double[] w = reference.layout().vector(run.weights());
    double[] residual = new double[w.length];
    reference.gradient(w, DATA, 0, DATA.size(), residual);
    reference.layout().addPenalty(w, residual);
    Stationarity expected = reference.layout().stationarity(residual);
    assertEquals(expected.residual(), run.stationarity().residual(), 1e-6);
    assertEquals(
        List.copyOf(expected.byVariable().keySet()),
        List.copyOf(run.stationarity().byVariable().keySet()));
    List<Double> norms = List.copyOf(expected.byVariable().values());
    List<Double> found = List.copyOf(run.stationarity().byVariable().values());
    for (int i = 0; i < norms.size(); i++) {
      assertEquals(norms.get(i), found.get(i), 1e-6);
    }
  }

  @Test
  void testDataIsMeasuredAtEveryEpochsEnd() {
    TrainingRun run = Trainer.train(TINY, DATA, Optional.of(DATA), SHORT, EpochListener.NONE);
    ReferenceNetwork reference = new ReferenceNetwork(TINY, SHORT.l2());
    double[] w = reference.layout().vector(run.weights());
    BatchSums expected = reference.gradient(w, DATA, 0, DATA.size(), new double[w.length]);
    EpochSummary last = run.history().last();
    assertEquals(expected.meanLoss(), last.testLoss().getAsDouble(), 1e-6);
    assertEquals(expected.accuracy(), last.testAccuracy().getAsDouble(), 1e-9);
  }

  @Test
  void historyHasItsColumnsAndEmptyCellsWithoutTestData() {
    TrainingRun run = Trainer.train(TINY, DATA, SHORT);
    assertEquals(
        List.of(
            "epoch",
            "objective",
            "loss",
            "accuracy",
            "test_loss",
            "test_accuracy",
            "learning_rate",
            "seconds"),
        run.history().toCsv().columns());
    assertEquals(3, run.history().toCsv().rows().size());
    assertEquals("", run.history().toCsv().cell(2, "test_accuracy"));
  }

  @Test
  void aListenerSeesTheWeightsReplacesThemAndStops() {
    List<NetworkWeights> seen = new ArrayList<>();
    NetworkWeights zeros =
        NetworkWeights.initial(TINY, 1)
            .with("dense_1/kernel", WeightArray.zeros(List.of(5, 6)))
            .with("classifier/kernel", WeightArray.zeros(List.of(6, 3)));
    TrainingConfig config = SHORT.withEpochs(9).withOptimizer(new Optimizer.Sgd(0, false));
    TrainingRun run =
        Trainer.train(
            TINY,
            DATA,
            Optional.empty(),
            config,
            (summary, weights) -> {
              seen.add(weights.get());
              return summary.epoch() < 2
                  ? new EpochListener.Response.Replace(zeros)
                  : new EpochListener.Response.Stop();
            });
    assertEquals(StopReason.LISTENER, run.stopReason());
    assertEquals(2, run.history().epochs().size());
    assertEquals(seen.get(1), run.weights());
    // With both kernels 0 neither gets a gradient nor a penalty: only biases move on.
    assertEquals(WeightArray.zeros(List.of(5, 6)), run.weights().get("dense_1/kernel"));
    assertFalse(seen.get(0).get("dense_1/kernel").squaredNorm() == 0);
  }

  @Test
  void aListenerMayGiveTheWeightsToEndWith() {
    NetworkWeights zeros =
        NetworkWeights.initial(TINY, 1).with("dense_1/kernel", WeightArray.zeros(List.of(5, 6)));
    List<Integer> told = new ArrayList<>();
    EpochListener listener =
        new EpochListener() {
          @Override
          public Response epochEnded(EpochSummary summary, Supplier<NetworkWeights> weights) {
            return new Response.Continue();
          }

          @Override
          public Optional<NetworkWeights> trainingEnded(
              int epochs, Supplier<NetworkWeights> weights) {
            told.add(epochs);
            assertFalse(weights.get().get("dense_1/kernel").squaredNorm() == 0);
            return Optional.of(zeros);
          }
        };
    // It ends before its time where it is stationary.
    TrainingConfig config = SHORT.withEpochs(9).withStationarityTolerance(1e6);
    TrainingRun run = Trainer.train(TINY, DATA, Optional.empty(), config, listener);
    assertEquals(List.of(1), told);
    assertEquals(zeros, run.weights());
  }

  @Test
  void aFullBatchIsOneStepAnEpoch() {
    TrainingRun zero = Trainer.train(TINY, DATA, SHORT.withBatchSize(0));
    TrainingRun more = Trainer.train(TINY, DATA, SHORT.withBatchSize(1000));
    assertEquals(zero.weights(), more.weights());
  }

  @Test
  void trainingEndsWhereItIsStationary() {
    TrainingRun run = Trainer.train(TINY, DATA, SHORT.withStationarityTolerance(1e6));
    assertEquals(StopReason.STATIONARY, run.stopReason());
    assertEquals(1, run.history().epochs().size());
  }

  @Test
  void saysWhatIsWrongWithDataAndSettings() {
    LabeledData oneClass =
        SmallData.labeled(Features.ofFloats(new float[20], 5), new int[] {1, 1, 1, 1}, 3);
    assertEquals(
        "small: expected samples of at least 2 classes, found only class c1",
        message(() -> Trainer.train(TINY, oneClass, SHORT)));
    assertEquals(
        "small: expected samples of 7 values for the network's input, found 5",
        message(() -> Trainer.train(NetworkSpec.mlp(7, 3), DATA, SHORT)));
    assertEquals(
        "small: expected 4 classes for the network's output, found 3",
        message(() -> Trainer.train(NetworkSpec.mlp(5, 4), DATA, SHORT)));
    assertEquals("lambda must be >= 0, was -1", refusal(() -> SHORT.withL2(-1)));
    assertEquals("lambda must be >= 0, was NaN", refusal(() -> SHORT.withL2(Double.NaN)));
    assertEquals("epochs must be > 0, was 0", refusal(() -> SHORT.withEpochs(0)));
    assertEquals("batch size must be >= 0, was -1", refusal(() -> SHORT.withBatchSize(-1)));
    assertEquals("learning rate must be > 0, was 0.0", refusal(() -> SHORT.withLearningRate(0)));
  }

  @Test
  void aDivergingTrainingSaysSo() {
    TrainingConfig wild =
        SHORT
            .withEpochs(200)
            .withLearningRate(1e20)
            .withSchedule(new LearningRateSchedule.Constant());
    String message =
        message(() -> Trainer.train(TINY.withActivation(Activation.LINEAR), DATA, wild));
    assertTrue(message.startsWith("training diverged in epoch "), message);
    assertTrue(message.endsWith("a learning rate below 1.0E20 may help"), message);
  }

  /** Loose: fifty trainings may not cost what two dozen sessions left open would. */
  @Test
  void manyTrainingsKeepTheResidentSizeFlat() throws IOException {
    Path status = Path.of("/proc/self/status");
    assumeTrue(Files.isReadable(status), "needs /proc");
    LabeledData data = SmallData.floats(20_000, 20, 3);
    NetworkSpec spec = NetworkSpec.mlp(20, 30, 3);
    TrainingConfig config = SHORT.withEpochs(1).withBatchSize(2000);
    for (int i = 0; i < 10; i++) {
      Trainer.train(spec, data, config);
      System.gc();
    }
    long before = residentKilobytes(status);
    for (int i = 0; i < 50; i++) {
      Trainer.train(spec, data, config);
      System.gc(); // keeps the Java heap, which is resident too, from growing meanwhile
    }
    long growth = residentKilobytes(status) - before;
    // The data alone is 1.6 MB a training: 80 MB, were it kept.
    assertTrue(growth < 60_000, "resident size grew by " + growth + " kB");
  }

  private static long residentKilobytes(Path status) throws IOException {
    String line =
        Files.readAllLines(status).stream()
            .filter(row -> row.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", ""));
  }

  private static String message(Runnable training) {
    return String.valueOf(assertThrows(InvalidInputException.class, training::run).getMessage());
  }

  private static String refusal(Runnable setting) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, setting::run).getMessage());
  }
}
