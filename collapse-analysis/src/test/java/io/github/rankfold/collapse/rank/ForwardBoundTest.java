package io.github.rankfold.collapse.rank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.SmallNet;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ForwardBoundTest {
  private static final int SAMPLES = 60;
  private static final int CLASSES = 3;
  private static final int NETWORKS = 40;
  private static final double ROUNDING = 1e-10;

  /** ReLU and tanh are 1-Lipschitz: the constants are products of the kernels' norms. */
  @ParameterizedTest
  @EnumSource(SmallNet.Activation.class)
  void holdsAtEveryLayerOfRandomNetworksOrdered(SmallNet.Activation activation) {
    Random random = new Random(3);
    for (int trial = 0; trial < NETWORKS; trial++) {
      double spread = Math.pow(10, -3 * random.nextDouble());
      Matrix x = clusters(random, spread);
      SmallNet net = SmallNet.random(random, activation, 8, 12, 9, 7, CLASSES);
      List<SmallNet.Layer> layers = net.layers(x, labels());
      double gradient = meanSquare(layers.get(layers.size() - 1).delta());
      double data = tcv(x);
      double lambda = Math.pow(10, -3 * random.nextDouble());
      double before = 1;
      for (int l = 0; l < layers.size(); l++) {
        double after = 1;
        for (SmallNet.Layer later : layers.subList(l + 1, layers.size())) {
          after *= norm(later.kernel());
        }
        RankCertificate certificate = certificate(layers.get(l), lambda);
        ForwardBound bound =
            ForwardBound.of(
                certificate, gradient, after, OptionalDouble.of(before), OptionalDouble.of(data));
        double slack = 1 + ROUNDING;
        double projected = bound.ofProjectedFeatures().orElseThrow();
        assertTrue(certificate.measuredDistance() <= projected * slack + ROUNDING);
        assertTrue(projected <= bound.ofFeatures() * slack, "projecting takes off");
        assertTrue(bound.ofFeatures() <= bound.ofData().orElseThrow() * slack, "data is earlier");
        assertTrue(certificate.tcvBound() <= bound.ofFeatures() * slack, "gradients know more");
        before *= norm(layers.get(l).kernel());
      }
    }
  }

  /** W := -G/lambda makes R vanish: nothing but features, predictions and weights is left. */
  @Test
  void holdsWhereTheResidualVanishes() {
    Random random = new Random(4);
    for (int trial = 0; trial < NETWORKS; trial++) {
      SmallNet net = SmallNet.random(random, SmallNet.Activation.RELU, 8, 12, 9, CLASSES);
      List<SmallNet.Layer> layers =
          net.layers(clusters(random, Math.pow(10, -3 * random.nextDouble())), labels());
      SmallNet.Layer hidden = layers.get(1);
      double lambda = 1e-2;
      SmallNet.Layer critical =
          new SmallNet.Layer(hidden.dataGradient().scaled(-1 / lambda), hidden.z(), hidden.delta());
      RankCertificate certificate = certificate(critical, lambda);
      ForwardBound bound =
          ForwardBound.of(
              certificate,
              meanSquare(layers.get(2).delta()),
              norm(layers.get(2).kernel()),
              OptionalDouble.empty(),
              OptionalDouble.empty());
      assertEquals(0, bound.stationarity(), 1e-10);
      assertTrue(
          certificate.measuredDistance()
              <= bound.ofProjectedFeatures().orElseThrow() * (1 + ROUNDING) + ROUNDING);
      assertEquals(OptionalDouble.empty(), bound.ofData());
    }
  }

  @Test
  void aKernelWithoutAPenaltyHasNone() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new ForwardBound(
                "fc",
                2,
                0,
                1,
                0,
                1,
                1,
                1,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty()));
  }

  private static RankCertificate certificate(SmallNet.Layer layer, double lambda) {
    CertificateMoments first =
        new CertificateMoments(layer.z().cols(), layer.delta().cols(), CLASSES);
    FeatureBatch z = FeatureBatch.of(layer.z().cols(), layer.z().toDoubles());
    FeatureBatch delta = FeatureBatch.of(layer.delta().cols(), layer.delta().toDoubles());
    first.add(z, delta, labels());
    OutsideVariation second = new OutsideVariation(first.moments());
    second.add(z, delta, labels());
    return RankCertificate.of("fc", layer.kernel(), layer.dataGradient(), lambda, second)
        .orElseThrow();
  }

  private static Matrix clusters(Random random, double spread) {
    Matrix centres = SmallNet.gaussian(random, CLASSES, 8);
    double[] x = new double[SAMPLES * 8];
    for (int i = 0; i < x.length; i++) {
      x[i] = centres.get(i / 8 % CLASSES, i % 8) + spread * random.nextGaussian();
    }
    return Matrix.owning(SAMPLES, 8, x);
  }

  private static int[] labels() {
    int[] labels = new int[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      labels[i] = i % CLASSES;
    }
    return labels;
  }

  private static double norm(Matrix kernel) {
    return Spectrum.of(kernel, Precision.FLOAT64).largest();
  }

  private static double meanSquare(Matrix rows) {
    double norm = rows.frobeniusNorm();
    return norm * norm / rows.rows();
  }

  private static double tcv(Matrix x) {
    ClassMoments moments = new ClassMoments(x.cols(), CLASSES);
    moments.add(FeatureBatch.of(x.cols(), x.toDoubles()), labels());
    return moments.statistics().tcv();
  }
}
