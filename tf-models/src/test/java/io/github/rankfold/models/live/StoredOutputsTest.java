package io.github.rankfold.models.live;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StoredOutputsTest {
  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("io.github.rankfold.models.live.StoredOutputs#signatures")
  void flattenedModelGivesTheStoredOutputs(String model, String signature) {
    StoredOutputs.assertReproducedBy(StoredOutputs.MODELS.resolve(model), model, signature);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("io.github.rankfold.models.live.StoredOutputs#signatures")
  void rewrittenFilesGiveTheStoredOutputs(String model, String signature) throws IOException {
    Path copy = StoredOutputs.rewritten(model, signature, temporary);
    StoredOutputs.assertReproducedBy(copy, model, signature);
  }
}
