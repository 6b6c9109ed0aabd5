package io.github.rankfold.compression.merging;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;

/**
 * Second moments {@code M = Z^T Z} [m x m] of what each layer of a model is given, summed over all
 * samples and positions of some data. Measured where the last axis of z has the kernel's m rows: so
 * for dense layers, and for convolutions of one pixel.
 */
final class FeatureMoments {
  private static final int BATCH = 200;

  private FeatureMoments() {}

  /** The moments by layer, for the layers whose input's last axis has the kernel's rows. */
  static Map<Layer, Matrix> of(LiveModel model, LabeledData data) {
    Map<Layer, KernelUse> called = new LinkedHashMap<>(model.calledLayers());
    Map<Layer, Matrix> moments = new LinkedHashMap<>();
    List<Layer> layers = List.copyOf(called.keySet());
    for (int from = 0; from < data.size() && !layers.isEmpty(); from += BATCH) {
      int to = Math.min(from + BATCH, data.size());
      try (InputBatch input = model.inputOf(data, from, to)) {
        Session.Runner runner = model.feeding(input);
        layers.forEach(
            layer ->
                runner.fetch(model.fetchable(Objects.requireNonNull(called.get(layer)).input())));
        try (Result result = runner.run()) {
          for (int i = 0; i < layers.size(); i++) {
            add(moments, layers.get(i), result.get(i));
          }
        }
      }
    }
    return moments;
  }

  private static void add(Map<Layer, Matrix> moments, Layer layer, Tensor features) {
    long[] shape = features.shape().asArray();
    if (shape[shape.length - 1] != layer.rows()) {
      return;
    }
    double[] values = TensorValues.toDoubles(features);
    Matrix z = Matrix.owning(values.length / layer.rows(), layer.rows(), values);
    moments.merge(layer, z.transposedTimes(z), Matrix::plus);
  }
}
