package io.github.rankfold.collapse.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.collapse.DigitsTanh;
import io.github.rankfold.collapse.DigitsTanh.Split;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import io.github.rankfold.collapse.statistics.LayerCollapse;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Features and gradients streamed from a SavedModel's graph, against NumPy and plain Java. */
class CollapseAnalysisTest {
  private static final Path FIXTURES = Path.of(System.getProperty("rankfold.fixtures"));
  private static final Path DOUBLE = FIXTURES.resolve("digits-tanh/savedmodel_f64");
  private static final Path SINGLE = FIXTURES.resolve("digits-tanh/savedmodel_f32");
  private static final int CLASSIFIER = 4;
  private static final double RELATIVE = 1e-6;

  /**
   * Bounds carry the rounding of G and lambda W, each about epsilon ||W||: what is not above it was
   * noise to NumPy too.
   */
  private static final double ROUNDING = 1e-12;

  private static final Map<Split, CollapseAnalysis> ANALYSES = new EnumMap<>(Split.class);

  @TempDir Path temporary;

  @BeforeAll
  static void analyze() {
    for (Split split : Split.values()) {
      try (LiveModel model = LiveModel.open(DOUBLE)) {
        ANALYSES.put(
            split,
            CollapseAnalysis.of(model, digits(split), Penalties.everywhere(DigitsTanh.LAMBDA)));
      }
    }
  }

  private static LabeledData digits(Split split) {
    return split == Split.TRAIN ? Digits.load().train() : Digits.load().test().orElseThrow();
  }

  static Stream<Arguments> places() {
    return IntStream.range(0, DigitsTanh.FEATURES.size())
        .boxed()
        .flatMap(place -> Stream.of(Split.values()).map(split -> Arguments.of(place, split)));
  }

  private static LayerReport report(int place, Split split) {
    return Objects.requireNonNull(ANALYSES.get(split)).layers().get(place);
  }

  @Test
  void layersComeInTheOrderOfTheDataAndTheOutputLast() {
    assertEquals(
        List.of("dense_0", "dense_1", "dense_2", "dense_3", "logits", "output"),
        Objects.requireNonNull(ANALYSES.get(Split.TRAIN)).layers().stream()
            .map(LayerReport::layer)
            .toList());
  }

  @ParameterizedTest(name = "place {0}, {1}")
  @MethodSource("places")
  void collapseAgreesWithNumpy(int place, Split split) {
    JsonNode expected = DigitsTanh.expectedStatistics(DigitsTanh.FEATURES.get(place), split);
    LayerCollapse actual = report(place, split).collapse();
    ClusterStatistics statistics = report(place, split).statistics();
    for (int k = 0; k < DigitsTanh.CLASSES; k++) {
      assertEquals(expected.get("n_per_class").get(k).asLong(), statistics.count(k));
    }
    assertEquals(digits(split).size(), actual.samples());
    assertClose(expected, "tcv_total_within", actual.tcv());
    assertClose(expected, "tcv_over_total", actual.normalizedTcv());
    assertClose(expected, "between_weighted", statistics.betweenVariation());
    assertClose(expected, "total_variation", statistics.totalVariation());
    assertClose(expected, "nc1_quotient_unweighted", actual.nc1Quotient().orElseThrow());
    assertClose(expected, "cdnv_mean", actual.cdnv().orElseThrow());
    assertClose(expected, "nc2_equinorm_cv_means", actual.nc2Equinorm().orElseThrow());
    assertClose(expected, "nc2_maxangle_means", actual.nc2Equiangularity().orElseThrow());
    assertClose(expected, "nc4_ncc_mismatch_vs_network", actual.nc4Mismatch().orElseThrow());
    double nc1 = expected.get("nc1_unweighted_topKm1").asDouble();
    assertEquals(nc1, actual.nc1Pinv().orElseThrow(), nc1Slack(expected) * nc1);
  }

  /**
   * NC1 divides by the least eigenvalue of S_B, which carries the rounding of the features times
   * the condition of S_B; the two graphs round differently.
   */
  private static double nc1Slack(JsonNode expected) {
    JsonNode eigenvalues = expected.get("sb_unweighted_eigs_topKm1");
    double condition = eigenvalues.get(0).asDouble() / eigenvalues.get(8).asDouble();
    return Math.max(RELATIVE, 0x1p-50 * condition);
  }

  @ParameterizedTest(name = "place {0}, {1}")
  @MethodSource("places")
  void selfDualityIsOfTheClassifierAlone(int place, Split split) {
    LayerCollapse actual = report(place, split).collapse();
    if (place == CLASSIFIER) {
      assertClose(
          DigitsTanh.expectedStatistics("h4", split),
          "nc3_self_duality_fro",
          actual.nc3SelfDuality().orElseThrow());
    } else {
      assertTrue(actual.nc3SelfDuality().isEmpty());
    }
  }

  @ParameterizedTest(name = "layer {0}")
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void certificatesByTheGraphsGradientsAgreeWithNumpy(int layer) {
    JsonNode expected = DigitsTanh.json("certificates.json").get(layer);
    RankCertificate actual = report(layer, Split.TRAIN).certificate().orElseThrow();
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
  }

  /** The measured distances are 1.33, .0072, .0012 and .020; the projected bounds reach 14.7. */
  @Test
  void theBestBoundIsWithinThreeTimesTheDistanceAtEveryHiddenLayer() {
    try (LiveModel model = LiveModel.open(DOUBLE)) {
      CollapseAnalysis analysis =
          CollapseAnalysis.of(
              model,
              digits(Split.TRAIN),
              Penalties.everywhere(DigitsTanh.LAMBDA),
              AnalysisOptions.full(DigitsTanh.CLASSES),
              share -> {});
      for (int layer = 0; layer < CLASSIFIER; layer++) {
        List<RankCertificate> certificates = analysis.layers().get(layer).certificates();
        double distance = certificates.get(0).classesDistance();
        double best =
            certificates.stream().mapToDouble(RankCertificate::classesBound).min().orElseThrow();
        assertTrue(distance <= best, () -> "a bound below the distance " + distance);
        assertTrue(best <= 3 * distance, () -> "best " + best + ", distance " + distance);
      }
    }
  }

  @Test
  void theOutputHasNoCertificate() {
    assertTrue(report(5, Split.TRAIN).certificate().isEmpty());
  }

  @Test
  void boundsHoldOnDataThatTheModelWasNotTrainedOn() {
    for (int layer = 0; layer < CLASSIFIER; layer++) {
      RankCertificate c = report(layer, Split.TEST).certificate().orElseThrow();
      assertTrue(c.measuredDistance() <= c.projectedBound(), c::layer);
      assertTrue(c.projectedBound() <= c.exactBound(), c::layer);
      assertTrue(c.exactBound() <= c.tcvBound(), c::layer);
    }
  }

  /** Float features and gradients: relative 2^-23 each, and G cancels against lambda W. */
  @Test
  void singlePrecisionAgreesToItsOwnAccuracy() {
    try (LiveModel model = LiveModel.open(SINGLE)) {
      CollapseAnalysis single =
          CollapseAnalysis.of(model, digits(Split.TRAIN), Penalties.everywhere(DigitsTanh.LAMBDA));
      for (int place = 0; place <= CLASSIFIER; place++) {
        LayerReport expected = report(place, Split.TRAIN);
        LayerReport actual = single.layers().get(place);
        assertRelative(expected.collapse().tcv(), actual.collapse().tcv(), 1e-4);
        assertRelative(
            expected.collapse().cdnv().orElseThrow(), actual.collapse().cdnv().orElseThrow(), 1e-3);
        RankCertificate wanted = expected.certificate().orElseThrow();
        RankCertificate found = actual.certificate().orElseThrow();
        assertRelative(wanted.exactBound(), found.exactBound(), 1e-3);
        assertRelative(wanted.tcvBound(), found.tcvBound(), 1e-3);
        assertEquals(wanted.measuredDistance(), found.measuredDistance(), 1e-4);
        // The gradient is not 0 in single precision: epsilon ||G|| / lambda.
        assertTrue(found.stationarity() < 1e-2, () -> "stationarity " + found.stationarity());
        assertEquals(wanted.projectedBound(), found.projectedBound(), 1e-2);
      }
    }
  }

  /** Gradients are nodes that the first analysis adds to the model's graph. */
  @Test
  void aModelThatIsAnalysedAgainGivesTheSame() {
    try (LiveModel model = LiveModel.open(DOUBLE)) {
      Penalties penalties = Penalties.everywhere(DigitsTanh.LAMBDA);
      CollapseAnalysis first = CollapseAnalysis.of(model, digits(Split.TEST), penalties);
      CollapseAnalysis second = CollapseAnalysis.of(model, digits(Split.TEST), penalties);
      assertFalse(first.certificatesTable().rows().isEmpty(), "no certificates");
      for (int i = 0; i <= CLASSIFIER; i++) { // the output has none
        RankCertificate once = first.layers().get(i).certificate().orElseThrow();
        RankCertificate again = second.layers().get(i).certificate().orElseThrow();
        assertRelative(once.exactBound(), again.exactBound(), 1e-9);
        assertRelative(once.projectedBound(), again.projectedBound(), 1e-9);
        assertEquals(once.measuredDistance(), again.measuredDistance());
      }
    }
  }

  @Test
  void withoutPenaltyThereAreNoCertificates() {
    try (LiveModel model = LiveModel.open(DOUBLE)) {
      CollapseAnalysis analysis = CollapseAnalysis.of(model, digits(Split.TEST), Penalties.none());
      assertTrue(analysis.layers().stream().allMatch(l -> l.certificate().isEmpty()));
      assertTrue(analysis.certificatesTable().rows().isEmpty());
      assertEquals(6, analysis.collapseTable(OptionalInt.of(7)).rows().size());
      assertEquals("7", analysis.collapseTable(OptionalInt.of(7)).rows().get(0).get(0));
    }
  }

  @Test
  void penaltiesOfTheManifestDecideWhichKernelsAreCertified() throws IOException {
    NetworkSpec spec = NetworkSpec.mlp(64, 12, 10);
    NetworkExport.write(spec, NetworkWeights.initial(spec, 3), temporary.resolve("saved_model"));
    new Manifest(
            "training", Instant.EPOCH, Optional.empty(), Map.of(), Map.of("dense_1/kernel", 0.25))
        .write(temporary);
    try (LiveModel model = LiveModel.open(temporary)) {
      Penalties penalties = Penalties.of(Manifest.penalties(model.files()).orElseThrow());
      CollapseAnalysis analysis = CollapseAnalysis.of(model, digits(Split.TEST), penalties);
      assertEquals(0.25, analysis.layers().get(0).certificate().orElseThrow().lambda());
      assertTrue(analysis.layers().get(1).certificate().isEmpty());
    }
  }

  @Test
  void everyPositionOfASampleIsARowOfItsKernel() throws IOException {
    PositionsModel net = new PositionsModel(5);
    LabeledData data = PositionsModel.data(2100, 6); // more than two batches
    net.write(temporary);
    try (LiveModel model = LiveModel.open(temporary)) {
      CollapseAnalysis analysis =
          CollapseAnalysis.of(model, data, Penalties.everywhere(PositionsModel.LAMBDA));
      assertEquals(
          List.of("flattened 12", "position_mean 4", "vector 15", "vector 2"),
          analysis.layers().stream()
              .map(report -> report.features() + " " + report.collapse().width())
              .toList());
      List<RankCertificate> expected = net.certificates(data);
      for (int layer = 0; layer < 2; layer++) {
        RankCertificate wanted = expected.get(layer);
        RankCertificate found = analysis.layers().get(2 * layer).certificate().orElseThrow();
        assertEquals(wanted.layer(), found.layer());
        assertRelative(wanted.measuredDistance(), found.measuredDistance(), 1e-9);
        assertRelative(wanted.exactBound(), found.exactBound(), 1e-9);
        assertRelative(wanted.tcvBound(), found.tcvBound(), 1e-9);
        assertRelative(wanted.projectedBound(), found.projectedBound(), 1e-9);
        assertRelative(
            wanted.projectedTcvBound().orElseThrow(),
            found.projectedTcvBound().orElseThrow(),
            1e-9);
        assertRelative(wanted.stationarity(), found.stationarity(), 1e-9);
      }
    }
  }

  @Test
  void progressGoesFromNothingToNearlyAll() throws IOException {
    new PositionsModel(5).write(temporary);
    List<Double> shares = Collections.synchronizedList(new ArrayList<>());
    try (LiveModel model = LiveModel.open(temporary)) {
      CollapseAnalysis.of(model, PositionsModel.data(2100, 6), Penalties.none(), shares::add);
    }
    assertEquals(shares.stream().sorted().toList(), shares);
    assertEquals(6, shares.size(), "three batches, two passes");
    assertTrue(shares.stream().allMatch(share -> share >= 0 && share <= 1));
  }

  @Test
  void oneClassIsRefused() {
    LabeledData sevens =
        digits(Split.TEST).select(samplesWith(digits(Split.TEST), label -> label == 7));
    assertRefused(
        "%s: expected samples of at least two classes, found only class 7".formatted(sevens.name()),
        DOUBLE,
        sevens);
  }

  private static CollapseAnalysis penalized(LabeledData data) {
    try (LiveModel model = LiveModel.open(DOUBLE)) {
      return CollapseAnalysis.of(model, data, Penalties.everywhere(DigitsTanh.LAMBDA));
    }
  }

  /** The samples of these classes, which are numbered anew in their order. */
  private static LabeledData renumbered(LabeledData data, List<Integer> classes) {
    LabeledData some = data.select(samplesWith(data, classes::contains));
    int[] labels =
        IntStream.range(0, some.size()).map(i -> classes.indexOf(some.label(i))).toArray();
    return new LabeledData(
        "some",
        some.features(),
        some.featureShape(),
        labels,
        classes.stream().map(String::valueOf).toList());
  }

  @Test
  void lastClassesWithoutSamplesAreAsIfTheyWereNotNamed() {
    LabeledData test = digits(Split.TEST);
    CollapseAnalysis absent = penalized(test.select(samplesWith(test, label -> label < 8)));
    CollapseAnalysis unnamed = penalized(renumbered(test, List.of(0, 1, 2, 3, 4, 5, 6, 7)));
    assertEquals(
        unnamed.collapseTable(OptionalInt.empty()).rows(),
        absent.collapseTable(OptionalInt.empty()).rows());
    assertEquals(unnamed.certificatesTable().rows(), absent.certificatesTable().rows());
    assertEquals(unnamed.classAccuracies(), absent.classAccuracies());
    assertEquals(unnamed.classNames(), absent.classNames());
    assertTrue(
        absent
            .notes()
            .contains(
                new AnalysisNote(
                    "",
                    "class 8, 9",
                    "no samples: all that is measured is of the other 8 classes")),
        absent.notes().toString());
    assertTrue(
        absent
            .notes()
            .contains(
                new AnalysisNote("logits", "nc3_self_duality", "it has 10 outputs for 8 classes")),
        absent.notes().toString());
  }

  @Test
  void aClassWithoutSamplesLeavesTheOthersTheirOutputs() {
    LabeledData test = digits(Split.TEST);
    List<Integer> others = List.of(0, 1, 2, 4, 5, 6, 7, 8, 9);
    CollapseAnalysis all = Objects.requireNonNull(ANALYSES.get(Split.TEST));
    CollapseAnalysis some = penalized(test.select(samplesWith(test, label -> label != 3)));
    assertEquals(others.stream().map(all.classAccuracies()::get).toList(), some.classAccuracies());
    assertEquals(others.stream().map(String::valueOf).toList(), some.classNames());
    CollapseAnalysis renumbered = penalized(renumbered(test, others));
    for (int place = 0; place < some.layers().size(); place++) {
      LayerCollapse expected = renumbered.layers().get(place).collapse();
      LayerCollapse found = some.layers().get(place).collapse();
      assertEquals(9, found.classes());
      assertEquals(expected.tcv(), found.tcv());
      assertEquals(expected.nc1Pinv(), found.nc1Pinv());
      assertEquals(expected.cdnv(), found.cdnv());
      // Predictions go by the model's outputs, not by the new numbers.
      assertTrue(
          found.nc4Mismatch().orElseThrow() < 0.1 && expected.nc4Mismatch().orElseThrow() > 0.5,
          found.nc4Mismatch() + " and " + expected.nc4Mismatch());
    }
    // So do the gradients: by the labels of others most predictions are wrong.
    assertTrue(
        some.predictionGradient().orElseThrow()
            < 0.1 * renumbered.predictionGradient().orElseThrow());
  }

  @Test
  void samplesOfAnotherWidthAreRefused() {
    LabeledData narrow =
        new LabeledData(
            "narrow",
            Features.ofFloats(new float[4 * 60], 60),
            List.of(60),
            new int[] {0, 1, 0, 1},
            List.of("a", "b"));
    assertRefused(
        DOUBLE + ": input x: expected samples of shape [64], found narrow of shape [60]",
        DOUBLE,
        narrow);
  }

  @Test
  void moreClassesThanOutputsAreRefused() throws IOException {
    NetworkSpec spec = NetworkSpec.mlp(64, 4, 3);
    NetworkExport.write(spec, NetworkWeights.initial(spec, 3), temporary);
    assertRefused(
        temporary + ": expected an output for each of the 10 classes of digits?split=test, found 3",
        temporary,
        digits(Split.TEST));
  }

  @Test
  void aModelOfSeveralOutputsIsRefusedWithTheirNames() {
    Path ein = FIXTURES.resolve("saved-models/ein");
    assertRefused(
        ein
            + ": signature serving_default: expected one output, or --output-key KEY, found outputs"
            + " g, h, h2, l, q, r",
        ein,
        digits(Split.TEST));
  }

  private static int[] samplesWith(LabeledData data, IntPredicate wanted) {
    return IntStream.range(0, data.size()).filter(i -> wanted.test(data.label(i))).toArray();
  }

  private static void assertRefused(String message, Path model, LabeledData data) {
    assertEquals(message, refusal(model, data));
  }

  private static String refusal(Path path, LabeledData data) {
    try (LiveModel model = LiveModel.open(path)) {
      return String.valueOf(
          assertThrows(
                  InvalidInputException.class,
                  () -> CollapseAnalysis.of(model, data, Penalties.everywhere(1e-3)))
              .getMessage());
    }
  }

  private static void assertClose(JsonNode expected, String name, double actual) {
    double value = expected.get(name).asDouble();
    assertEquals(value, actual, RELATIVE * value + ROUNDING, name);
  }

  private static void assertRelative(double expected, double actual, double relative) {
    assertEquals(expected, actual, relative * Math.abs(expected));
  }
}
