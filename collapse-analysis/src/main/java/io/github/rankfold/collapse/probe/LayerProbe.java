package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.rank.CertificateMoments;
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
 */
final class LayerProbe {
  private final Layer layer;
  private final KernelUse use;
  private final int classes;
  private final double lambda;
  private @Nullable ClassMoments features;
  private @Nullable CertificateMoments positions;
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
  void addFeatures(Tensor input, int[] labels) {
    FeatureBatch batch = FeatureReader.perSample(input, labels.length, layer.name());
    if (features == null) {
      features = new ClassMoments(batch.width(), classes);
    }
    features.addInParallel(batch, labels);
  }

  /** First pass: the same input, the gradient of the pre-activation, and of the kernel. */
  void addGradients(Tensor input, Tensor delta, Tensor kernelSum, int[] labels) {
    FeatureBatch z = FeatureReader.perPosition(input, layer.rows(), labels.length, layer.name());
    FeatureBatch d = FeatureReader.perPosition(delta, layer.cols(), labels.length, layer.name());
    int perInput = z.rows() / labels.length;
    if (positions == null) {
      positions = new CertificateMoments(layer.rows(), layer.cols(), classes, perInput);
      kernelSums = new double[Math.multiplyExact(layer.rows(), layer.cols())];
    }
    positions.add(z, d, CertificateMoments.perPosition(labels, perInput));
    addKernelSum(TensorValues.toDoubles(kernelSum));
  }

  private void addKernelSum(double[] values) {
    for (int i = 0; i < values.length; i++) {
      kernelSums[i] += values[i];
    }
  }

  /** Between the passes: fixes the means that the second one is taken around. */
  void finishFirstPass() {
    projections = new WithinProjections(present(features).statistics());
    if (certified()) {
      outside = new OutsideVariation(present(positions).moments());
    }
  }

  /** Second pass: the layer's input again, with the classes that the network predicts. */
  void addWithin(Tensor input, int[] labels, int[] predictions) {
    FeatureBatch batch = FeatureReader.perSample(input, labels.length, layer.name());
    present(projections).addInParallel(batch, labels, predictions);
  }

  /** Second pass: what lies outside the spans of the means. */
  void addOutside(Tensor input, Tensor delta, int[] labels) {
    FeatureBatch z = FeatureReader.perPosition(input, layer.rows(), labels.length, layer.name());
    FeatureBatch d = FeatureReader.perPosition(delta, layer.cols(), labels.length, layer.name());
    int perInput = z.rows() / labels.length;
    present(outside).add(z, d, CertificateMoments.perPosition(labels, perInput));
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
        layer.name(), kernel, sums.scaled(1.0 / samples), lambda, present(outside));
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the passes over the data were made in the wrong order");
    }
    return value;
  }
}
