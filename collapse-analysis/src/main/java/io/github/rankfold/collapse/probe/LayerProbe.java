package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.rank.CertificateMoments;
import io.github.rankfold.collapse.rank.LayerMoments;
import io.github.rankfold.collapse.rank.OutsideVariation;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.collapse.statistics.WithinProjections;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Tensor;

/**
 * The accumulators of one layer over both passes: its features as collapse sees them, one row a
 * sample, and as its kernel sees them, one row a position.
 *
 * <p>What is fed the input, the gradient and the kernel's sum may run side by side; each of them is
 * fed by one thread at a time.
 */
final class LayerProbe {
  private final Layer layer;
  private final KernelUse use;
  private final int classes;
  private final double lambda;

  /** One row a sample. */
  private @Nullable ClassMoments features;

  /** One row a position: {@link #features} itself where a sample has one position. */
  private @Nullable ClassMoments positions;

  /** Of the pre-activation's gradient, one row a position. */
  private @Nullable ClassMoments gradients;

  private final FeatureReader inputReader = new FeatureReader();
  private final FeatureReader deltaReader = new FeatureReader();
  private double[] kernelSums = new double[0];
  private @Nullable WithinProjections projections;
  private @Nullable OutsideVariation outside;

  LayerProbe(Layer layer, KernelUse use, int classes, double lambda) {
    this.layer = layer;
    this.use = use;
    this.classes = classes;
    this.lambda = lambda;
  }

  Layer layer() {
    return layer;
  }

  /** The tensor that the layer multiplies. */
  TensorRef input() {
    return use.input();
  }

  /** Whether the kernel has a penalty, without which there is no certificate. */
  boolean certified() {
    return lambda > 0;
  }

  /** First pass: the layer's input for these samples. */
  void addInput(Tensor input, int[] labels) {
    FeatureBatch batch = inputReader.perSample(input, labels.length, layer.name());
    if (features == null) {
      features = new ClassMoments(batch.width(), classes);
    }
    features.addInParallel(batch, labels);
    if (certified()) {
      addPositions(batch, input, labels);
    }
  }

  private void addPositions(FeatureBatch batch, Tensor input, int[] labels) {
    if (batch.width() == layer.rows()) {
      positions = features;
      return;
    }
    FeatureBatch z = inputReader.perPosition(input, layer.rows(), labels.length, layer.name());
    if (positions == null) {
      positions = new ClassMoments(z.width(), classes);
    }
    positions.addInParallel(z, ofPositions(z, labels));
  }

  /** First pass: the gradient of the pre-activation for these samples. */
  void addDelta(Tensor delta, int[] labels) {
    FeatureBatch d = deltaReader.perPosition(delta, layer.cols(), labels.length, layer.name());
    if (gradients == null) {
      gradients = new ClassMoments(d.width(), classes);
    }
    gradients.addInParallel(d, ofPositions(d, labels));
  }

  /** First pass: the gradient of the kernel, summed over these samples. */
  void addKernelSum(Tensor kernelSum) {
    double[] values = TensorValues.toDoubles(kernelSum);
    if (kernelSums.length == 0) {
      kernelSums = values;
      return;
    }
    for (int i = 0; i < values.length; i++) {
      kernelSums[i] += values[i];
    }
  }

  /** Between the passes: fixes the means that the second one is taken around. */
  void finishFirstPass() {
    ClassMoments samples = present(features);
    projections = new WithinProjections(samples.statistics());
    if (certified()) {
      outside =
          new OutsideVariation(
              new LayerMoments(
                  present(positions).statistics(),
                  present(gradients).statistics(),
                  samples.samples()));
    }
  }

  /** Second pass: the layer's input again, with the classes that the network predicts. */
  void addWithin(Tensor input, int[] labels, int[] predictions) {
    FeatureBatch batch = inputReader.perSample(input, labels.length, layer.name());
    present(projections).addInParallel(batch, labels, predictions);
    if (certified()) {
      FeatureBatch z =
          batch.width() == layer.rows()
              ? batch
              : inputReader.perPosition(input, layer.rows(), labels.length, layer.name());
      present(outside).addInputs(z, ofPositions(z, labels));
    }
  }

  /** Second pass: what of the gradient lies outside the span of its means. */
  void addDeltaOutside(Tensor delta, int[] labels) {
    FeatureBatch d = deltaReader.perPosition(delta, layer.cols(), labels.length, layer.name());
    present(outside).addGradients(d, ofPositions(d, labels));
  }

  private static int[] ofPositions(FeatureBatch rows, int[] labels) {
    return CertificateMoments.perPosition(labels, rows.rows() / labels.length);
  }

  WithinProjections projections() {
    return present(projections);
  }

  /**
   * What the two passes imply for the kernel; empty where it has no penalty.
   *
   * @param kernel W [rows x cols]
   * @param samples N
   */
  Optional<RankCertificate> certificate(Matrix kernel, long samples) {
    if (!certified()) {
      return Optional.empty();
    }
    // The graph's gradient is that of the kernel as it is stored, which may be the transpose.
    Matrix sums = Matrix.owning(layer.rows(), layer.cols(), use.view().matrix(kernelSums));
    return RankCertificate.of(
        layer.name(),
        kernel,
        sums.scaled(1.0 / samples),
        lambda,
        present(outside),
        KernelSpectra.precision(layer));
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the passes over the data were made in the wrong order");
    }
    return value;
  }
}
