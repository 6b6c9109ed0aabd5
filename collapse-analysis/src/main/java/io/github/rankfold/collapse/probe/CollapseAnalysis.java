package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.collapse.statistics.LayerCollapse;
import io.github.rankfold.collapse.statistics.WithinProjections;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.DoubleConsumer;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.types.TInt32;

/**
 * How collapsed a model is at the input of every layer and at its output, and what that implies for
 * the rank of every penalized kernel.
 *
 * <p>Two passes over the data, forward once per pass and backward where there are certificates; of
 * the features two batches are held, one that is read while the other is computed. Immutable, on
 * the Java heap.
 *
 * @param layers in the order in which data meets them, the output last
 * @param samples N
 */
public record CollapseAnalysis(List<LayerReport> layers, long samples) {
  /** What the tables call the logits. */
  public static final String OUTPUT = "output";

  private static final int BATCH = 1000;

  public CollapseAnalysis {
    layers = List.copyOf(layers);
  }

  /** Analyses the called signature; kernels without a penalty get no certificate. */
  public static CollapseAnalysis of(LiveModel model, LabeledData data, Penalties penalties) {
    return of(model, data, penalties, share -> {});
  }

  /**
   * As above, telling how far it got.
   *
   * @param progress told the share of the work that is done, from 0 to 1
   */
  public static CollapseAnalysis of(
      LiveModel model, LabeledData data, Penalties penalties, DoubleConsumer progress) {
    data.requireEveryClass();
    model.requireClasses(data);
    return new Passes(model, data, penalties, progress).run();
  }

  /**
   * The table of collapse.csv.
   *
   * @param epoch the epoch after which the model was analysed, where that is known
   */
  public CsvTable collapseTable(OptionalInt epoch) {
    CsvTable.Builder table =
        CsvTable.columns(
            "epoch",
            "layer",
            "width",
            "samples",
            "classes",
            "tcv",
            "normalized_tcv",
            "nc1_pinv",
            "nc1_quotient",
            "cdnv",
            "nc2_equinorm",
            "nc2_equiangularity",
            "nc3_self_duality",
            "nc4_mismatch");
    for (LayerReport report : layers) {
      LayerCollapse c = report.collapse();
      table.row(
          epoch,
          report.layer(),
          c.width(),
          c.samples(),
          c.classes(),
          c.tcv(),
          c.normalizedTcv(),
          c.nc1Pinv(),
          c.nc1Quotient(),
          c.cdnv(),
          c.nc2Equinorm(),
          c.nc2Equiangularity(),
          c.nc3SelfDuality(),
          c.nc4Mismatch());
    }
    return table.build();
  }

  /** The table of certificates.csv; empty of rows where no kernel has a penalty. */
  public CsvTable certificatesTable() {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer",
            "partition",
            "clusters",
            "lambda",
            "measured_distance",
            "exact_bound",
            "tcv_bound",
            "projected_bound",
            "projected_tcv_bound",
            "stationarity",
            "tcv_constant");
    for (LayerReport report : layers) {
      report
          .certificate()
          .ifPresent(
              c ->
                  table.row(
                      c.layer(),
                      "labels",
                      c.clusters(),
                      c.lambda(),
                      c.measuredDistance(),
                      c.exactBound(),
                      c.tcvBound(),
                      c.projectedBound(),
                      c.projectedTcvBound(),
                      c.stationarity(),
                      c.tcvConstant()));
    }
    return table.build();
  }

  /** One analysis while it runs. */
  private static final class Passes {
    private final LiveModel model;
    private final LabeledData data;
    private final DoubleConsumer progress;
    private final List<LayerProbe> probes = new ArrayList<>();
    private final Optional<Backpropagation> gradients;
    private final ClassMoments output;
    private final FeatureReader logitsReader = new FeatureReader();

    Passes(LiveModel model, LabeledData data, Penalties penalties, DoubleConsumer progress) {
      this.model = model;
      this.data = data;
      this.progress = progress;
      Map<Layer, KernelUse> uses = model.calledLayers();
      uses.forEach(
          (layer, use) ->
              probes.add(
                  new LayerProbe(layer, use, data.classes(), certifiedLambda(layer, penalties))));
      int width = outputWidth();
      this.output = new ClassMoments(width, data.classes());
      this.gradients =
          probes.stream().anyMatch(LayerProbe::certified)
              ? Optional.of(Backpropagation.addTo(model, uses, width))
              : Optional.empty();
    }

    /** Certificates of convolutions need their patches, which are not taken apart here. */
    private static double certifiedLambda(Layer layer, Penalties penalties) {
      return layer.kind() == LayerKind.DENSE ? penalties.lambdaOf(layer.variable()) : 0;
    }

    private int outputWidth() {
      long[] shape = model.tensor(model.logits()).shape().asArray();
      if (shape == null || shape.length != 2 || shape[1] < 0) {
        throw new InvalidInputException(
            "%s: expected logits of shape [samples, classes], found %s"
                .formatted(model.files().folder(), model.tensor(model.logits()).shape()));
      }
      return Math.toIntExact(shape[1]);
    }

    CollapseAnalysis run() {
      pass(0, true, this::readFirst);
      probes.forEach(LayerProbe::finishFirstPass);
      WithinProjections outputProjections = new WithinProjections(output.statistics());
      pass(0.5, false, (fetched, from, labels) -> readSecond(fetched, labels, outputProjections));
      return new CollapseAnalysis(reports(outputProjections), data.size());
    }

    /** All data through the network; what comes out is read while the next batch runs. */
    private void pass(double done, boolean kernelSums, BatchReader reader) {
      try (ReadBehind behind = new ReadBehind()) {
        for (int from = 0; from < data.size(); from += BATCH) {
          int[] labels = labels(from, Math.min(from + BATCH, data.size()));
          int start = from;
          behind.read(
              fetch(from, labels, kernelSums),
              result -> reader.read(new Fetched(result), start, labels));
          progress.accept(done + 0.5 * from / data.size());
        }
        behind.finish();
      }
    }

    private void readFirst(Fetched fetched, int from, int[] labels) {
      FeatureBatch logits = logitsReader.perSample(fetched.next(), labels.length, OUTPUT);
      requireFinite(logits, from);
      SideBySide work = new SideBySide();
      work.add(() -> output.addInParallel(logits, labels));
      for (LayerProbe probe : probes) {
        Tensor input = fetched.next();
        work.add(() -> probe.addInput(input, labels));
        if (probe.certified()) {
          Tensor delta = fetched.next();
          Tensor kernelSum = fetched.next();
          work.add(() -> probe.addDelta(delta, labels));
          work.add(() -> probe.addKernelSum(kernelSum));
        }
      }
      work.run();
    }

    private void readSecond(Fetched fetched, int[] labels, WithinProjections outputProjections) {
      FeatureBatch logits = logitsReader.perSample(fetched.next(), labels.length, OUTPUT);
      int[] predictions = predictions(logits);
      SideBySide work = new SideBySide();
      work.add(() -> outputProjections.addInParallel(logits, labels, predictions));
      for (LayerProbe probe : probes) {
        Tensor input = fetched.next();
        work.add(() -> probe.addWithin(input, labels, predictions));
        if (probe.certified()) {
          Tensor delta = fetched.next();
          work.add(() -> probe.addDeltaOutside(delta, labels));
        }
      }
      work.run();
    }

    /** One batch through the network: logits, then for each probe its input and gradients. */
    private Result fetch(int from, int[] labels, boolean kernelSums) {
      try (Tensor input = model.inputOf(data, from, from + labels.length);
          TInt32 labelTensor = TInt32.vectorOf(labels)) {
        Session.Runner runner = model.feeding(input).fetch(model.tensor(model.logits()));
        for (LayerProbe probe : probes) {
          runner.fetch(model.fetchable(probe.input()));
          if (probe.certified()) {
            gradients.orElseThrow().fetchDelta(runner, probe.layer());
            if (kernelSums) {
              gradients.orElseThrow().fetchKernelSum(runner, probe.layer());
            }
          }
        }
        gradients.ifPresent(backward -> runner.feed(backward.labels(), labelTensor));
        return runner.run();
      }
    }

    private int[] labels(int from, int to) {
      int[] labels = new int[to - from];
      for (int i = from; i < to; i++) {
        labels[i - from] = data.label(i);
      }
      return labels;
    }

    private static int[] predictions(FeatureBatch logits) {
      int[] predictions = new int[logits.rows()];
      double[] row = new double[logits.width()];
      for (int i = 0; i < predictions.length; i++) {
        logits.copyRow(i, row, 0);
        for (int j = 1; j < row.length; j++) {
          if (row[j] > row[predictions[i]]) {
            predictions[i] = j;
          }
        }
      }
      return predictions;
    }

    private void requireFinite(FeatureBatch logits, int from) {
      double[] row = new double[logits.width()];
      for (int i = 0; i < logits.rows(); i++) {
        logits.copyRow(i, row, 0);
        for (double value : row) {
          if (!Double.isFinite(value)) {
            throw new InvalidInputException(
                "%s: sample %d: expected finite logits, found %s"
                    .formatted(data.name(), from + i, value));
          }
        }
      }
    }

    private List<LayerReport> reports(WithinProjections outputProjections) {
      LayerReport[] reports = new LayerReport[probes.size() + 1];
      SideBySide work = new SideBySide(); // the decompositions are what takes time
      for (int i = 0; i < probes.size(); i++) {
        int index = i;
        work.add(() -> reports[index] = report(index));
      }
      work.run();
      reports[probes.size()] =
          new LayerReport(
              OUTPUT,
              outputProjections.statistics(),
              LayerCollapse.of(outputProjections),
              Optional.empty());
      return List.of(reports);
    }

    private LayerReport report(int index) {
      LayerProbe probe = probes.get(index);
      Matrix kernel = KernelSpectra.kernel(model, probe.layer());
      ClusterStatistics statistics = probe.projections().statistics();
      boolean classifier = index == probes.size() - 1;
      LayerCollapse collapse = LayerCollapse.of(probe.projections());
      if (classifier && readsFeatures(probe.layer(), statistics)) {
        collapse = collapse.withClassifier(statistics, kernel);
      }
      return new LayerReport(
          probe.layer().name(), statistics, collapse, probe.certificate(kernel, data.size()));
    }

    /** NC3 compares the classifier's columns with the class means, one column a class. */
    private boolean readsFeatures(Layer last, ClusterStatistics features) {
      return last.cols() == data.classes() && last.rows() == features.width();
    }
  }

  /** The fetched tensors in order, the logits first. */
  private static final class Fetched {
    private final Result result;
    private int next;

    Fetched(Result result) {
      this.result = result;
    }

    Tensor next() {
      return result.get(next++);
    }
  }

  @FunctionalInterface
  private interface BatchReader {
    void read(Fetched fetched, int from, int[] labels);
  }
}
