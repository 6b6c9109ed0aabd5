package io.github.rankfold.training;

import io.github.rankfold.models.network.NetworkSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Loss, accuracy and gradient over a whole data set, streamed in chunks of rows. */
final class ForwardProgram {
  /** Values that the widest layer of a chunk may have: 8 MB of floats, a few such are alive. */
  private static final int CHUNK_VALUES = 1 << 21;

  private final ResidentData data;
  private final TrainedVariables variables;
  private final int chunk;
  private final Placeholder<TInt32> rows;
  private final Operand<TFloat32> sums;
  private final List<Operand<TFloat32>> gradients;

  ForwardProgram(
      Graph graph,
      Ops tf,
      String name,
      NetworkSpec spec,
      ResidentData data,
      TrainedVariables variables) {
    this.data = data;
    this.variables = variables;
    int widest = spec.hidden().stream().reduce(data.width(), Math::max);
    chunk = Math.min(data.size(), Math.max(128, CHUNK_VALUES / widest));
    rows = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    Map<String, Operand<TFloat32>> values = Classification.read(tf, variables);
    Classification all = Classification.of(tf, spec, data, rows, values);
    sums = Classification.sums(tf, List.of(all));
    gradients = new ArrayList<>(all.gradients(graph, name, all.backprop(), values));
  }

  /** Loss and accuracy alone. */
  BatchSums evaluate(Session session) {
    return stream(session, null);
  }

  /**
   * Loss and accuracy, and G: the gradient of the mean loss is written to {@code gradient} [P].
   * Chunks are added up in double.
   */
  BatchSums gradient(Session session, double[] gradient) {
    Arrays.fill(gradient, 0);
    BatchSums total = stream(session, gradient);
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] /= total.samples();
    }
    return total;
  }

  private BatchSums stream(Session session, double @Nullable [] gradient) {
    BatchSums total = BatchSums.NONE;
    for (int from = 0; from < data.size(); from += chunk) {
      int count = Math.min(chunk, data.size() - from);
      try (TInt32 range = range(from, count)) {
        Session.Runner runner = session.runner().feed(rows, range).fetch(sums);
        if (gradient != null) {
          gradients.forEach(runner::fetch);
        }
        try (Result result = runner.run()) {
          TFloat32 found = (TFloat32) result.get(0);
          total = total.plus(new BatchSums(found.getFloat(0), found.getFloat(1), count));
          if (gradient != null) {
            addGradients(result, gradient);
          }
        }
      }
    }
    return total;
  }

  private void addGradients(Result result, double[] gradient) {
    for (int v = 0; v < variables.all().size(); v++) {
      ParameterLayout.Part part = variables.all().get(v).part();
      float[] values = new float[part.size()];
      ((TFloat32) result.get(1 + v)).asRawTensor().data().asFloats().read(values);
      for (int i = 0; i < values.length; i++) {
        gradient[part.offset() + i] += values[i];
      }
    }
  }

  private static TInt32 range(int from, int count) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = from + i;
    }
    TInt32 tensor = TInt32.tensorOf(Shape.of(count));
    tensor.asRawTensor().data().asInts().write(values);
    return tensor;
  }
}
