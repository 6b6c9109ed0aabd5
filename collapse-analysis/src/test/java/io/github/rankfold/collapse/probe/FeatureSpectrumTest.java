package io.github.rankfold.collapse.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spectra of features on both sides of the width at which they become sketches. */
class FeatureSpectrumTest {
  private static final int SAMPLES = 700;

  /** Of the largest squared singular value: single precision. */
  private static final double ROUNDING = 1e-5;

  @TempDir Path folder;

  @ParameterizedTest(name = "{0} columns")
  @ValueSource(ints = {200, 1100})
  void squaredSingularValuesAreWithinTheStatedError(int width) throws IOException {
    Random random = new Random(width);
    double[] values = new double[SAMPLES * width];
    int[] labels = new int[SAMPLES];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian() / (1 + i % width) + 1;
    }
    for (int i = 0; i < SAMPLES; i++) {
      labels[i] = i % 2;
    }
    NetworkSpec spec = NetworkSpec.mlp(width, 3, 2);
    NetworkExport.write(spec, NetworkWeights.initial(spec, 1), folder.resolve("model"));
    LabeledData data =
        new LabeledData(
            "here", Features.ofDoubles(values, width), List.of(width), labels, List.of("a", "b"));
    FeatureSpectrum found;
    try (LiveModel model = LiveModel.open(folder.resolve("model"))) {
      found =
          CollapseAnalysis.of(model, data, Penalties.none(), AnalysisOptions.full(2), share -> {})
              .layers()
              .get(0)
              .featureSpectrum()
              .orElseThrow();
    }
    Spectrum exact = Spectrum.of(centred(values, width), Precision.FLOAT64);
    double unit = exact.value(0) * exact.value(0);
    for (int i = 0; i < exact.size(); i++) {
      double square = exact.value(i) * exact.value(i);
      double is = i < found.spectrum().size() ? Math.pow(found.spectrum().value(i), 2) : 0;
      assertTrue(is <= square + ROUNDING * unit, "too large: " + i);
      assertTrue(square <= is + (found.error() + ROUNDING) * unit, "beyond the error: " + i);
    }
    assertEquals(width > 1024 ? "frequent_directions" : "gram", found.method());
    assertTrue(found.error() < 0.01, () -> "error " + found.error());
    assertTrue(exact.stableRank() <= found.stableRank() * (1 + ROUNDING));
    assertTrue(found.stableRank() <= exact.stableRank() * (1 + found.error() + ROUNDING));
    long above = exact.toArray().length;
    for (int i = 0; i < exact.size(); i++) {
      above = exact.value(i) > 0.1 * exact.value(0) ? above : Math.min(above, i);
    }
    assertTrue(found.rank(0.1) <= above, "only what is certain is counted");
    assertTrue(found.rank(0.1) >= 1);
  }

  private static Matrix centred(double[] values, int width) {
    double[] result = new double[values.length];
    for (int j = 0; j < width; j++) {
      double mean = 0;
      for (int i = j; i < values.length; i += width) {
        mean += values[i] / SAMPLES;
      }
      for (int i = j; i < values.length; i += width) {
        result[i] = values[i] - mean;
      }
    }
    return Matrix.owning(SAMPLES, width, result);
  }
}
