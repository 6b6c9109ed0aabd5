package io.github.rankfold.collapse.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JointMomentsTest {
  private static final Path MODELS =
      Path.of(System.getProperty("rankfold.fixtures"), "saved-models");

  private static LabeledData samples(LiveModel model, int count) {
    long[] shape = model.tensor(model.input()).shape().asArray();
    List<Integer> sample =
        IntStream.range(1, shape.length).mapToObj(axis -> (int) shape[axis]).toList();
    int width = sample.stream().reduce(1, Math::multiplyExact);
    float[] values = new float[count * width];
    Random random = new Random(4);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return LabeledData.unlabeled("random", Features.ofFloats(values, width), sample, "random");
  }

  /** Rows of inputs and products belong together exactly where {@code Z^T (Z W) = (Z^T Z) W}. */
  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "channels_first, first",
    "channels_first, second",
    "cnn, conv2d",
    "cnn, conv2d_1",
    "cnn, dense_4",
    "mlp, sequential/dense"
  })
  void productsAreThoseOfTheSameRows(String name, String layerName) {
    try (LiveModel model = LiveModel.open(MODELS.resolve(name))) {
      Layer layer =
          model.layers().stream()
              .filter(one -> one.name().equals(layerName))
              .findFirst()
              .orElseThrow();
      KernelUse use = model.calledUses(layer).get(0);
      Matrix kernel = Matrix.of(layer.rows(), layer.cols(), model.kernel(layer));
      for (Optional<TensorRef> rectified :
          List.of(Optional.<TensorRef>empty(), Optional.of(use.preActivation()))) {
        // Of the same model beside itself nothing is to be made up for, below 0 or not.
        JointMoments.Values values =
            new JointMoments(model, layer, use, model::fetchable, rectified, samples(model, 10), 5)
                .collect(false, 10);
        Matrix expected = values.inputs().times(kernel);
        assertEquals(
            0,
            values.cross().minus(expected).frobeniusNorm() / expected.frobeniusNorm(),
            1e-4,
            layer.name());
      }
    }
  }
}
