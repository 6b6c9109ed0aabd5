package io.github.rankfold.compression.merging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.live.VariableValues;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Tensor;

class ModelMergerTest {
  /** Has states of random numbers, unsigned integers, beside its kernels. */
  private static final Path STATES = StoredOutputs.MODELS.resolve("masked_lstm");

  @TempDir Path folder;

  @Test
  void whatBothModelsAgreeOnStaysWhateverItsType() throws IOException {
    ModelOptions options = ModelOptions.defaults();
    try (LiveModel a = LiveModel.open(STATES, options);
        LiveModel b = LiveModel.open(STATES, options)) {
      ModelMerger merger = ModelMerger.of(a, b);
      merger.write(ModelMerger.Biases.MEAN, folder.resolve("sum"));
      List<String> summed = merger.layers().stream().map(layer -> layer.variable()).toList();
      try (LiveModel written = LiveModel.open(folder.resolve("sum"));
          VariableValues before = a.variables();
          VariableValues after = written.variables()) {
        assertEquals(before.byName().keySet(), after.byName().keySet());
        for (Map.Entry<String, Tensor> entry : before.byName().entrySet()) {
          if (!summed.contains(entry.getKey())) {
            assertArrayEquals(
                bytes(entry.getValue()),
                bytes(Objects.requireNonNull(after.byName().get(entry.getKey()))),
                entry.getKey());
          }
        }
      }
    }
  }

  @Test
  void aKernelOfIntegersIsRefused() {
    Path integers = StoredOutputs.MODELS.resolve("other_types");
    try (LiveModel a = LiveModel.open(integers);
        LiveModel b = LiveModel.open(integers)) {
      ModelMerger merger = ModelMerger.of(a, b);
      assertThrows(
          InvalidInputException.class, () -> merger.write(ModelMerger.Biases.MEAN, folder));
    }
  }

  private static byte[] bytes(Tensor tensor) {
    byte[] bytes = new byte[(int) tensor.numBytes()];
    tensor.asRawTensor().data().read(bytes);
    return bytes;
  }
}
