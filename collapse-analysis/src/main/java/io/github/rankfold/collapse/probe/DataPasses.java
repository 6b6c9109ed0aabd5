package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Workers;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import io.github.rankfold.collapse.statistics.LayerCollapse;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.network.Penalties;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** One analysis while it runs: two passes over the data, batch by batch. */
final class DataPasses {
  private static final int LARGEST_BATCH = 1000;

  /** Patches of convolutions are many times their maps: a batch holds at most so many values. */
  private static final long VALUES_IN_BATCH = 1L << 25;

  private static final int SAMPLED_ROWS = 4096;
  private static final long SAMPLED_VALUES = 1L << 22;

  private final Ops tf;
  private final LiveModel model;
  private final LabeledData data;
  private final AnalysisOptions options;
  private final DoubleConsumer progress;
  private final Placeholder<TInt32> labelsFeed;
  private final ClusterOps labels;
  private final Operand<TInt32> predictions;
  private final ProbePlacement placement;
  private final List<LayerProbe> probes;
  private final List<AnalysisNote> notes;
  private final FeatureView output;
  private final int batchSize;
  private final PresentClasses classes;
  private final long[] right;
  private final long[] seen;
  private double squaredPredictionGradients;

  DataPasses(
      LiveModel model,
      LabeledData data,
      Penalties penalties,
      AnalysisOptions options,
      DoubleConsumer progress) {
    this.model = model;
    this.data = data;
    this.options = options;
    this.progress = progress;
    this.classes = PresentClasses.of(data);
    this.right = new long[classes.count()];
    this.seen = new long[classes.count()];
    this.tf = Ops.create(model.graph()).withSubScope("rankfold_analysis");
    int outputs = outputWidth();
    Class<TNumber> type = sumType();
    this.labelsFeed = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    this.labels = new ClusterOps(tf, labelsFeed, classes.count(), type);
    Operand<TNumber> logits = tf.dtypes.cast(model.tensor(model.logits()), type);
    this.predictions =
        classes.ofOutputs(tf, tf.math.argMax(logits, tf.constant(1), TInt32.class), outputs);
    this.output = new FeatureView(FeatureView.VECTOR, logits, outputs, classes.count());
    this.placement =
        new ProbePlacement(model, data, classes, penalties, tf, type, labelsFeed, outputs);
    this.probes = placement.place();
    this.notes = new ArrayList<>(placement.notes());
    classes.note().ifPresent(notes::add);
    long values = outputs + probes.stream().mapToLong(LayerProbe::valuesPerSample).sum();
    this.batchSize = (int) Math.max(1, Math.min(LARGEST_BATCH, VALUES_IN_BATCH / values));
  }

  /** Sums are taken in double where the model computes in it, else in single precision. */
  @SuppressWarnings("unchecked") // both are numbers, which is all that the sums ask
  private Class<TNumber> sumType() {
    Class<? extends TNumber> type =
        model.tensor(model.logits()).dataType() == DataType.DT_DOUBLE
            ? TFloat64.class
            : TFloat32.class;
    return (Class<TNumber>) type;
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
    try (KeptTensors kept =
        new KeptTensors(options.keptBytes(), placement.features(), placement.gradients())) {
      return run(kept);
    }
  }

  private CollapseAnalysis run(KeptTensors kept) {
    try (PassPlan plan = new PassPlan()) {
      probes.forEach(probe -> probe.planFirst(plan, labels));
      output.planFirst(plan, labels, CollapseAnalysis.OUTPUT);
      sample(plan);
      placement.gradientOfLogits().ifPresent(gradient -> planPredictionGradient(plan, gradient));
      firstPass(plan, kept);
    }
    try (PassPlan plan = new PassPlan()) {
      int predictionsAt = plan.fetch(predictions);
      probes.forEach(probe -> probe.planSecond(plan, labels, predictionsAt, options, data.size()));
      probes.forEach(probe -> notes.addAll(probe.notes()));
      output.planSecond(plan, labels, predictionsAt, options);
      plan.read(batch -> countRight(batch, batch.predictions(predictionsAt)));
      secondPass(plan, kept);
    }
    OptionalDouble predictionGradient =
        placement.gradientOfLogits().isPresent()
            ? OptionalDouble.of(squaredPredictionGradients / data.size())
            : OptionalDouble.empty();
    List<LayerReport> reports = reports();
    return new CollapseAnalysis(
        reports, data.size(), classes.names(), notes, accuracies(), predictionGradient);
  }

  private void planPredictionGradient(PassPlan plan, Operand<TNumber> gradient) {
    int at = plan.fetch(tf.reduceSum(tf.math.square(gradient), tf.constant(1)));
    plan.read(
        batch -> {
          for (double square : TensorValues.toDoubles(batch.get(at))) {
            squaredPredictionGradients += square;
          }
        });
  }

  /** Rows for k-means: the same share of every batch, at places drawn once. */
  private void sample(PassPlan plan) {
    if (options.clusters().isEmpty() && options.clustersPerClass().isEmpty()) {
      return;
    }
    long batches = (data.size() + batchSize - 1L) / batchSize;
    Random random = new Random(options.seed());
    for (LayerProbe probe : probes) {
      probe
          .certificate()
          .ifPresent(
              certificate -> {
                long rows =
                    Math.min(SAMPLED_ROWS, SAMPLED_VALUES / Math.max(1, probe.layer().rows()));
                int[] chosen = new int[(int) Math.max(1, rows / batches)];
                for (int i = 0; i < chosen.length; i++) {
                  chosen[i] = random.nextInt(Integer.MAX_VALUE);
                }
                certificate.planSample(plan, labels, chosen);
              });
    }
  }

  private void firstPass(PassPlan plan, KeptTensors kept) {
    for (int from = 0; from < data.size(); from += batchSize) {
      int[] batchLabels = labels(from);
      InputBatch input = model.inputOf(data, from, from + batchLabels.length);
      try (TInt32 labelTensor = TInt32.vectorOf(batchLabels);
          PassPlan.Batch batch =
              plan.run(feeding(input, labelTensor), batchLabels, kept.wanted())) {
        plan.accept(batch);
        kept.keep(input, batch);
      } catch (NotFiniteException e) {
        throw notFinite(String.valueOf(e.getMessage()), from, batchLabels);
      } finally {
        if (!kept.holds(input)) {
          input.close();
        }
      }
      progress.accept(0.5 * from / data.size());
    }
  }

  private void secondPass(PassPlan plan, KeptTensors kept) {
    for (int number = 0; number * batchSize < data.size(); number++) {
      int from = number * batchSize;
      int[] batchLabels = labels(from);
      Optional<InputBatch> keptInput = kept.input(number);
      InputBatch input =
          keptInput.orElseGet(() -> model.inputOf(data, from, from + batchLabels.length));
      try (TInt32 labelTensor = TInt32.vectorOf(batchLabels)) {
        Session.Runner runner = feeding(input, labelTensor);
        kept.feed(runner, number);
        try (PassPlan.Batch batch = plan.run(runner, batchLabels, List.of())) {
          plan.accept(batch);
        }
      } finally {
        if (keptInput.isEmpty()) {
          input.close();
        }
      }
      progress.accept(0.5 + 0.5 * from / data.size());
    }
  }

  private Session.Runner feeding(InputBatch input, TInt32 labelTensor) {
    return model.feeding(input).feed(labelsFeed.asOutput(), labelTensor);
  }

  /** Of the batch that begins at a sample. */
  private int[] labels(int from) {
    int to = Math.min(from + batchSize, data.size());
    return classes.labels(data, from, to);
  }

  private void countRight(PassPlan.Batch batch, int[] predicted) {
    for (int i = 0; i < predicted.length; i++) {
      int label = batch.labels()[i];
      seen[label]++;
      right[label] += predicted[i] == label ? 1 : 0;
    }
  }

  private List<Double> accuracies() {
    List<Double> shares = new ArrayList<>();
    for (int k = 0; k < seen.length; k++) {
      shares.add((double) right[k] / seen[k]);
    }
    noteSmallClasses();
    return shares;
  }

  private void noteSmallClasses() {
    List<String> single = new ArrayList<>();
    for (int k = 0; k < seen.length; k++) {
      if (seen[k] == 1) {
        single.add(classes.names().get(k));
      }
    }
    if (!single.isEmpty()) {
      notes.add(
          new AnalysisNote(
              "",
              "class " + String.join(", ", single),
              "one sample has no variation, and looks collapsed"));
    }
  }

  /** Looks for the sample: the sums of a batch only tell that there is one. */
  private InvalidInputException notFinite(String layer, int from, int[] batchLabels) {
    Operand<TNumber> features =
        probes.stream()
            .filter(probe -> probe.layer().name().equals(layer) && !probe.views().isEmpty())
            .findFirst()
            .map(probe -> probe.views().get(0).features())
            .orElse(output.features());
    try (InputBatch input = model.inputOf(data, from, from + batchLabels.length)) {
      Session.Runner runner = model.feeding(input).fetch(features);
      try (Result result = runner.run()) {
        double[] values = TensorValues.toDoubles(result.get(0));
        int width = values.length / batchLabels.length;
        for (int i = 0; i < values.length; i++) {
          if (!Double.isFinite(values[i])) {
            String what =
                layer.equals(CollapseAnalysis.OUTPUT) ? "logits" : "features at layer " + layer;
            return new InvalidInputException(
                "%s: sample %d: expected finite %s, found %s"
                    .formatted(data.name(), from + i / width, what, values[i]));
          }
        }
        for (int i = 0; i < values.length; i++) {
          if (values[i] * values[i] > Float.MAX_VALUE / values.length) {
            return new InvalidInputException(
                "%s: sample %d: layer %s: expected features whose squares can be summed, found %s"
                    .formatted(data.name(), from + i / width, layer, values[i]));
          }
        }
      }
    }
    return new InvalidInputException(
        "%s: samples %d to %d: layer %s: expected sums of squares and gradients within the range"
                .formatted(data.name(), from, from + batchLabels.length - 1, layer)
            + " of the model's precision, found some beyond it");
  }

  private List<LayerReport> reports() {
    List<LayerReport> reports = new ArrayList<>();
    // The decompositions are what takes time.
    Workers.map(
            IntStream.range(0, probes.size()).boxed().toList(),
            index -> probes.get(index).layer().fullRank(),
            this::reports)
        .forEach(reports::addAll);
    reports.add(report(CollapseAnalysis.OUTPUT, output, Optional.empty(), List.of()));
    reports.forEach(this::noteUndefined);
    return reports;
  }

  /** An empty cell is told with its reason. */
  private void noteUndefined(LayerReport report) {
    LayerCollapse collapse = report.collapse();
    if (report.statistics().meansAreEqual()) {
      String because =
          report.statistics().isConstant()
              ? "the features are constant"
              : "the features of all classes have the same mean";
      notes.add(new AnalysisNote(report.layer(), "collapse of " + report.features(), because));
      return;
    }
    if (collapse.cdnv().isEmpty()) {
      notes.add(new AnalysisNote(report.layer(), "cdnv", "two classes have the same mean"));
    }
    if (collapse.nc2Equiangularity().isEmpty()) {
      String because = "the mean of a class is that of all";
      notes.add(new AnalysisNote(report.layer(), "nc2_equiangularity", because));
    }
    if (!probes.isEmpty() && collapse.nc3SelfDuality().isEmpty()) {
      noteNoSelfDuality(report, probes.get(probes.size() - 1).layer());
    }
  }

  private void noteNoSelfDuality(LayerReport report, Layer last) {
    if (report.layer().equals(last.name()) && report.statistics().width() == last.rows()) {
      String because =
          last.cols() == classes.count()
              ? "its kernel is 0"
              : "it has %,d outputs for %,d classes".formatted(last.cols(), classes.count());
      notes.add(new AnalysisNote(report.layer(), "nc3_self_duality", because));
    }
  }

  private List<LayerReport> reports(int index) {
    LayerProbe probe = probes.get(index);
    Matrix kernel = KernelSpectra.kernel(model, probe.layer());
    List<RankCertificate> certificates = probe.certificates(kernel, data.size());
    boolean last = index == probes.size() - 1;
    List<LayerReport> reports = new ArrayList<>();
    for (FeatureView view : probe.views()) {
      boolean classifier =
          last && probe.layer().cols() == classes.count() && probe.layer().rows() == view.width();
      reports.add(
          report(
              probe.layer().name(),
              view,
              classifier ? Optional.of(kernel) : Optional.empty(),
              reports.isEmpty() ? certificates : List.of()));
    }
    return reports;
  }

  private LayerReport report(
      String layer,
      FeatureView view,
      Optional<Matrix> classifier,
      List<RankCertificate> certificates) {
    ClusterStatistics statistics = view.statistics();
    if (statistics.meansAreEqual()) {
      return new LayerReport(
          layer,
          view.name(),
          statistics,
          LayerCollapse.ofEqualMeans(statistics),
          certificates,
          Optional.empty());
    }
    LayerCollapse collapse = LayerCollapse.of(view.projections());
    if (classifier.isPresent()) {
      collapse = collapse.withClassifier(view.statistics(), classifier.get());
    }
    return new LayerReport(
        layer, view.name(), statistics, collapse, certificates, view.featureSpectrum());
  }
}
