package io.github.rankfold.training;

import io.github.rankfold.models.network.NetworkSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * S training steps unrolled into one call, each on B samples.
 *
 * <p>A call from Java costs as much as several small operations, so S of them share it. Steps are
 * chained variable by variable: the next step reads a variable once its own update is done, while
 * other variables are still being updated.
 */
final class StepProgram {
  private final int steps;
  private final int batch;
  private final Placeholder<TInt32> rows;
  private final Placeholder<TFloat32> rates;
  private final Operand<TFloat32> sums;
  private final List<Op> updates = new ArrayList<>();

  StepProgram(
      Graph graph,
      Ops tf,
      NetworkSpec spec,
      ResidentData data,
      TrainedVariables variables,
      UpdateRule rule,
      int steps,
      int batch) {
    this.steps = steps;
    this.batch = batch;
    rows = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(steps, batch)));
    rates = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(3L * steps)));
    List<Operand<TInt32>> rowsOfStep = new ArrayList<>();
    for (Operand<TInt32> row : tf.unstack(rows, (long) steps)) {
      rowsOfStep.add(row);
    }
    List<Operand<TFloat32>> rate = new ArrayList<>();
    for (Operand<TFloat32> scalar : tf.unstack(rates, 3L * steps)) {
      rate.add(scalar);
    }
    Map<String, Op> lastUpdate = new HashMap<>();
    List<Classification> batches = new ArrayList<>();
    for (int s = 0; s < steps; s++) {
      Map<String, Operand<TFloat32>> values = new LinkedHashMap<>();
      for (TrainedVariables.Variable variable : variables.all()) {
        Op last = lastUpdate.get(variable.name());
        Ops after = last == null ? tf : tf.withControlDependencies(last);
        values.put(variable.name(), after.readVariableOp(variable.handle(), TFloat32.class));
      }
      Classification step = Classification.of(tf, spec, data, rowsOfStep.get(s), values);
      batches.add(step);
      Operand<TFloat32> seed = tf.math.mul(step.backprop(), rate.get(3 * s + 2));
      String prefix = String.format(Locale.ROOT, "gradients_%d_%d_%d", steps, batch, s);
      List<Operand<TFloat32>> gradients = step.gradients(graph, prefix, seed, values);
      List<Operand<TFloat32>> before = List.copyOf(values.values());
      for (int i = 0; i < gradients.size(); i++) {
        TrainedVariables.Variable variable = variables.all().get(i);
        Op update =
            rule.update(
                tf,
                variable,
                before.get(i),
                gradients.get(i),
                rate.get(3 * s),
                rate.get(3 * s + 1));
        lastUpdate.put(variable.name(), update);
      }
    }
    sums = Classification.sums(tf, batches);
    updates.addAll(lastUpdate.values());
  }

  /** A runner with its own buffers; whoever asks for it closes it, before the session. */
  Call call(Session session) {
    return new Call(session);
  }

  /** Runs the program again and again in the same buffers. Closed by whoever asked for it. */
  final class Call implements AutoCloseable {
    private final TInt32 fedRows = TInt32.tensorOf(Shape.of(steps, batch));
    private final TFloat32 fedRates = TFloat32.tensorOf(Shape.of(3L * steps));
    private final float[] rateValues = new float[3 * steps];
    private final Session.Runner runner;

    private Call(Session session) {
      runner = session.runner().feed(rows, fedRows).feed(rates, fedRates).fetch(sums);
      updates.forEach(runner::addTarget);
    }

    int steps() {
      return steps;
    }

    /**
     * Does S steps.
     *
     * @param order row numbers; those from {@code from} on are used
     * @param firstStep counted from 1 over the whole training
     */
    BatchSums run(int[] order, int from, long firstStep, StepRates stepRates) {
      for (int s = 0; s < steps; s++) {
        rateValues[3 * s] = (float) stepRates.stepRate(firstStep + s);
        rateValues[3 * s + 1] = (float) stepRates.rate(firstStep + s);
        rateValues[3 * s + 2] = 1f / batch;
      }
      fedRates.asRawTensor().data().asFloats().write(rateValues);
      fedRows.asRawTensor().data().asInts().write(order, from, steps * batch);
      try (Result result = runner.run()) {
        TFloat32 found = (TFloat32) result.get(0);
        return new BatchSums(found.getFloat(0), found.getFloat(1), (long) steps * batch);
      }
    }

    @Override
    public void close() {
      fedRows.close();
      fedRates.close();
    }
  }
}
