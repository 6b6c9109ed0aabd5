package io.github.rankfold.training;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * Trains a network to minimize {@code (1/N) sum_i cross-entropy_i + (lambda/2) sum_l ||W_l||_F^2}.
 *
 * <p>The training data is copied into TensorFlow's memory, with its bytes as bytes, and stays there
 * until the training ends. Each epoch visits every sample once in a new random order; the last
 * batch may be smaller. A full batch is one step on all samples at once, whose activations must fit
 * into memory; the {@link Finish} streams.
 */
public final class Trainer {
  /** Iterations of the finish that share one estimate of the curvature. */
  static final int CURVATURE_KEPT = 10;

  private final NetworkSpec spec;
  private final LabeledData train;
  private final TrainingConfig config;
  private final EpochListener listener;
  private final ParameterLayout layout;
  private final TrainingSession session;
  private final List<EpochSummary> history = new ArrayList<>();
  private boolean replaced;
  private double stepSeconds;
  private long imagesTrained;
  private long samplesPassed;

  private Trainer(
      NetworkSpec spec,
      LabeledData train,
      TrainingConfig config,
      EpochListener listener,
      ParameterLayout layout,
      TrainingSession session) {
    this.spec = spec;
    this.train = train;
    this.config = config;
    this.listener = listener;
    this.layout = layout;
    this.session = session;
  }

  /** Trains without test data and listener. */
  public static TrainingRun train(NetworkSpec spec, LabeledData train, TrainingConfig config) {
    return train(spec, train, Optional.empty(), config, EpochListener.NONE);
  }

  /**
   * Trains from the network's initial weights of the configuration's seed.
   *
   * @param test measured at every epoch's end
   * @throws InvalidInputException where the data does not fit the network, or the loss diverges
   */
  public static TrainingRun train(
      NetworkSpec spec,
      LabeledData train,
      Optional<LabeledData> test,
      TrainingConfig config,
      EpochListener listener) {
    NetworkWeights start = NetworkWeights.initial(spec, config.seed());
    return train(spec, start, train, test, config, listener);
  }

  /** Trains from given weights: a checkpoint, or a compressed network to fine-tune. */
  public static TrainingRun train(
      NetworkSpec spec,
      NetworkWeights start,
      LabeledData train,
      Optional<LabeledData> test,
      TrainingConfig config,
      EpochListener listener) {
    SampleWeights equal = SampleWeights.equal(train.size());
    return train(spec, start, train, equal, test, config, listener);
  }

  /** Trains on samples that do not all count the same in the objective. */
  public static TrainingRun train(
      NetworkSpec spec,
      NetworkWeights start,
      LabeledData train,
      SampleWeights sampleWeights,
      Optional<LabeledData> test,
      TrainingConfig config,
      EpochListener listener) {
    int unrolled = TrainingSession.UNROLLED_STEPS;
    return train(spec, start, train, sampleWeights, test, config, listener, unrolled);
  }

  /** With the number of steps in one call, which must not matter to the result. */
  static TrainingRun train(
      NetworkSpec spec,
      NetworkWeights start,
      LabeledData train,
      Optional<LabeledData> test,
      TrainingConfig config,
      EpochListener listener,
      int unrolledSteps) {
    SampleWeights equal = SampleWeights.equal(train.size());
    return train(spec, start, train, equal, test, config, listener, unrolledSteps);
  }

  private static TrainingRun train(
      NetworkSpec spec,
      NetworkWeights start,
      LabeledData train,
      SampleWeights sampleWeights,
      Optional<LabeledData> test,
      TrainingConfig config,
      EpochListener listener,
      int unrolledSteps) {
    start.checkFit(spec);
    checkTrainable(spec, train);
    sampleWeights.checkFit(train.name(), train.size());
    test.ifPresent(data -> checkFit(spec, data));
    ParameterLayout layout = new ParameterLayout(spec, config.l2());
    try (TrainingSession session =
        new TrainingSession(
            spec,
            train,
            sampleWeights,
            test,
            config,
            layout,
            config.epochs() == 0 ? 0 : unrolledSteps)) {
      session.assign(start);
      return new Trainer(spec, train, config, listener, layout, session).run();
    }
  }

  /** The objective, loss and penalty, of given weights: one pass over the data. */
  public static double objective(
      NetworkSpec spec, NetworkWeights weights, LabeledData data, TrainingConfig config) {
    weights.checkFit(spec);
    checkTrainable(spec, data);
    ParameterLayout layout = new ParameterLayout(spec, config.l2());
    SampleWeights equal = SampleWeights.equal(data.size());
    try (TrainingSession session =
        new TrainingSession(spec, data, equal, Optional.empty(), config, layout, 0)) {
      session.assign(weights);
      BatchSums sums = session.trainGradient(new double[layout.size()]);
      return sums.meanLoss() + config.l2().of(weights);
    }
  }

  private TrainingRun run() {
    long started = System.nanoTime();
    Optional<StopReason> stop = steps();
    if (stop.isEmpty() && config.finish().isPresent()) {
      stop = finish(config.finish().get());
    }
    listener.trainingEnded(history.size(), session::weights).ifPresent(this::replaceBy);
    double seconds = secondsSince(started);
    NetworkWeights weights = session.weights();
    return new TrainingRun(
        spec,
        config,
        new TrainingHistory(history),
        weights,
        stationarity(),
        stop.orElse(StopReason.EPOCHS),
        seconds,
        stepSeconds == 0 ? 0 : imagesTrained / stepSeconds,
        samplesPassed);
  }

  /** The epochs of mini-batches or of full batches; why they ended early, if they did. */
  private Optional<StopReason> steps() {
    int[] order = new int[train.size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    SplittableRandom random = new SplittableRandom(config.seed()).split();
    StepRates rates = new StepRates(config, (long) config.epochs() * session.stepsPerEpoch());
    for (int epoch = 1; epoch <= config.epochs(); epoch++) {
      long started = System.nanoTime();
      if (session.stepsPerEpoch() > 1) {
        shuffle(order, random);
      }
      long firstStep = (epoch - 1L) * session.stepsPerEpoch() + 1;
      BatchSums sums = session.epoch(order, firstStep, rates);
      stepSeconds += secondsSince(started);
      imagesTrained += sums.samples();
      samplesPassed += sums.samples();
      double rate = rates.rate(firstStep + session.stepsPerEpoch() - 1);
      double penalty = config.l2().lambda() == 0 ? 0 : config.l2().of(session.weights());
      Optional<StopReason> stop = epochEnded(started, sums, penalty, OptionalDouble.of(rate));
      if (stop.isPresent()) {
        return stop;
      }
      if (config.stationarityTolerance().isPresent()
          && stationarity().residual() <= config.stationarityTolerance().getAsDouble()) {
        return Optional.of(StopReason.STATIONARY);
      }
    }
    return Optional.empty();
  }

  private Optional<StopReason> finish(Finish finish) {
    LimitedMemoryBfgs search = newSearch();
    int done = 0;
    for (int epoch = 0; epoch < finish.epochs(); epoch++) {
      long started = System.nanoTime();
      boolean progress = true;
      for (int i = 0; i < finish.iterations() && progress && !isStationary(search); i++) {
        if (done++ % CURVATURE_KEPT == 0) {
          session.assign(search.point());
          samplesPassed += session.refreshCurvature();
        }
        progress = search.iterate();
      }
      // The line search's last trial need not be the point it settled on.
      session.assign(search.point());
      double[] gradient = new double[layout.size()];
      BatchSums sums = session.trainGradient(gradient);
      samplesPassed += sums.samples();
      double penalty = layout.addPenalty(search.point(), gradient);
      Optional<StopReason> stop = epochEnded(started, sums, penalty, OptionalDouble.empty());
      if (stop.isPresent()) {
        return stop;
      }
      if (replaced) {
        search = newSearch();
        continue;
      }
      if (isStationary(search)) {
        return Optional.of(StopReason.STATIONARY);
      }
      if (!progress) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private LimitedMemoryBfgs newSearch() {
    return new LimitedMemoryBfgs(
        (point, gradient) -> {
          session.assign(point);
          BatchSums sums = session.trainGradient(gradient);
          samplesPassed += sums.samples();
          return sums.meanLoss() + layout.addPenalty(point, gradient);
        },
        session.inverseHessian(),
        layout.vector(session.weights()));
  }

  private boolean isStationary(LimitedMemoryBfgs search) {
    return config.stationarityTolerance().isPresent()
        && layout.stationarity(search.gradient()).residual()
            <= config.stationarityTolerance().getAsDouble();
  }

  /** Records the epoch, tells the listener and does what it asks for. */
  private Optional<StopReason> epochEnded(
      long started, BatchSums sums, double penalty, OptionalDouble rate) {
    int epoch = history.size() + 1;
    double objective = sums.meanLoss() + penalty;
    if (!Double.isFinite(objective)) {
      throw new InvalidInputException(
          "training diverged in epoch %d: objective is %s; a learning rate below %s may help"
              .formatted(epoch, objective, config.learningRate()));
    }
    Optional<BatchSums> test = session.evaluateTest();
    EpochSummary summary =
        new EpochSummary(
            epoch,
            objective,
            sums.meanLoss(),
            sums.accuracy(),
            test.map(found -> OptionalDouble.of(found.meanLoss())).orElse(OptionalDouble.empty()),
            test.map(found -> OptionalDouble.of(found.accuracy())).orElse(OptionalDouble.empty()),
            rate,
            secondsSince(started));
    history.add(summary);
    EpochListener.Response response = listener.epochEnded(summary, session::weights);
    replaced = false;
    if (response instanceof EpochListener.Response.Replace replace) {
      replaced = true;
      replaceBy(replace.weights());
    }
    return response instanceof EpochListener.Response.Stop
        ? Optional.of(StopReason.LISTENER)
        : Optional.empty();
  }

  private void replaceBy(NetworkWeights weights) {
    weights.checkFit(spec);
    session.assign(weights);
  }

  private Stationarity stationarity() {
    double[] residual = new double[layout.size()];
    session.trainGradient(residual);
    layout.addPenalty(layout.vector(session.weights()), residual);
    return layout.stationarity(residual);
  }

  private static void shuffle(int[] order, SplittableRandom random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  private static void checkTrainable(NetworkSpec spec, LabeledData data) {
    checkFit(spec, data);
    for (int i = 1; i < data.size(); i++) {
      if (data.label(i) != data.label(0)) {
        return;
      }
    }
    throw new InvalidInputException(
        "%s: expected samples of at least 2 classes, found %s"
            .formatted(data.name(), "only class " + data.classNames().get(data.label(0))));
  }

  private static void checkFit(NetworkSpec spec, LabeledData data) {
    if (data.size() == 0) {
      throw new InvalidInputException(data.name() + ": expected samples to train on, found none");
    }
    if (data.featureWidth() != spec.inputWidth()) {
      throw new InvalidInputException(
          "%s: expected samples of %d values for the network's input, found %d"
              .formatted(data.name(), spec.inputWidth(), data.featureWidth()));
    }
    if (data.classes() != spec.classes()) {
      throw new InvalidInputException(
          "%s: expected %d classes for the network's output, found %d"
              .formatted(data.name(), spec.classes(), data.classes()));
    }
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) * 1e-9;
  }
}
