package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.rank.CertifiedKernel;
import io.github.rankfold.collapse.rank.LayerMoments;
import io.github.rankfold.collapse.rank.OutsideVariation;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.TensorValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * What the certificates of one kernel need of both passes: its inputs and the gradients of its
 * products, one row a position, and the sum of their products.
 */
final class CertificateProbe {
  private final Layer layer;
  private final double lambda;
  private final Operand<TNumber> left;
  private final Operand<TNumber> right;
  private final long positions;

  /** The features where the kernel multiplies them as they are. */
  private final Optional<FeatureView> shared;

  private final ClassMoments inputs;
  private final ClassMoments gradients;
  private final double[] kernelSums;
  private final List<double[]> sampledRows = new ArrayList<>();
  private final List<Integer> sampledLabels = new ArrayList<>();
  private final List<GraphPartition> partitions = new ArrayList<>();
  private final List<AnalysisNote> notes = new ArrayList<>();
  private @Nullable OutsideVariation outside;

  /**
   * @param left [B, positions, m]
   * @param right [B, positions, n]
   * @param shared the features, where these are the rows of {@code left}
   */
  CertificateProbe(
      Layer layer,
      double lambda,
      Operand<TNumber> left,
      Operand<TNumber> right,
      long positions,
      Optional<FeatureView> shared,
      int classes) {
    this.layer = layer;
    this.lambda = lambda;
    this.left = left;
    this.right = right;
    this.positions = positions;
    this.shared = shared;
    this.inputs =
        shared.map(FeatureView::moments).orElseGet(() -> new ClassMoments(layer.rows(), classes));
    this.gradients = new ClassMoments(layer.cols(), classes);
    this.kernelSums = new double[layer.rows() * layer.cols()];
  }

  long positions() {
    return positions;
  }

  void planFirst(PassPlan plan, ClusterOps labels) {
    Ops tf = labels.tf();
    if (shared.isEmpty()) {
      new GraphMoments(labels, left, positions, layer.rows()).into(inputs, layer.name(), plan);
    }
    new GraphMoments(labels, right, positions, layer.cols()).into(gradients, layer.name(), plan);
    int productsAt =
        plan.fetch(
            tf.linalg.matMul(
                vectors(tf, left, layer.rows()),
                vectors(tf, right, layer.cols()),
                MatMul.transposeA(true)));
    plan.read(batch -> TensorValues.addTo(batch.get(productsAt), kernelSums));
  }

  private static Operand<TNumber> vectors(Ops tf, Operand<TNumber> rows, int width) {
    return tf.reshape(rows, tf.constant(new int[] {-1, width}));
  }

  /** Keeps some rows of every batch, for k-means between the passes. */
  void planSample(PassPlan plan, ClusterOps labels, int[] chosen) {
    Ops tf = labels.tf();
    Operand<TNumber> rows = vectors(tf, left, layer.rows());
    Operand<TInt32> count =
        tf.reshape(
            tf.math.mul(tf.shape(labels.ids()), tf.constant(Math.toIntExact(positions))),
            tf.constant(new int[0]));
    int rowsAt =
        plan.fetch(tf.gather(rows, tf.math.mod(tf.constant(chosen), count), tf.constant(0)));
    plan.read(
        batch -> {
          double[] values = TensorValues.toDoubles(batch.get(rowsAt));
          int all = Math.toIntExact(batch.labels().length * positions);
          for (int i = 0; i < chosen.length; i++) {
            sampledLabels.add(batch.labels()[(int) (chosen[i] % all / positions)]);
            double[] row = new double[layer.rows()];
            System.arraycopy(values, i * row.length, row, 0, row.length);
            sampledRows.add(row);
          }
        });
  }

  /** Between the passes: the partitions that k-means finds on the sample. */
  private List<Partition> partitions(AnalysisOptions options, int classes) {
    List<Partition> found = new ArrayList<>();
    if (sampledRows.isEmpty()) {
      return found;
    }
    double[] values = new double[sampledRows.size() * layer.rows()];
    for (int i = 0; i < sampledRows.size(); i++) {
      System.arraycopy(sampledRows.get(i), 0, values, i * layer.rows(), layer.rows());
    }
    Matrix rows = Matrix.owning(sampledRows.size(), layer.rows(), values);
    int[] labels = sampledLabels.stream().mapToInt(Integer::intValue).toArray();
    sampledRows.clear();
    for (int clusters : options.clusters()) {
      if (isFew("by k-means", Math.min(clusters, rows.rows()))) {
        found.add(Partition.kMeans(rows, clusters, options.seed()));
      }
    }
    for (int perClass : options.clustersPerClass()) {
      if (isFew("by k-means in classes", Partition.mostInClasses(labels, classes, perClass))) {
        found.add(Partition.inClasses(rows, labels, classes, perClass, options.seed()));
      }
    }
    return found;
  }

  private boolean isFew(String partition, int clusters) {
    if (clusters > AnalysisOptions.MOST_CLUSTERS) {
      String because =
          "expected at most %d clusters, found %d"
              .formatted(AnalysisOptions.MOST_CLUSTERS, clusters);
      notes.add(new AnalysisNote(layer.name(), "certificate " + partition, because));
      return false;
    }
    return true;
  }

  /** The partitions that were left out. */
  List<AnalysisNote> notes() {
    return List.copyOf(notes);
  }

  void planSecond(PassPlan plan, ClusterOps labels, AnalysisOptions options, long samples) {
    LayerMoments moments = new LayerMoments(inputs.statistics(), gradients.statistics(), samples);
    OutsideVariation second = new OutsideVariation(moments);
    outside = second;
    CentredRows z =
        shared
            .map(FeatureView::centred)
            .orElseGet(
                () -> CentredRows.of(plan, labels, left, moments.inputs().means(), positions));
    CentredRows delta = CentredRows.of(plan, labels, right, moments.gradients().means(), positions);
    Ops tf = labels.tf();
    GraphOutside.add(plan, tf, z.values(), second.inputSpan(), positions, second::addInputSquares);
    GraphOutside.add(
        plan, tf, delta.values(), second.gradientSpan(), positions, second::addGradientSquares);
    for (Partition partition : partitions(options, labels.clusters())) {
      partitions.add(
          new GraphPartition(
              plan, labels, partition, layer.name(), left, right, layer.cols(), positions));
    }
  }

  /**
   * What the passes imply for the kernel, by the labels first.
   *
   * @param kernel W [rows x cols]
   * @param samples N
   */
  List<RankCertificate> certificates(Matrix kernel, long samples) {
    OutsideVariation variation = outside;
    if (variation == null) {
      throw new IllegalStateException("the second pass was not made");
    }
    int classes = variation.moments().clusters();
    Matrix gradient = Matrix.of(layer.rows(), layer.cols(), kernelSums).scaled(1.0 / samples);
    CertifiedKernel certified =
        CertifiedKernel.of(layer.name(), kernel, gradient, lambda, KernelSpectra.precision(layer));
    List<RankCertificate> found = new ArrayList<>();
    found.add(
        RankCertificate.of(
            certified,
            RankCertificate.LABELS,
            classes,
            variation.moments(),
            Optional.of(variation)));
    for (GraphPartition partition : partitions) {
      found.add(
          RankCertificate.of(
              certified, partition.name(), classes, partition.moments(samples), Optional.empty()));
    }
    return found;
  }
}
