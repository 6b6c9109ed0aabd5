package io.github.rankfold.compression.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.rankfold.compression.LinearNetworks;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.network.Activation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RectifiedProductsTest {
  @TempDir Path temporary;

  private static List<String> found(LiveModel model) {
    RectifiedProducts rectified = new RectifiedProducts(model);
    return model.layers().stream()
        .filter(
            layer ->
                !model.calledUses(layer).isEmpty()
                    && model.calledUses(layer).stream()
                        .allMatch(use -> rectified.of(use).isPresent()))
        .map(Layer::name)
        .toList();
  }

  @ParameterizedTest(name = "{0}, bias: {1}")
  @CsvSource({"RELU, true", "RELU, false", "TANH, true", "LINEAR, false"})
  void allButTheLastLayerOfAReluNetwork(Activation activation, boolean bias) throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), activation, bias, 1);
    try (LiveModel model = LiveModel.open(folder)) {
      List<String> names = model.layers().stream().map(Layer::name).toList();
      assertEquals(
          activation == Activation.RELU ? names.subList(0, names.size() - 1) : List.of(),
          found(model));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fused_batch_norm | first second",
        "cnn | conv2d conv2d_1 conv2d_3 dense_3",
        "mlp | sequential/dense sequential/dense_1",
        "conv1d | conv1d",
        "several_inputs | dense",
        "trf | ",
        "training | kernel",
        "channels_first | first"
      })
  void ofRealModels(String name, String layers) {
    ModelOptions options = StoredOutputs.options("serving_default");
    boolean several = name.equals("several_inputs");
    try (LiveModel model =
        LiveModel.open(
            StoredOutputs.MODELS.resolve(name),
            several ? options.withOutput("classes") : options)) {
      assertEquals(layers == null ? "" : layers, String.join(" ", found(model)));
    }
  }
}
