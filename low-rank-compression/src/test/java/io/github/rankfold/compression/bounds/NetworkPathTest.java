package io.github.rankfold.compression.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkPathTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "mlp, serving_default",
    "frozen, serving_default",
    "half, serving_default",
    "tf1_res, serving_default",
    "tf1_ref, serving_default"
  })
  void everyOperationOfTheseModelsIsKnown(String name, String signature) {
    try (LiveModel model =
        LiveModel.open(StoredOutputs.MODELS.resolve(name), StoredOutputs.options(signature))) {
      NetworkPath path = NetworkPath.of(model);
      assertEquals("", path.unknown().map(UnknownOperation::toString).orElse(""));
      assertTrue(!path.products().isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lstm, Transpose", // time first
    "calls_in_loops, While",
    "cnn, StatefulPartitionedCall", // a grouped convolution, left to XLA
    "conv1d, BatchToSpaceND", // a dilated one
    "conv3d, BatchToSpaceND"
  })
  void anUnknownOperationIsNamed(String name, String operation) {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      NetworkPath path = NetworkPath.of(model);
      UnknownOperation unknown = path.unknown().orElseThrow();
      assertEquals(operation, unknown.operation());
      assertTrue(model.flatGraph().contains(unknown.node()));
      InvalidInputException failure =
          assertThrows(
              InvalidInputException.class,
              () ->
                  OutputBound.of(
                      model, path, CompressionPlanner.plan(model, new RankRule.Fraction(0.5))));
      assertTrue(failure.toString().contains(unknown.toString()), failure::toString);
    }
  }

  /** Each activation multiplies by its own constant, so the whole path by their product. */
  @Test
  void aGeluCountsAsOneActivation() throws IOException {
    RandomNetwork.write(RandomNetwork.Kind.ACTIVATIONS, 1, folder);
    try (LiveModel model = LiveModel.open(folder)) {
      NetworkPath path = NetworkPath.of(model);
      double[] ones = new double[path.products().size()];
      Arrays.fill(ones, 1);
      double[] rest = path.rest(ones);
      double behind = 1.0999 * 1.7580993408473766 * 0.25 * 3; // SiLU, SELU, sigmoid, times -3
      assertEquals(1.129 * behind, rest[0], 1e-9);
      assertEquals(1, rest[rest.length - 1]);
    }
  }
}
