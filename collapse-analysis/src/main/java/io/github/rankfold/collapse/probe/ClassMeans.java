package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The class means of the rows that kernels multiply: {@code mu_k = (1/n_k) sum_{i in k} z_i}, [K x
 * m] for a kernel of m rows. Each position of a sample is a row of its class, which for a
 * convolution is a patch. A kernel used several times has the rows of all uses.
 */
public final class ClassMeans {
  private final LiveModel model;
  private final LabeledData data;
  private final PresentClasses classes;
  private final Ops tf;
  private final Placeholder<TInt32> labels;
  private final Map<Layer, List<ClassSums>> sums = new LinkedHashMap<>();

  private ClassMeans(LiveModel model, LabeledData data) {
    this.model = model;
    this.data = data;
    this.classes = PresentClasses.of(data);
    this.tf = Ops.create(model.graph()).withSubScope("rankfold_class_means");
    this.labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
  }

  /**
   * One forward pass.
   *
   * @param data whose labels are the classes; those without samples have no mean
   * @return of each layer that has such rows; lookups, loops and kernels that multiply gradients
   *     rather than data, as transposed convolutions, have none
   */
  public static Map<Layer, Matrix> of(LiveModel model, LabeledData data, List<Layer> layers) {
    model.requireClasses(data);
    ClassMeans means = new ClassMeans(model, data);
    layers.forEach(means::place);
    return means.run();
  }

  private void place(Layer layer) {
    List<KernelUse> uses = model.calledUses(layer);
    boolean lookup = layer.kind() == LayerKind.EMBEDDING;
    List<UseRows> rows =
        uses.stream()
            .map(use -> UseRows.of(tf, model, layer, use, KernelMomentsPass.number()))
            .filter(use -> use.obstacle().isEmpty() && !use.needsGradientForRows())
            .toList();
    if (!lookup && !rows.isEmpty() && rows.size() == uses.size()) {
      sums.put(layer, rows.stream().map(use -> sumsOf(use.inputs(), layer)).toList());
    }
  }

  private ClassSums sumsOf(Operand<TNumber> rows, Layer layer) {
    // The positions of a sample follow each other.
    Operand<TInt32> samples = tf.reshape(tf.shape.head(tf.shape(labels)), tf.constant(new int[0]));
    Operand<TInt32> positions = tf.math.div(KernelMomentsPass.rowCount(tf, rows), samples);
    Operand<TInt32> one = tf.constant(1);
    Operand<TInt32> repeated =
        tf.reshape(
            tf.tile(tf.expandDims(labels, one), tf.stack(List.of(one, positions))),
            tf.constant(new int[] {-1}));
    ClusterOps clusters = new ClusterOps(tf, repeated, classes.count(), KernelMomentsPass.number());
    return new ClassSums(clusters.sums(rows), clusters.counts(), layer.rows(), classes.count());
  }

  private Map<Layer, Matrix> run() {
    int batch = BatchSize.of(sums.keySet(), data);
    List<ClassSums> all = new ArrayList<>();
    sums.values().forEach(all::addAll);
    for (int from = 0; from < data.size() && !all.isEmpty(); from += batch) {
      int to = Math.min(from + batch, data.size());
      int[] ids = classes.labels(data, from, to);
      try (InputBatch input = model.inputOf(data, from, to);
          TInt32 fed = TInt32.vectorOf(ids)) {
        Session.Runner runner = model.feeding(input).feed(labels.asOutput(), fed);
        all.forEach(of -> runner.fetch(of.rows).fetch(of.counts));
        try (Result result = runner.run()) {
          for (int i = 0; i < all.size(); i++) {
            all.get(i).add(result.get(2 * i), result.get(2 * i + 1));
          }
        }
      }
    }
    Map<Layer, Matrix> means = new LinkedHashMap<>();
    sums.forEach((layer, parts) -> means.put(layer, means(layer, parts)));
    return means;
  }

  private Matrix means(Layer layer, List<ClassSums> parts) {
    Matrix total = Matrix.zeros(classes.count(), layer.rows());
    double[] perRow = new double[classes.count()];
    for (ClassSums part : parts) {
      total = total.plus(Matrix.of(classes.count(), layer.rows(), part.total));
      for (int k = 0; k < perRow.length; k++) {
        perRow[k] += part.count[k];
      }
    }
    for (int k = 0; k < perRow.length; k++) {
      perRow[k] = 1 / perRow[k];
    }
    Matrix means = total.rowsScaled(perRow);
    if (!Double.isFinite(means.frobeniusNorm())) {
      throw new InvalidInputException(
          "%s: layer %s: expected finite class means of its input, found some that are not"
              .formatted(data.name(), layer.name()));
    }
    return means;
  }

  /** The sums over each class of the rows of one use, batch by batch. */
  private static final class ClassSums {
    private final Operand<TNumber> rows; // [K, m]
    private final Operand<TNumber> counts; // [K, 1]
    private final double[] total;
    private final double[] count;

    ClassSums(Operand<TNumber> rows, Operand<TNumber> counts, int width, int classes) {
      this.rows = rows;
      this.counts = counts;
      this.total = new double[Math.multiplyExact(classes, width)];
      this.count = new double[classes];
    }

    void add(Tensor batchRows, Tensor batchCounts) {
      addTo(total, TensorValues.toDoubles(batchRows));
      addTo(count, TensorValues.toDoubles(batchCounts));
    }

    private static void addTo(double[] sum, double[] values) {
      for (int i = 0; i < values.length; i++) {
        sum[i] += values[i];
      }
    }
  }
}
