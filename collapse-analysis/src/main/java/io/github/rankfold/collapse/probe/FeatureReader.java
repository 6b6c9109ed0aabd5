package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.TensorValues;
import org.tensorflow.Tensor;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * Heap copies of fetched features, in the precision that the model computes in.
 *
 * <p>Batches of one size are read into one array: a batch is good until the next one is read.
 */
final class FeatureReader {
  private float[] floats = new float[0];

  /** One row a sample: features of more axes, such as [time, m], are flattened to one. */
  FeatureBatch perSample(Tensor tensor, int samples, String layer) {
    return rows(tensor, Math.toIntExact(tensor.shape().size() / samples), samples, layer);
  }

  /** One row a position: rows of {@code width}, a whole number of them for each sample. */
  FeatureBatch perPosition(Tensor tensor, int width, int samples, String layer) {
    return rows(tensor, width, samples, layer);
  }

  private FeatureBatch rows(Tensor tensor, int width, int samples, String layer) {
    long size = tensor.shape().size();
    if (width == 0 || size % width != 0 || size / width % samples != 0) {
      throw new InvalidInputException(
          "layer %s: expected features for each of %d samples, found a tensor of shape %s"
              .formatted(layer, samples, tensor.shape()));
    }
    return tensor instanceof TFloat64
        ? FeatureBatch.of(width, TensorValues.toDoubles(tensor))
        : FeatureBatch.of(width, floats(tensor));
  }

  private float[] floats(Tensor tensor) {
    if (tensor instanceof TFloat32 && floats.length == tensor.shape().size()) {
      tensor.asRawTensor().data().asFloats().read(floats);
    } else {
      floats = TensorValues.toFloats(tensor);
    }
    return floats;
  }
}
