package io.github.rankfold.compression.trials;

import io.github.rankfold.collapse.probe.OutputGradients;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.FactorStorage;
import io.github.rankfold.compression.rewriting.FactorValues;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * Fine-tunes the factors of a plan so that the model gives what the original gives: distillation
 * (Hinton, Vinyals and Dean, arXiv 1503.02531). Needs no labels, and no code of the model:
 * gradients go through the SavedModel's own graph.
 *
 * <p>Minimizes the mean of {@code KL(softmax(y) || softmax(y'))} over samples for logits, or of
 * {@code ||y' - y||^2 / 2} for other outputs, by Adam with a rate that falls along a cosine to
 * nothing. Trained are the factors and the vectors that shift outputs; the other variables stay the
 * original's. Samples are varied by {@link InputNoise} where a model allows that, and the original
 * answers for the samples as they are varied. Kept are the factors of the epoch that was best on
 * every tenth sample, which is not trained on, and training ends when that has not improved for a
 * third of the epochs: most of the gain comes late, when the rate has fallen.
 */
public final class Distillation {
  private static final int BATCH = 128;
  private static final int LEAST_PATIENCE = 4;
  private static final int HELD_OUT = 10;

  /** In standard deviations of each feature. */
  private static final double NOISE = 0.5;

  /**
   * What logits are divided by: a network gives its training samples such sure predictions that
   * they say nothing about the other classes.
   */
  private static final float TEMPERATURE = 2;

  /**
   * What training gave.
   *
   * @param decisions with the factors that were best; those without a gradient as they were
   * @param loss of these on the samples that were not trained on, a mean
   */
  public record Trained(Map<Layer, LayerDecision> decisions, double loss) {
    public Trained {
      decisions = new LinkedHashMap<>(decisions);
    }
  }

  private record Best(Map<String, double[]> values, double loss) {}

  private final LiveModel model;
  private final LabeledData data;
  private final Outputs teacher;
  private final boolean logits;

  /**
   * @param data its labels are not used
   * @param logits whether the output is one, up to a number added to all of a sample's
   */
  public Distillation(LiveModel model, LabeledData data, boolean logits) {
    if (data.size() < 2) {
      throw new InvalidInputException(
          "%s: expected 2 samples or more to fine-tune on, one of them held out, found %d"
              .formatted(data.name(), data.size()));
    }
    this.model = model;
    this.data = data;
    this.logits = logits;
    this.teacher = Outputs.of(model, data, model::tensor, 500);
  }

  /**
   * Trains the factors of these decisions.
   *
   * @param steps at most so many batches, see {@link #stepsAnEpoch}; the rate falls to nothing over
   *     them
   * @param rate of Adam, at the start
   */
  public Trained train(Map<Layer, LayerDecision> start, int steps, double rate, long seed) {
    List<LayerDecision> decisions = new ArrayList<>(start.values());
    FlatGraph graph = model.flatGraph();
    FlatGraph student = GraphRewriter.rewrite(graph, decisions, FactorStorage.VARIABLES);
    Map<String, Tensor> values = FactorValues.of(graph, decisions, FactorStorage.VARIABLES);
    try (PlannedGraph planned = new PlannedGraph(model, student, values)) {
      try (Training training = new Training(planned, student, values, seed)) {
        Best best = training.run(steps, rate, seed);
        Map<Layer, LayerDecision> trained = new LinkedHashMap<>();
        start.forEach(
            (layer, decision) ->
                trained.put(layer, FactorValues.replaced(graph, decision, best.values())));
        return new Trained(trained, best.loss());
      }
    } finally {
      values.values().forEach(Tensor::close);
    }
  }

  /** Batches in one pass over the samples that are trained on. */
  public int stepsAnEpoch() {
    int trained = data.size() - Math.max(1, data.size() / HELD_OUT);
    return (trained + BATCH - 1) / BATCH;
  }

  /**
   * What an epoch costs at most, in passes of the model over the data: forward and backward as
   * three, and forward once more where the original answers for varied samples.
   */
  public int passesAnEpoch() {
    return InputNoise.suits(model) ? 4 : 3;
  }

  /** One student while it is trained. Closing it frees the optimizer's variables. */
  private final class Training implements AutoCloseable {
    private final PlannedGraph planned;
    private final AdamVariables adam;
    private final Output<TFloat32> target;
    private final Placeholder<TFloat32> rate;
    private final Output<TFloat32> loss;
    private final Optional<InputNoise> noise;

    Training(PlannedGraph planned, FlatGraph student, Map<String, Tensor> values, long seed) {
      this.planned = planned;
      this.noise = InputNoise.of(model, data, NOISE, seed);
      Ops tf = Ops.create(model.graph()).withSubScope("rankfold_distillation");
      this.target = tf.placeholder(TFloat32.class, Placeholder.shape(rows())).asOutput();
      this.rate = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
      Output<?> output = planned.tensor(model.logits());
      Operand<TFloat32> given = tf.dtypes.cast(output, TFloat32.class);
      Operand<TFloat32> batch = tf.dtypes.cast(tf.shape.head(tf.shape(target)), TFloat32.class);
      Operand<TFloat32> slope;
      if (logits) {
        Operand<TFloat32> t = tf.constant(TEMPERATURE);
        Operand<TFloat32> soft = tf.math.div(target, t);
        Operand<TFloat32> softGiven = tf.math.div(given, t);
        Operand<TFloat32> wanted = tf.nn.softmax(soft);
        Operand<TFloat32> cross =
            tf.math.neg(tf.sum(tf.math.mul(wanted, tf.nn.logSoftmax(softGiven)), tf.constant(-1)));
        Operand<TFloat32> entropy =
            tf.math.neg(tf.sum(tf.math.mul(wanted, tf.nn.logSoftmax(soft)), tf.constant(-1)));
        this.loss = total(tf, tf.math.sub(cross, entropy));
        slope = tf.math.mul(t, tf.math.sub(tf.nn.softmax(softGiven), wanted));
      } else {
        Operand<TFloat32> wanted = tf.reshape(target, tf.shape(given));
        slope = tf.math.sub(given, wanted);
        this.loss = total(tf, tf.math.mul(tf.constant(0.5f), tf.math.square(slope)));
      }
      Output<?> slopes = cast(tf, tf.math.div(slope, batch), output);
      this.adam = new AdamVariables(tf, rate);
      Map<String, Output<?>> reads = reads(student, values);
      OutputGradients gradients =
          OutputGradients.addTo(model, output, List.copyOf(reads.values()), slopes);
      try (TFloat32 none =
          TFloat32.tensorOf(Shape.of(OutputGradients.tried(data), teacher.width()))) {
        gradients.dropWhatFails(model, data, few -> feeding(few).feed(target, none));
      }
      values.forEach(
          (name, value) ->
              Optional.ofNullable(reads.get(name))
                  .flatMap(gradients::by)
                  .ifPresent(found -> adam.add(name, handle(name), value, found)));
      adam.initialize(model.session());
    }

    private Session.Runner feeding(InputBatch input) {
      return input.feed(model.session().runner(), planned::tensor);
    }

    /** Of any number of samples, each with all its outputs. */
    private Shape rows() {
      return Shape.of(Shape.UNKNOWN_SIZE, teacher.width());
    }

    private Output<TFloat32> total(Ops tf, Operand<TFloat32> values) {
      return tf.sum(tf.reshape(values, tf.constant(new int[] {-1})), tf.constant(0)).asOutput();
    }

    @SuppressWarnings("unchecked") // the output of a model that is trained is floating
    private Output<?> cast(Ops tf, Operand<TFloat32> value, Output<?> like) {
      return tf.dtypes.cast(value, ((Output<TNumber>) like).type()).asOutput();
    }

    private Output<?> handle(String variable) {
      return planned.tensor(new TensorRef(variable, 0));
    }

    /** Where the graph reads each variable; what goes into a loop by its handle is not read. */
    private Map<String, Output<?>> reads(FlatGraph student, Map<String, Tensor> values) {
      Map<String, Output<?>> reads = new LinkedHashMap<>();
      for (String name : values.keySet()) {
        student.consumers().getOrDefault(name, Set.of()).stream()
            .filter(node -> student.node(node).getOp().equals("ReadVariableOp"))
            .findFirst()
            .ifPresent(node -> reads.put(name, planned.tensor(new TensorRef(node, 0))));
      }
      return reads;
    }

    Best run(int steps, double startRate, long seed) {
      int[] held = every(true);
      int[] trained = every(false);
      Best best = new Best(adam.values(model.session()), loss(held));
      if (adam.isEmpty()) {
        return best;
      }
      int waited = 0;
      int step = 0;
      SplittableRandom random = new SplittableRandom(seed);
      int patience = Math.max(LEAST_PATIENCE, steps / (3 * stepsAnEpoch()));
      while (step < steps && waited < patience) {
        shuffle(trained, random);
        LabeledData shuffled = data.select(trained);
        for (int from = 0; from < trained.length && step < steps; from += BATCH) {
          int to = Math.min(from + BATCH, trained.length);
          double share = (double) step++ / steps;
          step(shuffled, trained, from, to, startRate * (1 + Math.cos(Math.PI * share)) / 2, step);
        }
        double reached = loss(held);
        waited++;
        if (reached < best.loss()) {
          best = new Best(adam.values(model.session()), reached);
          waited = 0;
        }
      }
      return best;
    }

    private int[] every(boolean heldOut) {
      int every = Math.min(HELD_OUT, data.size()); // of few samples the last one
      return IntStream.range(0, data.size())
          .filter(i -> (i % every == every - 1) == heldOut)
          .toArray();
    }

    private void step(LabeledData samples, int[] order, int from, int to, double now, int number) {
      try (InputBatch plain = model.inputOf(samples, from, to)) {
        if (noise.isEmpty()) {
          try (TFloat32 wanted = target(order, from, to)) {
            step(plain, wanted, now, number);
          }
          return;
        }
        try (InputBatch varied = noise.get().of(plain);
            Result answers = model.feeding(varied).fetch(model.tensor(model.logits())).run();
            TFloat32 wanted = target(TensorValues.toFloats(answers.get(0)))) {
          step(varied, wanted, now, number);
        }
      }
    }

    private void step(InputBatch fed, TFloat32 wanted, double now, int number) {
      try (TFloat32 rateNow = TFloat32.scalarOf(AdamVariables.corrected(now, number))) {
        Session.Runner runner = feeding(fed).feed(target, wanted).feed(rate.asOutput(), rateNow);
        adam.updates().forEach(runner::addTarget);
        runner.run().close();
      }
    }

    /** The mean loss over these samples. */
    private double loss(int[] samples) {
      LabeledData chosen = data.select(samples);
      double sum = 0;
      for (int from = 0; from < samples.length; from += 4 * BATCH) {
        int to = Math.min(from + 4 * BATCH, samples.length);
        try (InputBatch fed = model.inputOf(chosen, from, to);
            TFloat32 wanted = target(samples, from, to);
            var result = feeding(fed).feed(target, wanted).fetch(loss).run()) {
          sum += ((TFloat32) result.get(0)).getFloat();
        }
      }
      return sum / Math.max(1, samples.length);
    }

    private TFloat32 target(int[] samples, int from, int to) {
      int width = teacher.width();
      float[] values = new float[(to - from) * width];
      for (int i = from; i < to; i++) {
        for (int j = 0; j < width; j++) {
          values[(i - from) * width + j] = teacher.value(samples[i], j);
        }
      }
      return target(values);
    }

    private TFloat32 target(float[] values) {
      int width = teacher.width();
      return TFloat32.tensorOf(
          Shape.of(values.length / width, width), DataBuffers.of(values, true, false));
    }

    @Override
    public void close() {
      adam.free(model.session());
    }
  }

  private static void shuffle(int[] values, SplittableRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }
}
