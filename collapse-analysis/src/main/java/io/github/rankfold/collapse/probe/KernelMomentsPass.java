package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.SecondMoments;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * One pass over the data that collects the {@link KernelMoments} of some layers. The products are
 * taken in the graph, a batch at a time around the batch's own mean, and merged in double.
 */
final class KernelMomentsPass {
  private final LiveModel model;
  private final LabeledData data;
  private final int batch;
  private final List<Collector> collectors = new ArrayList<>();

  KernelMomentsPass(
      LiveModel model,
      LabeledData data,
      List<Layer> layers,
      Map<Layer, List<KernelUse>> uses,
      OutputGradients gradients) {
    this.model = model;
    this.data = data;
    this.batch = BatchSize.of(layers, data);
    Ops tf = Ops.create(model.graph()).withSubScope("rankfold_moments");
    for (Layer layer : layers) {
      collectors.add(new Collector(tf, layer, uses.getOrDefault(layer, List.of()), gradients));
    }
  }

  void run(BiConsumer<Layer, KernelMoments> ready) {
    boolean nothing = collectors.stream().allMatch(Collector::isEmpty);
    for (int from = 0; from < data.size() && !nothing; from += batch) {
      try (InputBatch input = model.inputOf(data, from, Math.min(from + batch, data.size()))) {
        Session.Runner runner = model.feeding(input);
        collectors.forEach(collector -> collector.fetch(runner));
        try (Result result = runner.run()) {
          Iterator<Tensor> fetched =
              IntStream.range(0, result.size()).mapToObj(result::get).iterator();
          for (Collector collector : collectors) {
            collector.read(fetched, from);
          }
        }
      }
    }
    collectors.forEach(collector -> ready.accept(collector.layer, collector.moments()));
  }

  /** Rows that are fetched as how many, their mean, and their scatter around it. */
  private record Rows(
      Output<TInt32> count, Output<?> mean, Output<?> scatter, SecondMoments target) {}

  /** The sums of one layer. */
  private final class Collector {
    private final Layer layer;
    private final List<Output<?>> lookups = new ArrayList<>();
    private final List<Rows> fetches = new ArrayList<>();
    private final Optional<SecondMoments> inputs;
    private final Optional<SecondMoments> gradients;
    private final double[] counts;

    Collector(Ops tf, Layer layer, List<KernelUse> uses, OutputGradients all) {
      this.layer = layer;
      boolean embedding = layer.kind() == LayerKind.EMBEDDING;
      boolean lookup =
          embedding && !uses.isEmpty() && uses.stream().allMatch(use -> isLookup(model, use));
      List<UseRows> rows =
          uses.stream().map(use -> UseRows.of(tf, model, layer, use, number())).toList();
      List<Output<?>> slopes =
          uses.stream()
              .flatMap(use -> all.by(model.tensor(use.preActivation())).stream())
              .<Output<?>>map(slope -> slope)
              .toList();
      boolean plain =
          !rows.isEmpty()
              && (lookup || !embedding)
              && rows.stream()
                  .allMatch(use -> use.obstacle().isEmpty() && !use.needsGradientForRows());
      boolean sloped = plain && slopes.size() == rows.size();
      this.counts = new double[lookup ? layer.rows() : 0];
      this.inputs =
          plain && !lookup ? Optional.of(new SecondMoments(layer.rows())) : Optional.empty();
      this.gradients = sloped ? Optional.of(new SecondMoments(layer.cols())) : Optional.empty();
      if (lookup) {
        uses.forEach(use -> lookups.add(model.fetchable(use.input())));
      }
      inputs.ifPresent(
          target -> rows.forEach(use -> fetches.add(moments(tf, use.inputs(), target))));
      gradients.ifPresent(
          target -> {
            for (int i = 0; i < slopes.size(); i++) {
              fetches.add(moments(tf, rows.get(i).gradients(slopes.get(i)), target));
            }
          });
    }

    /** Not a product by the transpose of the table, as of tied weights. */
    private static boolean isLookup(LiveModel model, KernelUse use) {
      DataType type = model.fetchable(use.input()).dataType();
      return type == DataType.DT_INT32 || type == DataType.DT_INT64;
    }

    private Rows moments(Ops tf, Operand<TNumber> rows, SecondMoments target) {
      int batches = (data.size() + batch - 1) / batch;
      Operand<TNumber> sampled = RowSample.of(tf, List.of(rows), target.width(), batches).get(0);
      Operand<TNumber> mean = tf.math.mean(sampled, tf.constant(0));
      Operand<TNumber> centred = tf.math.sub(sampled, mean);
      return new Rows(
          rowCount(tf, sampled).asOutput(),
          mean.asOutput(),
          tf.linalg.matMul(centred, centred, MatMul.transposeA(true)).asOutput(),
          target);
    }

    boolean isEmpty() {
      return fetches.isEmpty() && lookups.isEmpty();
    }

    void fetch(Session.Runner runner) {
      lookups.forEach(runner::fetch);
      for (Rows rows : fetches) {
        runner.fetch(rows.count()).fetch(rows.mean()).fetch(rows.scatter());
      }
    }

    /** Adds a batch. */
    void read(Iterator<Tensor> fetched, int from) {
      lookups.forEach(ids -> count(fetched.next()));
      for (Rows rows : fetches) {
        int count = ((TInt32) fetched.next()).getInt();
        double[] mean = TensorValues.toDoubles(fetched.next());
        Tensor scatter = fetched.next();
        if (count > 0) {
          requireFinite(mean, from);
          rows.target().add(count, mean, TensorValues.toDoubles(scatter));
        }
      }
    }

    private void requireFinite(double[] mean, int from) {
      for (double value : mean) {
        if (!Double.isFinite(value)) {
          throw new InvalidInputException(
              "%s: layer %s: expected finite features, found %s in samples %d to %d"
                  .formatted(
                      data.name(),
                      layer.name(),
                      value,
                      from,
                      Math.min(from + batch, data.size()) - 1));
        }
      }
    }

    private void count(Tensor ids) {
      for (long i = 0; i < ids.shape().size(); i++) {
        long id =
            ids instanceof TInt64
                ? ids.asRawTensor().data().asLongs().getLong(i)
                : ids.asRawTensor().data().asInts().getInt(i);
        if (id >= 0 && id < counts.length) {
          counts[(int) id]++;
        }
      }
    }

    KernelMoments moments() {
      return new KernelMoments(
          inputs.filter(moments -> moments.count() > 0),
          counts.length > 0 ? Optional.of(Matrix.of(1, counts.length, counts)) : Optional.empty(),
          gradients.filter(moments -> moments.count() > 0).map(SecondMoments::uncentred));
    }
  }

  /** How many rows there are, a scalar. */
  static Operand<TInt32> rowCount(Ops tf, Operand<TNumber> rows) {
    return tf.reshape(tf.shape.head(tf.shape(rows)), tf.constant(new int[0]));
  }

  @SuppressWarnings("unchecked") // moments only guide a choice: single precision is enough
  static Class<TNumber> number() {
    return (Class<TNumber>) (Class<?>) TFloat32.class;
  }
}
