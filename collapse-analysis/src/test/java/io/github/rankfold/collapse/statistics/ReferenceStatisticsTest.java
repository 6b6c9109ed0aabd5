package io.github.rankfold.collapse.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.collapse.DigitsTanh;
import io.github.rankfold.collapse.DigitsTanh.Split;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every statistic of a trained network's features against NumPy in float64. */
class ReferenceStatisticsTest {
  private static final double RELATIVE = 1e-9;

  /**
   * NC1 by pinv divides by the smallest eigenvalue e_9 of S_B: a rounding of S_B, epsilon e_1, is a
   * relative error of epsilon e_1 / e_9 in it. NumPy took eigenvalues of S_B itself.
   */
  private static double nc1Slack(JsonNode expected) {
    JsonNode eigenvalues = expected.get("sb_unweighted_eigs_topKm1");
    double condition = eigenvalues.get(0).asDouble() / eigenvalues.get(8).asDouble();
    return Math.max(RELATIVE, 0x1p-52 * condition);
  }

  static Stream<Arguments> cases() {
    return DigitsTanh.FEATURES.stream()
        .flatMap(name -> Stream.of(Split.values()).map(split -> Arguments.of(name, split)));
  }

  private static WithinProjections projections(String features, Split split) {
    FeatureBatch batch = DigitsTanh.batch(features, split);
    int[] labels = DigitsTanh.labels(split);
    ClassMoments moments = new ClassMoments(batch.width(), DigitsTanh.CLASSES);
    moments.add(batch, labels);
    WithinProjections projections = new WithinProjections(moments.statistics());
    projections.add(batch, labels, DigitsTanh.predictions(split));
    return projections;
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void variationsAgree(String features, Split split) {
    JsonNode expected = DigitsTanh.expectedStatistics(features, split);
    ClusterStatistics statistics = projections(features, split).statistics();
    for (int k = 0; k < DigitsTanh.CLASSES; k++) {
      assertEquals(expected.get("n_per_class").get(k).asLong(), statistics.count(k));
      double v = expected.get("within_per_class").get(k).asDouble();
      assertEquals(v, statistics.variation(k), RELATIVE * v);
    }
    assertClose(expected, "tcv_total_within", statistics.tcv());
    assertClose(expected, "between_weighted", statistics.betweenVariation());
    assertClose(expected, "total_variation", statistics.totalVariation());
    assertClose(expected, "tcv_over_total", statistics.normalizedTcv());
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void collapseMetricsAgree(String features, Split split) {
    JsonNode expected = DigitsTanh.expectedStatistics(features, split);
    WithinProjections projections = projections(features, split);
    LayerCollapse collapse = LayerCollapse.of(projections);
    assertClose(expected, "nc1_quotient_unweighted", collapse.nc1Quotient().orElseThrow());
    Cdnv cdnv = Cdnv.of(projections.statistics()).orElseThrow();
    assertEquals(cdnv.mean(), collapse.cdnv().orElseThrow());
    assertClose(expected, "cdnv_mean", cdnv.mean());
    assertClose(expected, "cdnv_min", cdnv.min());
    assertClose(expected, "cdnv_max", cdnv.max());
    assertClose(expected, "nc2_equinorm_cv_means", collapse.nc2Equinorm().orElseThrow());
    assertClose(expected, "nc2_maxangle_means", collapse.nc2Equiangularity().orElseThrow());
    assertClose(expected, "nc4_ncc_mismatch_vs_network", collapse.nc4Mismatch().orElseThrow());
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void nc1ByPinvAgrees(String features, Split split) {
    JsonNode expected = DigitsTanh.expectedStatistics(features, split);
    WithinProjections projections = projections(features, split);
    assertEquals(9, projections.dimension(), "K - 1 eigenpairs, none numerically zero");
    JsonNode eigenvalues = expected.get("sb_unweighted_eigs_topKm1");
    for (int j = 0; j < 9; j++) {
      double e = eigenvalues.get(j).asDouble();
      double slack = 4 * 0x1p-52 * eigenvalues.get(0).asDouble() + RELATIVE * e;
      assertEquals(e, projections.between(j), slack);
    }
    double nc1 = expected.get("nc1_unweighted_topKm1").asDouble();
    assertEquals(nc1, CollapseMetrics.nc1Pinv(projections).orElseThrow(), nc1Slack(expected) * nc1);
  }

  @ParameterizedTest
  @EnumSource(Split.class)
  void classifierMeasuresAgree(Split split) {
    JsonNode expected = DigitsTanh.expectedStatistics("h4", split);
    ClusterStatistics statistics = projections("h4", split).statistics();
    assertClose(
        expected,
        "nc3_self_duality_fro",
        CollapseMetrics.nc3SelfDuality(statistics, DigitsTanh.kernel(4)).orElseThrow());
    assertClose(
        expected,
        "nc2_equinorm_cv_W",
        CollapseMetrics.classifierEquinorm(DigitsTanh.kernel(4)).orElseThrow());
  }

  private static void assertClose(JsonNode expected, String name, double actual) {
    double value = expected.get(name).asDouble();
    assertEquals(value, actual, RELATIVE * value, name);
  }
}
