package io.github.rankfold.compression.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.LinearNetworks;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.network.Activation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputNoiseTest {
  private static final int SAMPLES = 2000;
  private static final int WIDTH = 16;
  private static final double SHARE = 0.5;

  @TempDir Path temporary;

  /** Uniform on [0, j], so that feature 0 is constant and the others spread ever wider. */
  private static LabeledData samples() {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[SAMPLES * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (i % WIDTH * random.nextDouble());
    }
    return LabeledData.unlabeled(
        "spread", Features.ofFloats(values, WIDTH), List.of(WIDTH), "labels");
  }

  @Test
  void eachFeatureIsVariedByItsShareOfItsOwnDeviation() throws IOException {
    LabeledData data = samples();
    Path folder = LinearNetworks.write(temporary.resolve("net"), Activation.RELU, true, 1);
    try (LiveModel model = LiveModel.open(folder)) {
      InputNoise noise = InputNoise.of(model, data, SHARE, 7).orElseThrow();
      try (InputBatch plain = model.inputOf(data, 0, SAMPLES);
          InputBatch first = noise.of(plain);
          InputBatch second = noise.of(plain)) {
        float[] before = TensorValues.toFloats(plain.only());
        float[] after = TensorValues.toFloats(first.only());
        for (int j = 0; j < WIDTH; j++) {
          double sum = 0;
          double squares = 0;
          for (int i = 0; i < SAMPLES; i++) {
            double change = after[i * WIDTH + j] - before[i * WIDTH + j];
            sum += change;
            squares += change * change;
          }
          double wanted = SHARE * j / Math.sqrt(12);
          // Five standard deviations of a mean, and of a deviation, over the samples.
          assertEquals(0, sum / SAMPLES, 5 * wanted / Math.sqrt(SAMPLES), "mean of " + j);
          double slack = 5 * wanted / Math.sqrt(2.0 * SAMPLES);
          assertEquals(wanted, Math.sqrt(squares / SAMPLES), slack + 0.02 * wanted, "of " + j);
        }
        assertNotEquals(after[1], TensorValues.toFloats(second.only())[1], "fresh each time");
      }
    }
  }

  /** In thousands, as altitudes or years are: the square of one has no digit left for 0.01. */
  @Test
  void noiseFarFromZeroIsOfTheDeviationToo() throws IOException {
    float[] values = new float[SAMPLES * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i / WIDTH % 2 == 0 ? 1 : -1) * 0x1p-7f + 0x1p16f;
    }
    LabeledData data =
        LabeledData.unlabeled("far", Features.ofFloats(values, WIDTH), List.of(WIDTH), "labels");
    Path folder = LinearNetworks.write(temporary.resolve("net"), Activation.RELU, true, 1);
    try (LiveModel model = LiveModel.open(folder)) {
      double share = 0x1p10; // so that float32 holds the change
      InputNoise noise = InputNoise.of(model, data, share, 7).orElseThrow();
      try (InputBatch plain = model.inputOf(data, 0, SAMPLES);
          InputBatch varied = noise.of(plain)) {
        float[] after = TensorValues.toFloats(varied.only());
        double squares = 0;
        for (int i = 0; i < after.length; i++) {
          squares += Math.pow(after[i] - values[i], 2);
        }
        assertEquals(share * 0x1p-7, Math.sqrt(squares / after.length), 0.1 * share * 0x1p-7);
      }
    }
  }

  @Test
  void idsThatRowsAreLookedUpByAreLeftAlone() throws IOException {
    Path folder = Path.of(System.getProperty("rankfold.fixtures"), "saved-models", "masked_lstm");
    try (LiveModel model = LiveModel.open(folder)) {
      assertTrue(InputNoise.of(model, samples(), SHARE, 7).isEmpty());
    }
  }

  /**
   * Forward and backward are three passes; the original answering for varied samples is a fourth.
   */
  @Test
  void anEpochOfDistillationCountsTheOriginalsPassWhereSamplesAreVaried() throws IOException {
    Path relu = LinearNetworks.write(temporary.resolve("net"), Activation.RELU, true, 1);
    try (LiveModel model = LiveModel.open(relu)) {
      assertEquals(4, new Distillation(model, samples(), true).passesAnEpoch());
    }
  }
}
