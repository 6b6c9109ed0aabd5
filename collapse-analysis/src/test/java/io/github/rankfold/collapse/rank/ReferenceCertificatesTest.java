package io.github.rankfold.collapse.rank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.collapse.DigitsTanh;
import io.github.rankfold.collapse.DigitsTanh.Split;
import io.github.rankfold.collapse.SmallNet;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.collapse.statistics.KMeans;
import java.util.List;
import java.util.Optional;
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

  /** docs/certificates.md: by half as many clusters as classes, 2.5 times at the most. */
  @ParameterizedTest(name = "layer {0}")
  @ValueSource(ints = {0, 1, 2, 3})
  void theBestBoundIsWithinThreeTimesTheDistance(int layer) {
    SmallNet.Layer at = LAYERS.get(layer);
    Matrix centroids = KMeans.centroids(at.z(), DigitsTanh.CLASSES / 2, 1);
    int[] clusters = nearest(at.z(), centroids);
    FeatureBatch z = batch(at.z());
    FeatureBatch delta = batch(at.delta());
    CertificateMoments moments = new CertificateMoments(z.width(), delta.width(), centroids.rows());
    moments.add(z, delta, clusters);
    CertifiedKernel kernel =
        CertifiedKernel.of(
            "W" + layer, at.kernel(), at.dataGradient(), DigitsTanh.LAMBDA, Precision.FLOAT64);
    RankCertificate found =
        RankCertificate.of(
            kernel, "kmeans", DigitsTanh.CLASSES, moments.moments(), Optional.empty());
    double distance = certificate(layer).measuredDistance();
    assertEquals(distance, found.classesDistance(), RELATIVE * distance);
    assertTrue(found.classesBound() >= distance * (1 - RELATIVE), found::toString);
    assertTrue(
        found.classesBound() <= 3 * distance,
        "%s times the distance".formatted(found.classesBound() / distance));
  }

  private static int[] nearest(Matrix rows, Matrix centroids) {
    int[] nearest = new int[rows.rows()];
    for (int i = 0; i < nearest.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (int c = 0; c < centroids.rows(); c++) {
        double squares = 0;
        for (int j = 0; j < rows.cols(); j++) {
          double difference = rows.get(i, j) - centroids.get(c, j);
          squares += difference * difference;
        }
        if (squares < least) {
          least = squares;
          nearest[i] = c;
        }
      }
    }
    return nearest;
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
