package io.github.rankfold.models.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.layers.SkippedKernel;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left alone is listed with the reason that it really has. */
class SkippedKernelsTest {
  @Test
  void rowsThatAVocabularyTableLooksUpAreFound() {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("lookup_table"))) {
      assertEquals(
          List.of(LayerKind.EMBEDDING, LayerKind.DENSE),
          model.layers().stream().map(Layer::kind).toList());
      assertEquals(List.of(), model.skipped());
    }
  }

  /** A table that lookups and a product share, the latter as a list; a kernel [1, m, n]. */
  @Test
  void oneMatrixForTheWholeBatchIsALayer() {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("language_model"))) {
      assertEquals(
          List.of("table 60x24 in 2", "hidden 24x48 in 1", "back 48x24 in 1", "mask 24x30 in 1"),
          model.layers().stream()
              .map(
                  layer ->
                      "%s %dx%d in %d"
                          .formatted(layer.name(), layer.rows(), layer.cols(), layer.uses().size()))
              .toList());
      assertEquals(List.of(), model.skipped(), "a bias [1, n] is no kernel");
    }
  }

  /** Masks, limits of fake quantization, norms and updates of low rank go with their kernel. */
  @Test
  void kernelsThatAreComputedFromSeveralVariablesAreFound() {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("computed_kernels"))) {
      assertEquals(
          List.of("filters", "masked", "direction", "adapted"),
          model.layers().stream().map(Layer::name).toList());
      for (Layer layer : model.layers()) {
        assertEquals(2, layer.uses().size(), "one use in each signature of " + layer.name());
      }
      assertEquals(List.of("tile"), model.skipped().stream().map(SkippedKernel::name).toList());
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "branches | choose | k0, k1, k2, k3 | it goes into a branch of a condition",
        "compiled | serving_default | inside | it goes into a function that XLA compiles",
        "calls_in_loops | serving_default | limit | the loop's condition uses it",
        "calls_in_loops | serving_default | inner_kernel | it goes into a loop in the loop",
        "masked_lstm | serving_default | lstm/lstm_cell | the loop cuts it into parts",
        "tf1_loop | serving_default | kernel | it goes into a loop of TensorFlow 1",
        "other_types | serving_default | spectral | its product is of type complex64",
        "other_types | serving_default | integers | its product is of type int32",
        "computed_kernels | chances | tile | it has more values than any weight that it is computed"
            + " from"
      })
  void everyReasonIsTheModelsOwn(String name, String signature, String kernels, String because) {
    ModelOptions options = ModelOptions.defaults().withSignature(signature);
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name), options)) {
      TreeMap<String, String> reasons =
          model.skipped().stream()
              .collect(
                  Collectors.toMap(
                      SkippedKernel::name, SkippedKernel::because, (a, b) -> a, TreeMap::new));
      for (String kernel : List.of(kernels.split(", ", -1))) {
        assertEquals(because, reasons.get(kernel), () -> kernel + " in " + reasons);
      }
    }
  }
}
