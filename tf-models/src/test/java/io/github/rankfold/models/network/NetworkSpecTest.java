package io.github.rankfold.models.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.models.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkSpecTest {
  @Test
  void namesLayersAndVariablesFromTheInputOn() {
    NetworkSpec spec = NetworkSpec.mlp(64, 100, 50, 10);
    assertEquals(
        List.of("dense_1", "dense_2", "classifier"),
        spec.layers().stream().map(DenseLayer::name).toList());
    assertEquals(
        "{dense_1/kernel=[64, 100], dense_1/bias=[100], dense_2/kernel=[100, 50],"
            + " dense_2/bias=[50], classifier/kernel=[50, 10], classifier/bias=[10]}",
        spec.variableShapes().toString());
    assertEquals(64 * 100 + 100 + 100 * 50 + 50 + 50 * 10 + 10, spec.parameters());
  }

  @Test
  void aResidualNetworkAddsOnlyWhereWidthsAgree() {
    NetworkSpec spec = NetworkSpec.parse("resmlp:64x2,32,32", 64, 32);
    assertEquals(
        List.of(true, true, false, true, false),
        spec.layers().stream().map(DenseLayer::residual).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlp:100,50",
        "mlp:64x3",
        "resmlp:64x4",
        "mlp:64x3:tanh:nobias",
        "mlp:64x3,10:gelu",
        "linear",
        "linear:nobias:he_normal",
        "resmlp:8:linear:he_uniform"
      })
  void readsBackWhatItWrites(String text) {
    NetworkSpec spec = NetworkSpec.parse(text, 20, 3);
    assertEquals(text, spec.text());
    assertEquals(spec, NetworkSpec.parse(spec.text(), 20, 3));
  }

  @Test
  void parsesWidthsAndOptions() {
    assertEquals(
        NetworkSpec.mlp(784, 64, 64, 64, 10)
            .withActivation(Activation.TANH)
            .withBias(false)
            .withInitializer(Initializer.HE_NORMAL),
        NetworkSpec.parse("mlp:64x3:tanh:nobias:he_normal", 784, 10));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mlp:0|expected a width > 0, found \"0\"",
        "mlp:64x0|expected a number of layers > 0, found \"64x0\"",
        "mlp:64xx3|expected a width such as 100 or 64x3, found \"64xx3\"",
        "mlp:|expected a width such as 100 or 64x3, found \"\"",
        "mlp|expected widths such as mlp:64x3 or mlp:100,50, found \"mlp\"",
        "cnn:3|expected mlp:WIDTHS, resmlp:WIDTHS or linear, found \"cnn\"",
        "mlp:3:swish|expected an activation (relu, tanh, gelu, linear), nobias or an initializer"
            + " (glorot_uniform, glorot_normal, he_uniform, he_normal), found \"swish\""
      })
  void saysWhatIsWrongWithAText(String text, String message) {
    InvalidInputException refused =
        assertThrows(InvalidInputException.class, () -> NetworkSpec.parse(text, 4, 2));
    assertEquals("network \"" + text + "\": " + message, refused.getMessage());
  }

  @Test
  void refusesEmptyWidths() {
    assertEquals(
        "hidden layer 2: width must be > 0, was 0",
        assertThrows(IllegalArgumentException.class, () -> NetworkSpec.mlp(4, 3, 0, 2))
            .getMessage());
    assertEquals(
        "input width must be > 0, was 0",
        assertThrows(IllegalArgumentException.class, () -> NetworkSpec.mlp(0, 3, 2)).getMessage());
    assertEquals(
        "classes must be >= 2, was 1",
        assertThrows(IllegalArgumentException.class, () -> NetworkSpec.mlp(4, 3, 1)).getMessage());
  }
}
