package io.github.rankfold.collapse.rank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.SmallNet;
import io.github.rankfold.collapse.SmallNet.Activation;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bounds are theorems: they hold for every network, partition and point, to rounding. */
class RankCertificateTest {
  private static final int NETWORKS = 150;

  /**
   * What rounding may take: epsilon of the sizes that were subtracted, divided by lambda, and the
   * directions of the means below 1e-10 that the spans leave out.
   */
  private static double slack(Matrix kernel, Matrix gradient, double lambda) {
    return 1e-10 * (kernel.frobeniusNorm() + gradient.frobeniusNorm() / lambda);
  }

  private static OutsideVariation passes(
      SmallNet.Layer layer, int[] clusters, int clusterCount, int positions) {
    FeatureBatch z = batch(layer.z());
    FeatureBatch delta = batch(layer.delta());
    CertificateMoments first =
        new CertificateMoments(z.width(), delta.width(), clusterCount, positions);
    first.add(z, delta, clusters);
    OutsideVariation second = new OutsideVariation(first.moments());
    second.add(z, delta, clusters);
    return second;
  }

  private static FeatureBatch batch(Matrix matrix) {
    return FeatureBatch.of(matrix.cols(), matrix.toDoubles());
  }

  /** As its Javadoc defines it, one rank at a time. */
  private static double distanceBound(RankCertificate c, int r) {
    double squares = 0;
    for (int t = r; t < c.kernelSpectrum().size(); t++) {
      squares += c.refinedSpectralBound(t) * c.refinedSpectralBound(t);
    }
    double least = Math.sqrt(squares);
    least = r >= c.clusters() ? Math.min(least, c.twoSidedBound()) : least;
    return r >= c.classes() ? Math.min(least, c.classesBound()) : least;
  }

  private static void assertHolds(RankCertificate c, double slack) {
    String at = c.toString();
    assertTrue(c.measuredDistance() <= c.exactBound() + slack, at);
    assertTrue(c.exactBound() <= c.tcvBound() + slack, at);
    assertTrue(c.measuredDistance() <= c.projectedBound() + slack, at);
    assertTrue(c.projectedBound() <= c.exactBound() + slack, at);
    assertTrue(c.projectedBound() <= c.projectedTcvBound().orElseThrow() + slack, at);
    assertTrue(c.projectedTcvBound().orElseThrow() <= c.tcvBound() + slack, at);
    assertTrue(c.measuredDistance() <= c.twoSidedBound() + slack, at);
    assertTrue(c.twoSidedBound() <= c.projectedBound() + slack, at);
    assertTrue(c.classesDistance() <= c.classesBound() + slack, at);
    IntToDoubleFunction bounds = c.distanceBounds();
    for (int r = 0; r <= c.kernelSpectrum().size(); r++) {
      assertEquals(distanceBound(c, r), bounds.applyAsDouble(r), at + " rank " + r);
      assertTrue(
          c.kernelSpectrum().distanceToRank(r) <= c.distanceBound(r) + slack, at + " rank " + r);
      assertTrue(c.distanceBound(r + 1) <= c.distanceBound(r) + slack, at + " falls at " + r);
    }
    for (int t = 0; t < c.kernelSpectrum().size(); t++) {
      assertTrue(c.kernelSpectrum().value(t) <= c.refinedSpectralBound(t) + slack, at + " t " + t);
    }
    for (int r = 0; r <= c.kernelSpectrum().size(); r++) {
      assertTrue(
          c.refinedSpectralBound(c.clusters() + r) <= c.spectralBound(r) + slack, at + " " + r);
      assertTrue(c.singularValueAfter(r) <= c.spectralBound(r) + slack, at + " at r = " + r);
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void everyBoundHoldsOnRandomNetworksAndPartitions(Activation activation) {
    Random random = new Random(17);
    for (int trial = 0; trial < NETWORKS; trial++) {
      int[] widths = random.ints(2 + random.nextInt(4), 1, 13).toArray();
      int classes = widths[widths.length - 1];
      SmallNet net = SmallNet.random(random, activation, widths);
      int samples = 12 + random.nextInt(40);
      int[] labels = random.ints(samples, 0, classes).toArray();
      double lambda = Math.pow(10, -4 * random.nextDouble());
      Matrix x = SmallNet.gaussian(random, samples, widths[0]);
      int clusterCount = 1 + random.nextInt(12);
      int[] clusters = new int[samples];
      for (int i = 0; i < samples; i++) { // every cluster has a sample
        clusters[i] = i < clusterCount ? i : random.nextInt(clusterCount);
      }
      for (SmallNet.Layer layer : net.layers(x, labels)) {
        RankCertificate certificate =
            RankCertificate.of(
                    "random " + trial,
                    layer.kernel(),
                    layer.dataGradient(),
                    lambda,
                    passes(layer, clusters, clusterCount, 1))
                .orElseThrow();
        assertHolds(certificate, slack(layer.kernel(), layer.dataGradient(), lambda));
      }
    }
  }

  /** W := -G/lambda makes R vanish: the bounds then rest on E alone, as at a trained network. */
  @ParameterizedTest
  @EnumSource(Activation.class)
  void everyBoundHoldsWhereTheResidualVanishes(Activation activation) {
    Random random = new Random(23);
    for (int trial = 0; trial < NETWORKS; trial++) {
      double spread = Math.pow(10, -6 * random.nextDouble());
      SmallNet.Layer layer = clustered(random, activation, spread);
      double lambda = Math.pow(10, -4 * random.nextDouble());
      Matrix kernel = layer.dataGradient().scaled(-1 / lambda);
      RankCertificate certificate =
          RankCertificate.of(
                  "critical " + trial,
                  kernel,
                  layer.dataGradient(),
                  lambda,
                  passes(layer, clustersOf(layer), 3, 1))
              .orElseThrow();
      assertEquals(0, certificate.stationarity(), 1e-14 * kernel.frobeniusNorm());
      assertHolds(certificate, slack(kernel, layer.dataGradient(), lambda));
    }
  }

  @Test
  void boundsFallWithTheSpreadOfTheClusters() {
    double previous = Double.POSITIVE_INFINITY;
    for (double spread : new double[] {.3, .03, .003}) {
      SmallNet.Layer layer = clustered(new Random(1), Activation.TANH, spread);
      Matrix kernel = layer.dataGradient().scaled(-1 / .01);
      RankCertificate certificate =
          RankCertificate.of(
                  "fc", kernel, layer.dataGradient(), .01, passes(layer, clustersOf(layer), 3, 1))
              .orElseThrow();
      assertTrue(certificate.exactBound() < previous / 30, "E is quadratic in the spread");
      previous = certificate.exactBound();
    }
  }

  /** The second layer of a network at points around three centres, cluster i % 3. */
  private static SmallNet.Layer clustered(Random random, Activation activation, double spread) {
    Matrix centres = SmallNet.gaussian(random, 3, 8);
    int[] labels = clusters(60);
    double[] x = new double[60 * 8];
    for (int i = 0; i < x.length; i++) {
      x[i] = centres.get(i / 8 % 3, i % 8) + spread * random.nextGaussian();
    }
    SmallNet net = SmallNet.random(random, activation, 8, 12, 9, 3);
    return net.layers(Matrix.owning(60, 8, x), labels).get(1);
  }

  private static int[] clusters(int samples) {
    int[] clusters = new int[samples];
    for (int i = 0; i < samples; i++) {
      clusters[i] = i % 3;
    }
    return clusters;
  }

  private static int[] clustersOf(SmallNet.Layer layer) {
    return clusters(layer.z().rows());
  }

  /**
   * A kernel applied at P positions of N inputs: G sums over the positions and averages over the
   * inputs, so that N is not the number of rows.
   */
  @Test
  void positionsCountAsSamplesButNotAsInputs() {
    Random random = new Random(8);
    int inputs = 20;
    int positions = 5;
    int[] labels = random.ints(inputs, 0, 4).toArray();
    for (int k = 0; k < 4; k++) {
      labels[k] = k;
    }
    Matrix z = SmallNet.gaussian(random, inputs * positions, 9);
    Matrix delta = SmallNet.gaussian(random, inputs * positions, 7);
    Matrix kernel = SmallNet.gaussian(random, 9, 7);
    Matrix gradient = z.transposedTimes(delta).scaled(1.0 / inputs);
    int[] clusters = CertificateMoments.perPosition(labels, positions);
    OutsideVariation variation =
        passes(new SmallNet.Layer(kernel, z, delta), clusters, 4, positions);
    RankCertificate certificate =
        RankCertificate.of("conv", kernel, gradient, .1, variation).orElseThrow();
    assertHolds(certificate, slack(kernel, gradient, .1));

    LayerMoments moments = variation.moments();
    assertEquals(inputs, moments.inputCount());
    assertEquals(positions * moments.inputs().tcv(), certificate.tcvOfInputs(), 1e-12);
    // E as it is defined, sample by sample.
    double[] residualZ = z.toDoubles();
    double[] residualDelta = delta.toDoubles();
    for (int i = 0; i < clusters.length; i++) {
      for (int j = 0; j < 9; j++) {
        residualZ[i * 9 + j] -= moments.inputs().means().get(clusters[i], j);
      }
      for (int j = 0; j < 7; j++) {
        residualDelta[i * 7 + j] -= moments.gradients().means().get(clusters[i], j);
      }
    }
    Matrix e =
        Matrix.owning(100, 9, residualZ)
            .transposedTimes(Matrix.owning(100, 7, residualDelta))
            .scaled(1.0 / inputs);
    assertEquals(e.frobeniusNorm(), certificate.withinSpectrum().distanceToRank(0), 1e-12);
  }

  @Test
  void collapsedFeaturesCertifyTheRankExactly() {
    SmallNet.Layer layer = clustered(new Random(6), Activation.RELU, 0);
    Matrix kernel = layer.dataGradient().scaled(-1 / .1);
    RankCertificate certificate =
        RankCertificate.of(
                "fc", kernel, layer.dataGradient(), .1, passes(layer, clustersOf(layer), 3, 1))
            .orElseThrow();
    assertEquals(0, certificate.exactBound(), 1e-13);
    assertEquals(0, certificate.tcvBound(), 1e-13);
    assertEquals(0, certificate.measuredDistance(), 1e-13);
  }

  @Test
  void mergedPassesEqualOnePass() {
    Random random = new Random(9);
    SmallNet.Layer layer = clustered(random, Activation.TANH, .5);
    int[] clusters = clustersOf(layer);
    OutsideVariation whole = passes(layer, clusters, 3, 1);
    CertificateMoments first = new CertificateMoments(12, 9, 3);
    for (int part = 0; part < 4; part++) {
      CertificateMoments moments = new CertificateMoments(12, 9, 3);
      moments.add(rows(layer.z(), part), rows(layer.delta(), part), clusters(15));
      first.merge(moments);
    }
    OutsideVariation second = new OutsideVariation(first.moments());
    for (int part = 0; part < 4; part++) {
      OutsideVariation variation = second.another();
      variation.add(rows(layer.z(), part), rows(layer.delta(), part), clusters(15));
      second.merge(variation);
    }
    assertEquals(whole.ofInputs(), second.ofInputs(), 1e-13 * whole.ofInputs());
    assertEquals(whole.ofGradients(), second.ofGradients(), 1e-13 * whole.ofGradients());
    assertEquals(
        0,
        whole.moments().clusterGradient().minus(first.moments().clusterGradient()).frobeniusNorm(),
        1e-15);
  }

  /** Rows [15 part, 15 part + 15): a whole number of the three clusters. */
  private static FeatureBatch rows(Matrix matrix, int part) {
    double[] values = new double[15 * matrix.cols()];
    for (int i = 0; i < 15; i++) {
      System.arraycopy(matrix.row(15 * part + i), 0, values, i * matrix.cols(), matrix.cols());
    }
    return FeatureBatch.of(matrix.cols(), values);
  }

  @Test
  void withoutPenaltyThereIsNoCertificate() {
    SmallNet.Layer layer = clustered(new Random(3), Activation.TANH, 1);
    OutsideVariation variation = passes(layer, clustersOf(layer), 3, 1);
    assertTrue(
        RankCertificate.of("fc", layer.kernel(), layer.dataGradient(), 0, variation).isEmpty());
    assertEquals(
        "layer fc: lambda must be >= 0, was NaN",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    RankCertificate.of(
                        "fc", layer.kernel(), layer.dataGradient(), Double.NaN, variation))
            .getMessage());
  }

  @Test
  void anIncompleteSecondPassIsRefused() {
    SmallNet.Layer layer = clustered(new Random(3), Activation.TANH, 1);
    OutsideVariation nothing = passes(layer, clustersOf(layer), 3, 1).another();
    assertThrows(
        IllegalStateException.class,
        () -> RankCertificate.of("fc", layer.kernel(), layer.dataGradient(), 1, nothing));
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    SmallNet.Layer layer = clustered(new Random(3), Activation.TANH, 1);
    OutsideVariation variation = passes(layer, clustersOf(layer), 3, 1);
    assertEquals(
        "layer fc: expected a kernel of 12 x 9 for these inputs and gradients, found 9 x 12",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    RankCertificate.of(
                        "fc", layer.kernel().transpose(), layer.dataGradient(), 1, variation))
            .getMessage());
  }
}
