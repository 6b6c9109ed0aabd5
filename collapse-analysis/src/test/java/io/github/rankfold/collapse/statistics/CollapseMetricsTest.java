package io.github.rankfold.collapse.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.SmallNet;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases that can be checked by hand, and the definitions taken literally. */
class CollapseMetricsTest {
  private static final double SLACK = 1e-14;

  private static WithinProjections projections(
      int width, int classes, double[] values, int[] labels) {
    FeatureBatch batch = FeatureBatch.of(width, values);
    ClassMoments moments = new ClassMoments(width, classes);
    moments.add(batch, labels);
    WithinProjections projections = new WithinProjections(moments.statistics());
    projections.add(batch, labels, labels);
    return projections;
  }

  /** Unit vectors e_1..e_K, twice each: centred, they are a simplex equiangular tight frame. */
  private static WithinProjections simplex(int classes) {
    double[] values = new double[2 * classes * classes];
    int[] labels = new int[2 * classes];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % classes;
      values[i * classes + labels[i]] = 1;
    }
    return projections(classes, classes, values, labels);
  }

  @ParameterizedTest(name = "{0} classes")
  @ValueSource(ints = {2, 3, 10, 50})
  void collapsedSimplexMeasuresZero(int classes) {
    WithinProjections projections = simplex(classes);
    LayerCollapse collapse =
        LayerCollapse.of(projections)
            .withClassifier(
                projections.statistics(), projections.statistics().centredMeans().transpose());
    assertEquals(classes - 1, projections.dimension());
    assertEquals(0, collapse.tcv());
    assertEquals(0, collapse.normalizedTcv());
    assertEquals(0, collapse.nc1Pinv().orElseThrow(), SLACK);
    assertEquals(0, collapse.nc1Quotient().orElseThrow());
    assertEquals(0, collapse.cdnv().orElseThrow());
    assertEquals(0, collapse.nc2Equinorm().orElseThrow(), SLACK);
    assertEquals(0, collapse.nc2Equiangularity().orElseThrow(), SLACK);
    assertEquals(0, collapse.nc3SelfDuality().orElseThrow(), SLACK);
    assertEquals(0, collapse.nc4Mismatch().orElseThrow());
  }

  /** Two classes on a line: {-2, 0} and {3, 5}, so mu = -1, 4, v = 1, 1, TCV = 1, tr S_B = 6.25. */
  @Test
  void twoClassesOnALine() {
    WithinProjections projections =
        projections(1, 2, new double[] {-2, 0, 3, 5}, new int[] {0, 0, 1, 1});
    LayerCollapse collapse = LayerCollapse.of(projections);
    assertEquals(1, collapse.tcv(), SLACK);
    assertEquals(1 / 7.25, collapse.normalizedTcv(), SLACK);
    assertEquals(1 / 6.25, collapse.nc1Quotient().orElseThrow(), SLACK);
    assertEquals(1 / 6.25 / 2, collapse.nc1Pinv().orElseThrow(), SLACK, "divided by K");
    assertEquals(2 / (2 * 25.0), collapse.cdnv().orElseThrow(), SLACK);
    assertEquals(0, collapse.nc2Equinorm().orElseThrow(), SLACK);
    assertEquals(0, collapse.nc2Equiangularity().orElseThrow(), SLACK, "opposite, as K = 2 wants");
  }

  @Test
  void nearestMeanIsCountedAgainstThePrediction() {
    FeatureBatch batch = FeatureBatch.of(1, new double[] {0, 0, 9, 10, 10, 1});
    int[] labels = {0, 0, 0, 1, 1, 1}; // means 3 and 7: the nearest classes are 0 0 1 1 1 0
    ClassMoments moments = new ClassMoments(1, 2);
    moments.add(batch, labels);
    WithinProjections projections = new WithinProjections(moments.statistics());
    projections.add(batch, labels, new int[] {0, 1, 1, 1, 0, 0});
    assertEquals(2.0 / 6, CollapseMetrics.nc4Mismatch(projections).orElseThrow(), SLACK);
    assertEquals(2, projections.mismatches());
  }

  @ParameterizedTest(name = "value {0}, {1} classes")
  @CsvSource({"0, 3", "0.1, 3", "1e6, 7"}) // 3 * 0.1 / 3 is not 0.1 in doubles
  void constantFeaturesHaveNoCollapseToMeasure(double value, int classes) {
    double[] values = new double[4 * classes * 5];
    int[] labels = new int[4 * classes];
    Arrays.fill(values, value);
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % classes;
    }
    LayerCollapse collapse = LayerCollapse.of(projections(5, classes, values, labels));
    assertEquals(0, collapse.tcv());
    assertEquals(0, collapse.normalizedTcv(), "0 where TV = 0");
    assertTrue(collapse.nc1Pinv().isEmpty());
    assertTrue(collapse.nc1Quotient().isEmpty());
    assertTrue(collapse.cdnv().isEmpty());
    assertTrue(collapse.nc2Equinorm().isEmpty());
    assertTrue(collapse.nc2Equiangularity().isEmpty());
  }

  @Test
  void oneClassHasTcvOnly() {
    LayerCollapse collapse =
        LayerCollapse.of(projections(1, 1, new double[] {1, 3}, new int[] {0, 0}));
    assertEquals(1, collapse.tcv());
    assertEquals(1, collapse.normalizedTcv());
    assertTrue(collapse.nc1Pinv().isEmpty());
    assertTrue(collapse.nc1Quotient().isEmpty());
    assertTrue(collapse.cdnv().isEmpty());
    assertTrue(collapse.nc2Equinorm().isEmpty());
    assertTrue(collapse.nc2Equiangularity().isEmpty());
    assertEquals(0, collapse.nc4Mismatch().orElseThrow());
  }

  @Test
  void withoutPredictionsThereIsNoMismatch() {
    FeatureBatch batch = FeatureBatch.of(1, new double[] {0, 1});
    ClassMoments moments = new ClassMoments(1, 2);
    moments.add(batch, new int[] {0, 1});
    WithinProjections projections = new WithinProjections(moments.statistics());
    projections.add(batch, new int[] {0, 1});
    assertTrue(LayerCollapse.of(projections).nc4Mismatch().isEmpty());
  }

  @ParameterizedTest(name = "{0} classes, width {1}, means at {2}, spread {3}")
  @CsvSource({
    "4, 9, 0, 1", // more directions than classes
    "9, 4, 0, 1", // fewer: S_B has full rank 4
    "5, 20, 1e6, 1e-3", // near collapse, far from the origin
  })
  void nc1AgreesWithTheFullScatterMatrices(int classes, int width, double offset, double spread) {
    Random random = new Random(2);
    int samples = 40 * classes;
    Matrix means = SmallNet.gaussian(random, classes, width);
    double[] values = new double[samples * width];
    double[] shifted = new double[samples * width];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = i % classes;
      for (int j = 0; j < width; j++) {
        double value = means.get(labels[i], j) + spread * random.nextGaussian();
        shifted[i * width + j] = offset + value;
        values[i * width + j] = shifted[i * width + j] - offset; // what survives the shift
      }
    }
    double expected = literalNc1(width, classes, values, labels);
    double actual =
        CollapseMetrics.nc1Pinv(projections(width, classes, shifted, labels)).orElseThrow();
    // The mean of values near 1e6 is known to 1e-10, against distances of 1.
    assertEquals(expected, actual, (1e-11 + 1e-15 * offset) * expected);
  }

  /** {@code tr(S_W pinv(S_B)) / K} with m x m matrices, as it is written. */
  private static double literalNc1(int width, int classes, double[] values, int[] labels) {
    ClassMoments moments = new ClassMoments(width, classes);
    moments.add(FeatureBatch.of(width, values), labels);
    ClusterStatistics statistics = moments.statistics();
    double[] centred = values.clone();
    for (int i = 0; i < labels.length; i++) {
      statistics.subtractMean(labels[i], centred, i * width);
    }
    Matrix z = Matrix.owning(labels.length, width, centred);
    Matrix within = z.transposedTimes(z).scaled(1.0 / labels.length);
    Matrix m = statistics.centredMeans();
    Svd between = Svd.of(m.transposedTimes(m).scaled(1.0 / classes), Precision.FLOAT64);
    int rank = between.spectrum().rank(RankTolerance.relative(1e-10));
    double[] inverse = new double[rank];
    for (int j = 0; j < rank; j++) {
      inverse[j] = 1 / between.spectrum().value(j);
    }
    Matrix pinv =
        between
            .vt()
            .leadingRows(rank)
            .transposedTimes(between.u().leadingColumns(rank).transpose().rowsScaled(inverse));
    Matrix product = within.times(pinv);
    double trace = 0;
    for (int j = 0; j < width; j++) {
      trace += product.get(j, j);
    }
    return trace / classes;
  }

  @Test
  void mergedProjectionsEqualThoseOfTheUnion() {
    Random random = new Random(4);
    Matrix samples = SmallNet.gaussian(random, 200, 6);
    int[] labels = random.ints(200, 0, 4).toArray();
    int[] predictions = random.ints(200, 0, 4).toArray();
    FeatureBatch all = FeatureBatch.of(6, samples.toDoubles());
    ClassMoments moments = new ClassMoments(6, 4);
    moments.add(all, labels);
    WithinProjections whole = new WithinProjections(moments.statistics());
    whole.add(all, labels, predictions);
    WithinProjections merged = whole.another();
    for (int start = 0; start < 200; start += 40) {
      WithinProjections part = whole.another();
      double[] rows = Arrays.copyOfRange(samples.toDoubles(), start * 6, (start + 40) * 6);
      part.add(
          FeatureBatch.of(6, rows),
          Arrays.copyOfRange(labels, start, start + 40),
          Arrays.copyOfRange(predictions, start, start + 40));
      merged.merge(part);
    }
    assertEquals(
        CollapseMetrics.nc1Pinv(whole).orElseThrow(),
        CollapseMetrics.nc1Pinv(merged).orElseThrow(),
        1e-12 * CollapseMetrics.nc1Pinv(whole).orElseThrow());
    assertEquals(whole.mismatches(), merged.mismatches());
    assertEquals(200, merged.predicted());
  }

  @Test
  void worstSeparatedPairsComeFirst() {
    // Class means 0, 1, 10, all with variation 0.01: the pair (0, 1) is the closest.
    double[] values = {-.1, .1, .9, 1.1, 9.9, 10.1};
    Cdnv cdnv =
        Cdnv.of(projections(1, 3, values, new int[] {0, 0, 1, 1, 2, 2}).statistics()).orElseThrow();
    assertEquals(0, cdnv.worst().get(0).first());
    assertEquals(1, cdnv.worst().get(0).second());
    assertEquals(.01, cdnv.max(), SLACK);
    assertEquals(.0001, cdnv.min(), SLACK);
    assertEquals((.01 + .01 / 81 + .0001) / 3, cdnv.mean(), SLACK);
    assertEquals(3, cdnv.worst().size());
  }

  @Test
  void nc3WantsTheKernelOfThisClassifier() {
    ClusterStatistics statistics = simplex(3).statistics();
    assertEquals(
        "expected a classifier kernel of 3 x 3, found 2 x 3",
        assertThrows(
                IllegalArgumentException.class,
                () -> CollapseMetrics.nc3SelfDuality(statistics, Matrix.zeros(2, 3)))
            .getMessage());
    assertTrue(CollapseMetrics.nc3SelfDuality(statistics, Matrix.zeros(3, 3)).isEmpty());
    assertTrue(CollapseMetrics.classifierEquinorm(Matrix.zeros(3, 3)).isEmpty());
    assertEquals(
        2,
        CollapseMetrics.nc3SelfDuality(statistics, statistics.centredMeans().transpose().scaled(-5))
            .orElseThrow(),
        SLACK,
        "opposite is as far as it gets");
  }

  @Test
  void nc1RefusesAPassThatMissedSamples() {
    ClassMoments moments = new ClassMoments(1, 2);
    moments.add(FeatureBatch.of(1, new double[] {0, 1}), new int[] {0, 1});
    WithinProjections nothing = new WithinProjections(moments.statistics());
    assertThrows(IllegalArgumentException.class, () -> CollapseMetrics.nc1Pinv(nothing));
  }
}
