package io.github.rankfold.training;

import io.github.rankfold.models.Device;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * How to train. Start from {@link #defaults()} and change what matters.
 *
 * @param epochs passes over the training data, before the {@code finish}; 0 only where there is one
 * @param batchSize samples of a step; 0, or at least the number of samples, is the full batch
 * @param learningRate the rate that the schedule multiplies
 * @param schedule over all steps of {@code epochs}
 * @param optimizer of the mini-batch or full-batch steps; the finish has its own
 * @param l2 the penalty
 * @param weightDecay where the penalty enters a step
 * @param seed of the initial weights and the order of samples
 * @param stationarityTolerance training ends at the first epoch end where the stationarity residual
 *     is at most this; empty: not computed between epochs
 * @param finish L-BFGS epochs after the others, if wanted
 * @param threads of TensorFlow; 0: as many as processors. 1 makes a seed give the same bits. The
 *     first session of a process fixes the size of the pool that single operations share.
 * @param device where it computes; {@link Device#AUTO} takes the processor also for one thread, as
 *     sums on a GPU are taken in no fixed order, and for steps too small to gain by a GPU
 */
public record TrainingConfig(
    int epochs,
    int batchSize,
    double learningRate,
    LearningRateSchedule schedule,
    Optimizer optimizer,
    L2Penalty l2,
    WeightDecay weightDecay,
    long seed,
    OptionalDouble stationarityTolerance,
    Optional<Finish> finish,
    int threads,
    Device device) {
  public TrainingConfig {
    if (epochs < 0 || (epochs == 0 && finish.isEmpty())) {
      throw new IllegalArgumentException("epochs must be > 0, was " + epochs);
    }
    if (batchSize < 0) {
      throw new IllegalArgumentException("batch size must be >= 0, was " + batchSize);
    }
    if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
      throw new IllegalArgumentException("learning rate must be > 0, was " + learningRate);
    }
    if (stationarityTolerance.isPresent() && !(stationarityTolerance.getAsDouble() > 0)) {
      throw new IllegalArgumentException(
          "stationarity tolerance must be > 0, was " + stationarityTolerance.getAsDouble());
    }
    if (threads < 0) {
      throw new IllegalArgumentException("threads must be >= 0, was " + threads);
    }
  }

  /** 10 epochs of batches of 128, momentum 0.9, rate 0.05 falling along a cosine, no penalty. */
  public static TrainingConfig defaults() {
    return new TrainingConfig(
        10,
        128,
        0.05,
        new LearningRateSchedule.Cosine(0),
        new Optimizer.Sgd(0.9, false),
        L2Penalty.NONE,
        WeightDecay.IN_LOSS,
        0,
        OptionalDouble.empty(),
        Optional.empty(),
        0,
        Device.AUTO);
  }

  public TrainingConfig withEpochs(int value) {
    return with(draft -> draft.epochs = value);
  }

  public TrainingConfig withBatchSize(int value) {
    return with(draft -> draft.batchSize = value);
  }

  public TrainingConfig withLearningRate(double value) {
    return with(draft -> draft.learningRate = value);
  }

  public TrainingConfig withSchedule(LearningRateSchedule value) {
    return with(draft -> draft.schedule = value);
  }

  public TrainingConfig withOptimizer(Optimizer value) {
    return with(draft -> draft.optimizer = value);
  }

  /** The penalty {@code lambda/2 sum w^2} over the kernels. */
  public TrainingConfig withL2(double lambda) {
    return withL2(new L2Penalty(lambda));
  }

  public TrainingConfig withL2(L2Penalty value) {
    return with(draft -> draft.l2 = value);
  }

  public TrainingConfig withWeightDecay(WeightDecay value) {
    return with(draft -> draft.weightDecay = value);
  }

  public TrainingConfig withSeed(long value) {
    return with(draft -> draft.seed = value);
  }

  public TrainingConfig withStationarityTolerance(double value) {
    return with(draft -> draft.stationarityTolerance = OptionalDouble.of(value));
  }

  public TrainingConfig withFinish(Finish value) {
    return with(draft -> draft.finish = Optional.of(value));
  }

  public TrainingConfig withThreads(int value) {
    return with(draft -> draft.threads = value);
  }

  public TrainingConfig withDevice(Device value) {
    return with(draft -> draft.device = value);
  }

  private TrainingConfig with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.config();
  }

  /** A configuration whose settings can be changed one by one. */
  private static final class Draft {
    int epochs;
    int batchSize;
    double learningRate;
    LearningRateSchedule schedule;
    Optimizer optimizer;
    L2Penalty l2;
    WeightDecay weightDecay;
    long seed;
    OptionalDouble stationarityTolerance;
    Optional<Finish> finish;
    int threads;
    Device device;

    Draft(TrainingConfig from) {
      epochs = from.epochs;
      batchSize = from.batchSize;
      learningRate = from.learningRate;
      schedule = from.schedule;
      optimizer = from.optimizer;
      l2 = from.l2;
      weightDecay = from.weightDecay;
      seed = from.seed;
      stationarityTolerance = from.stationarityTolerance;
      finish = from.finish;
      threads = from.threads;
      device = from.device;
    }

    TrainingConfig config() {
      return new TrainingConfig(
          epochs,
          batchSize,
          learningRate,
          schedule,
          optimizer,
          l2,
          weightDecay,
          seed,
          stationarityTolerance,
          finish,
          threads,
          device);
    }
  }
}
