package io.github.rankfold.cli.forecast;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.Finish;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import java.nio.DoubleBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Samples in fewer coordinates have the same inner products, and kernels the same spectra. */
class PrincipalInputsTest {
  @ParameterizedTest(name = "{0} samples of {1} values in {2} directions")
  @CsvSource({"60, 12, 3", "60, 12, 8", "20, 40, 5", "9, 40, 9"}) // tall, wide, full rank
  void innerProductsOfSamplesStay(int samples, int width, int directions) {
    LabeledData data = within(samples, width, directions, 0);
    LabeledData found = PrincipalInputs.of(data).samples();
    assertTrue(found.featureWidth() <= directions, "inputs left: " + found.featureWidth());
    double lost = 1e-3 * trace(innerProducts(data), samples);
    assertArrayEquals(innerProducts(data), innerProducts(found), lost + 1e-5);
    for (int i = 0; i < samples; i++) {
      assertEquals(data.label(i), found.label(i));
    }
  }

  /** Without hidden layers the optimum is the only one, so that both trainings must find it. */
  @ParameterizedTest(name = "samples {0} outside of the span")
  @CsvSource({"0, 1e-3", "0.001, 5e-3"})
  void aTrainedKernelHasTheSameSpectrum(double outside, double tolerance) {
    LabeledData data = within(60, 12, 4, outside);
    LabeledData less = PrincipalInputs.of(data).samples();
    assertEquals(4, less.featureWidth());
    NetworkSpec spec = NetworkSpec.parse("linear", 12, 3);
    NarrowNetwork network = NarrowNetwork.of(spec, 24, 4);
    TrainingConfig config =
        TrainingConfig.defaults()
            .withL2(0.01)
            .withFinish(new Finish(3, 100))
            .withEpochs(0)
            .withThreads(1);
    Map<String, Spectrum> expected =
        ForecastStage.spectra(spec, Trainer.train(spec, data, config).weights());
    Map<String, Spectrum> found =
        network.spectra(Trainer.train(network.narrow(), less, config).weights());
    SpectrumAssertions.assertSameSpectra(expected, found, tolerance);
  }

  @Test
  void samplesStayAsTheyAreWhereLittleWouldBeSaved() {
    LabeledData data = within(60, 12, 12, 0);
    PrincipalInputs found = PrincipalInputs.of(data);
    assertSame(data, found.samples());
    assertEquals(60.0 * 12 * 12, found.multiplyAdds(), "the directions had to be found");
  }

  @Test
  void samplesOfZerosKeepAnInput() {
    LabeledData data = within(10, 6, 0, 0);
    assertEquals(1, PrincipalInputs.of(data).samples().featureWidth());
  }

  /** Three classes in a random subspace, and noise around it. */
  private static LabeledData within(int samples, int width, int directions, double outside) {
    Random random = new Random(3);
    double[] basis = random.doubles((long) directions * width, -1, 1).toArray();
    double[] values = new double[samples * width];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = i % 3;
      for (int k = 0; k < directions; k++) {
        double along = (k % 3 == labels[i] ? 1 : 0) + random.nextGaussian();
        for (int j = 0; j < width; j++) {
          values[i * width + j] += along * basis[k * width + j];
        }
      }
      for (int j = 0; j < width; j++) {
        values[i * width + j] += outside * random.nextGaussian();
      }
    }
    return new LabeledData(
        "within",
        Features.ofDoubles(values, width),
        List.of(width),
        labels,
        List.of("a", "b", "c"));
  }

  /** {@code x_i x_j^T}, [N x N]. */
  private static double[] innerProducts(LabeledData data) {
    int width = data.featureWidth();
    double[] values = new double[data.size() * width];
    data.copyFeatures(0, data.size(), DoubleBuffer.wrap(values));
    double[] products = new double[data.size() * data.size()];
    for (int i = 0; i < data.size(); i++) {
      for (int j = 0; j < data.size(); j++) {
        for (int k = 0; k < width; k++) {
          products[i * data.size() + j] += values[i * width + k] * values[j * width + k];
        }
      }
    }
    return products;
  }

  private static double trace(double[] square, int side) {
    double sum = 0;
    for (int i = 0; i < side; i++) {
      sum += square[i * side + i];
    }
    return sum;
  }
}
