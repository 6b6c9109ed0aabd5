package io.github.rankfold.collapse.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.collapse.statistics.LayerCollapse;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Convolutions, attention projections and kernels that all positions share, against NumPy: {@code
 * src/test/resources/positions/make_reference.py} made models, data and values.
 */
class PositionsReferenceTest {
  private static final double RELATIVE = 1e-6;

  private static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(PositionsReferenceTest.class.getResource("/positions/" + name))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode reference(String name) throws IOException {
    try (InputStream in =
        PositionsReferenceTest.class.getResourceAsStream("/positions/" + name + ".json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static LabeledData data(String name) {
    return DataSource.open("npz:" + resource(name + ".npz")).primary();
  }

  @ParameterizedTest
  @ValueSource(strings = {"maps", "sequence"})
  void metricsAndCertificatesAgreeWithNumpy(String network) throws IOException {
    JsonNode expected = reference(network);
    double lambda = expected.get("lambda").asDouble();
    try (LiveModel model = LiveModel.open(resource(network))) {
      CollapseAnalysis analysis =
          CollapseAnalysis.of(model, data(network), Penalties.everywhere(lambda));
      List<String> wanted = new ArrayList<>();
      List<String> found = new ArrayList<>();
      for (Map.Entry<String, JsonNode> layer : expected.get("layers").properties()) {
        for (Map.Entry<String, JsonNode> view : layer.getValue().get("collapse").properties()) {
          wanted.add(layer.getKey() + " " + view.getKey());
        }
      }
      for (LayerReport report : analysis.layers()) {
        if (!report.layer().equals(CollapseAnalysis.OUTPUT)) {
          String name = layerOf(report);
          found.add(name + " " + report.features());
          JsonNode layer = expected.get("layers").get(name);
          assertCollapse(layer.get("collapse").get(report.features()), report);
          report.certificate().ifPresent(c -> assertCertificate(layer.get("certificate"), c));
        }
      }
      assertEquals(wanted.stream().sorted().toList(), found.stream().sorted().toList());
      assertEquals(
          expected.get("layers").size(),
          analysis.layers().stream().filter(report -> report.certificate().isPresent()).count(),
          () -> "a certificate for each kernel, but " + analysis.notes());
    }
  }

  /** The exporter puts the network's name before the layer's. */
  private static String layerOf(LayerReport report) {
    return report.layer().substring(report.layer().lastIndexOf('/') + 1);
  }

  private static void assertCollapse(JsonNode expected, LayerReport report) {
    LayerCollapse actual = report.collapse();
    String at = report.layer() + " " + report.features();
    assertEquals(expected.get("width").asInt(), actual.width(), at);
    assertClose(expected, "tcv", actual.tcv(), at);
    assertClose(expected, "normalized_tcv", actual.normalizedTcv(), at);
    assertClose(expected, "nc1_pinv", actual.nc1Pinv(), at);
    assertClose(expected, "nc1_quotient", actual.nc1Quotient(), at);
    assertClose(expected, "cdnv", actual.cdnv(), at);
    assertClose(expected, "nc2_equinorm", actual.nc2Equinorm(), at);
    assertClose(expected, "nc2_equiangularity", actual.nc2Equiangularity(), at);
    assertClose(expected, "nc4_mismatch", actual.nc4Mismatch(), at);
    for (int k = 0; k < actual.classes(); k++) {
      double variation = expected.get("class_variation").get(k).asDouble();
      assertEquals(variation, report.statistics().variation(k), RELATIVE * variation, at);
    }
  }

  private static void assertCertificate(JsonNode expected, RankCertificate actual) {
    String at = actual.layer();
    assertEquals(expected.get("rows").asInt(), actual.kernelSpectrum().rows(), at);
    assertEquals(expected.get("cols").asInt(), actual.kernelSpectrum().cols(), at);
    assertClose(expected, "measured_distance", actual.measuredDistance(), at);
    assertClose(expected, "exact_bound", actual.exactBound(), at);
    assertClose(expected, "tcv_bound", actual.tcvBound(), at);
    assertClose(expected, "projected_bound", actual.projectedBound(), at);
    assertClose(expected, "projected_tcv_bound", actual.projectedTcvBound(), at);
    assertClose(expected, "stationarity", actual.stationarity(), at);
    assertClose(expected, "tcv_input", actual.tcvOfInputs(), at);
    assertClose(expected, "tcv_delta", actual.tcvOfGradients(), at);
    assertClose(expected, "spectral_bound_r0", actual.spectralBound(0), at);
    assertTrue(actual.measuredDistance() <= actual.twoSidedBound() * (1 + RELATIVE), at);
    assertTrue(actual.twoSidedBound() <= actual.projectedBound() * (1 + RELATIVE), at);
  }

  private static void assertClose(
      JsonNode expected, String name, OptionalDouble actual, String at) {
    assertClose(expected, name, actual.orElseThrow(), at);
  }

  private static void assertClose(JsonNode expected, String name, double actual, String at) {
    double value = expected.get(name).asDouble();
    assertEquals(value, actual, RELATIVE * value + 1e-12, at + ": " + name);
  }

  /** More partitions: every one of them is a theorem, too. */
  @ParameterizedTest
  @ValueSource(strings = {"maps", "sequence"})
  void boundsHoldByEveryPartition(String name) throws IOException {
    double lambda = reference(name).get("lambda").asDouble();
    AnalysisOptions options = new AnalysisOptions(List.of(1, 2, 5), List.of(2), false, 3);
    try (LiveModel model = LiveModel.open(resource(name))) {
      CollapseAnalysis analysis =
          CollapseAnalysis.of(
              model, data(name), Penalties.everywhere(lambda), options, share -> {});
      for (LayerReport report : analysis.layers()) {
        if (report.certificate().isPresent()) {
          assertEquals(
              List.of("labels", "kmeans", "kmeans", "kmeans", "kmeans_in_class"),
              report.certificates().stream().map(RankCertificate::partition).toList());
        }
        for (RankCertificate c : report.certificates()) {
          String at = c.layer() + " " + c.partition() + " " + c.clusters();
          double slack = 1e-10 * (c.kernelSpectrum().largest() + c.stationarity());
          assertTrue(c.measuredDistance() <= c.twoSidedBound() + slack, at);
          assertTrue(c.twoSidedBound() <= c.projectedBound() + slack, at);
          assertTrue(c.projectedBound() <= c.exactBound() + slack, at);
          assertTrue(c.exactBound() <= c.tcvBound() + slack, at);
          assertTrue(c.classesDistance() <= c.classesBound() + slack, at);
          for (int t = 0; t < c.kernelSpectrum().size(); t++) {
            assertTrue(c.kernelSpectrum().value(t) <= c.refinedSpectralBound(t) + slack, at);
          }
        }
      }
    }
  }
}
