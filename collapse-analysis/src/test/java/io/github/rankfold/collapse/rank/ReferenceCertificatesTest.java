package io.github.rankfold.collapse.rank;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.collapse.DigitsTanh;
import io.github.rankfold.collapse.DigitsTanh.Split;
import io.github.rankfold.collapse.SmallNet;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates of a trained network, from its features, against NumPy. */
class ReferenceCertificatesTest {
  private static final double RELATIVE = 1e-6;

  /**
   * Bounds carry the rounding of G and lambda W, each about epsilon ||W||, and of the span of the
   * means: what is not above this was noise to NumPy too.
   */
  private static final double ROUNDING = 1e-12;

  private static final SmallNet NET =
      new SmallNet(
          IntStream.range(0, 5).mapToObj(DigitsTanh::kernel).toList(),
          IntStream.range(0, 5).mapToObj(l -> new SmallNet.Bias(DigitsTanh.bias(l))).toList(),
          SmallNet.Activation.TANH);

  private static final List<SmallNet.Layer> LAYERS =
      NET.layers(DigitsTanh.features("h0", Split.TRAIN), DigitsTanh.labels(Split.TRAIN));

  @ParameterizedTest(name = "layer {0}")
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void certificatesAgreeWithNumpy(int layer) {
    JsonNode expected = DigitsTanh.json("certificates.json").get(layer);
    RankCertificate actual = certificate(layer);
    assertEquals(expected.get("clusters").asInt(), actual.clusters());
    assertClose(expected, "measured_distance", actual.measuredDistance());
    assertClose(expected, "exact_bound", actual.exactBound());
    assertClose(expected, "tcv_bound", actual.tcvBound());
    assertClose(expected, "projected_bound", actual.projectedBound());
    assertClose(expected, "projected_tcv_bound", actual.projectedTcvBound().orElseThrow());
    assertClose(expected, "stationarity", actual.stationarity());
    assertClose(expected, "tcv_input", actual.tcvOfInputs());
    assertClose(expected, "tcv_delta", actual.tcvOfGradients());
    assertClose(expected, "sigma_K_plus_1", actual.singularValueAfter(0));
    assertClose(expected, "spectral_bound_r0", actual.spectralBound(0));
    assertEquals(expected.get("rank_of_class_means").get(0).asInt(), actual.rankOfInputMeans());
    assertEquals(expected.get("rank_of_class_means").get(1).asInt(), actual.rankOfGradientMeans());
    assertEquals(
        Math.sqrt(actual.tcvOfGradients() / actual.tcvOfInputs()),
        actual.tcvConstant().orElseThrow());
  }

  private static RankCertificate certificate(int layer) {
    SmallNet.Layer at = LAYERS.get(layer);
    FeatureBatch z = batch(at.z());
    FeatureBatch delta = batch(at.delta());
    int[] labels = DigitsTanh.labels(Split.TRAIN);
    CertificateMoments first = new CertificateMoments(z.width(), delta.width(), DigitsTanh.CLASSES);
    first.add(z, delta, labels);
    OutsideVariation second = new OutsideVariation(first.moments());
    second.add(z, delta, labels);
    return RankCertificate.of(
            "W" + layer, at.kernel(), at.dataGradient(), DigitsTanh.LAMBDA, second)
        .orElseThrow();
  }

  private static FeatureBatch batch(Matrix matrix) {
    return FeatureBatch.of(matrix.cols(), matrix.toDoubles());
  }

  private static void assertClose(JsonNode expected, String name, double actual) {
    double value = expected.get(name).asDouble();
    assertEquals(value, actual, RELATIVE * value + ROUNDING, name);
  }
}
