package io.github.rankfold.training;

import io.github.rankfold.models.Device;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.RewriterConfig;

/**
 * The graph and session of one training: data, variables, and the programs that run on them.
 *
 * <p>Owns everything native of a training; {@link Trainer} opens and closes it.
 */
final class TrainingSession implements AutoCloseable {
  /** Steps in one call: beyond this the graph grows and nothing gets faster. */
  static final int UNROLLED_STEPS = 10;

  /**
   * Multiply-adds of a forward batch below which operations are too small to share among threads.
   */
  private static final long TINY_BATCH = 4_000_000;

  private final Graph graph = new Graph();
  private final Session session;
  private final TrainedVariables variables;
  private final ForwardProgram trainForward;
  private final Optional<ForwardProgram> testForward;
  private final Optional<KroneckerCurvature> curvature;
  private final int samples;
  private final int batch;
  private final Optional<StepProgram.Call> single;
  private final Optional<StepProgram.Call> unrolled;
  private final Optional<StepProgram.Call> remainder;

  /**
   * @param unrolledSteps of one call; 0 for a session that takes no steps and only measures
   */
  TrainingSession(
      NetworkSpec spec,
      LabeledData train,
      SampleWeights sampleWeights,
      Optional<LabeledData> test,
      TrainingConfig config,
      ParameterLayout layout,
      int unrolledSteps) {
    samples = train.size();
    batch = config.batchSize() == 0 ? samples : Math.min(config.batchSize(), samples);
    boolean opened = false;
    @Nullable Session opening = null;
    try {
      Ops tf = Ops.create(graph);
      ResidentData trainData = new ResidentData(tf, "train", train, sampleWeights);
      Optional<ResidentData> testData = test.map(data -> new ResidentData(tf, "test", data));
      variables = new TrainedVariables(tf, layout, config.optimizer());
      UpdateRule rule = new UpdateRule(config.optimizer(), config.weightDecay());
      int whole = samples / batch;
      Optional<StepProgram> one = Optional.empty();
      if (unrolledSteps > 0) {
        one = Optional.of(new StepProgram(graph, tf, spec, trainData, variables, rule, 1, batch));
      }
      Optional<StepProgram> many = Optional.empty();
      if (unrolledSteps > 1 && whole > 1) {
        int steps = Math.min(unrolledSteps, whole);
        many =
            Optional.of(new StepProgram(graph, tf, spec, trainData, variables, rule, steps, batch));
      }
      Optional<StepProgram> rest = Optional.empty();
      if (unrolledSteps > 0 && samples % batch != 0) {
        int size = samples % batch;
        rest = Optional.of(new StepProgram(graph, tf, spec, trainData, variables, rule, 1, size));
      }
      trainForward = new ForwardProgram(graph, tf, "train", spec, trainData, variables);
      testForward =
          testData.map(data -> new ForwardProgram(graph, tf, "test", spec, data, variables));
      curvature =
          config.finish().map(Finish::curvature).equals(Optional.of(Finish.Curvature.KRONECKER))
              ? Optional.of(new KroneckerCurvature(graph, tf, spec, trainData, variables, layout))
              : Optional.empty();
      session = new Session(graph, configuration(config, layout.size() * (long) batch));
      opening = session;
      trainData.upload(session);
      testData.ifPresent(data -> data.upload(session));
      variables.clearOptimizer(session);
      single = one.map(program -> program.call(session));
      unrolled = many.map(program -> program.call(session));
      remainder = rest.map(program -> program.call(session));
      opened = true;
    } finally {
      if (!opened) {
        if (opening != null) {
          opening.close(); // or the graph waits for it for ever
        }
        graph.close();
      }
    }
  }

  /** Steps of one epoch, the last maybe on fewer samples. */
  int stepsPerEpoch() {
    return (samples + batch - 1) / batch;
  }

  /**
   * One epoch over all samples in this order, the last partial batch included.
   *
   * @param firstStep counted from 1 over the whole training
   */
  BatchSums epoch(int[] order, long firstStep, StepRates rates) {
    BatchSums total = BatchSums.NONE;
    int whole = samples / batch;
    int done = 0;
    if (unrolled.isPresent()) {
      int steps = unrolled.get().steps();
      for (; done + steps <= whole; done += steps) {
        total = total.plus(unrolled.get().run(order, done * batch, firstStep + done, rates));
      }
    }
    for (; done < whole; done++) {
      total = total.plus(single.orElseThrow().run(order, done * batch, firstStep + done, rates));
    }
    if (remainder.isPresent()) {
      total = total.plus(remainder.get().run(order, done * batch, firstStep + done, rates));
    }
    return total;
  }

  Optional<BatchSums> evaluateTest() {
    return testForward.map(program -> program.evaluate(session));
  }

  /** Loss and accuracy over the training data, and the data gradient G into {@code gradient}. */
  BatchSums trainGradient(double[] gradient) {
    return trainForward.gradient(session, gradient);
  }

  /** Takes the curvature anew at the current weights; how many samples that passed. */
  int refreshCurvature() {
    return curvature.map(found -> found.refresh(session)).orElse(0);
  }

  /** What is known of the inverse Hessian since {@link #refreshCurvature}. */
  LimitedMemoryBfgs.InverseHessian inverseHessian() {
    return curvature
        .<LimitedMemoryBfgs.InverseHessian>map(
            found -> vector -> found.inverseTimes(session, vector))
        .orElse(LimitedMemoryBfgs.InverseHessian.IDENTITY);
  }

  void assign(NetworkWeights weights) {
    variables.assign(session, weights);
  }

  void assign(double[] vector) {
    variables.assign(session, vector);
  }

  NetworkWeights weights() {
    return variables.read(session);
  }

  @Override
  public void close() {
    single.ifPresent(StepProgram.Call::close);
    unrolled.ifPresent(StepProgram.Call::close);
    remainder.ifPresent(StepProgram.Call::close);
    session.close();
    graph.close();
  }

  private static ConfigProto configuration(TrainingConfig config, long multiplyAdds) {
    // The remapper fuses MatMul, BiasAdd and Relu into a kernel slower than the three here.
    ConfigProto.Builder configuration =
        ConfigProto.newBuilder()
            .setIntraOpParallelismThreads(config.threads())
            .setInterOpParallelismThreads(config.threads())
            .setGraphOptions(
                GraphOptions.newBuilder()
                    .setRewriteOptions(
                        RewriterConfig.newBuilder().setRemapping(RewriterConfig.Toggle.OFF)));
    boolean tiny = multiplyAdds < TINY_BATCH;
    boolean processor = tiny || config.threads() == 1;
    Device device = config.device() == Device.AUTO && processor ? Device.CPU : config.device();
    device.configure(configuration);
    if (tiny && device == Device.CPU) {
      configuration.setExperimental(
          ConfigProto.Experimental.newBuilder().setExecutorType("SINGLE_THREADED_EXECUTOR"));
    }
    return configuration.build();
  }
}
