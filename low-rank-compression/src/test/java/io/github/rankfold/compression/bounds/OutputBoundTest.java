package io.github.rankfold.compression.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.bounds.OutputCertificate.SampleBound;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * No bound is ever violated: on random networks, the change that is measured is at most the bound,
 * and a certified prediction is the same. The bounds contain their own slack for rounding.
 */
class OutputBoundTest {
  private static final int INPUTS = 10_000;

  @TempDir Path folder;

  @ParameterizedTest(name = "{0}, seed {1}, {2} of the rank, convolutions by {3}")
  @CsvSource({
    "DENSE, 1, 0.3, CHANNEL",
    "DENSE, 2, 0.45, CHANNEL",
    "ACTIVATIONS, 3, 0.45, CHANNEL",
    "RESIDUAL, 4, 0.4, CHANNEL",
    "IMAGE, 5, 0.4, CHANNEL",
    "IMAGE, 6, 0.3, SPATIAL",
    "BRANCHES, 7, 0.45, CHANNEL",
    "BRANCHES, 8, 0.3, SMALLEST",
    "IMAGE, 10, 0.4, TUCKER",
    "FILTERS, 9, 0.4, CHANNEL",
  })
  void boundsHold(RandomNetwork.Kind kind, long seed, double share, ConvolutionForm form)
      throws IOException {
    RandomNetwork.write(kind, seed, folder.resolve("model"));
    try (LiveModel model = LiveModel.open(folder.resolve("model"))) {
      NetworkPath path = NetworkPath.of(model);
      assertEquals(Optional.empty(), path.unknown());
      CompressionPlan plan =
          CompressionPlanner.plan(
              model, new RankRule.Fraction(share), LayerSelection.all(), form, layer -> {});
      assertTrue(plan.factored().size() >= 2, plan::toString);
      SavedModelCompressor.apply(model, plan, folder.resolve("smaller"));
      try (LiveModel smaller = LiveModel.open(folder.resolve("smaller"))) {
        OutputBound bound = OutputBound.of(model, path, plan);
        samplesStayWithinTheirBound(bound, kind, smaller);
        inputsNearASampleStayWithinItsBound(bound, kind, smaller);
        everyInputStaysWithinTheBound(bound, kind, smaller);
      }
    }
  }

  private static void samplesStayWithinTheirBound(
      OutputBound bound, RandomNetwork.Kind kind, LiveModel smaller) {
    LabeledData data = data(kind, directions(kind, 300, 11, 1, 3));
    OutputCertificate certificate = bound.onData(data, 0, Optional.of(smaller));
    assertEquals(300, certificate.samples().size());
    double tightest = Double.POSITIVE_INFINITY;
    for (SampleBound sample : certificate.samples()) {
      double change = sample.change().orElseThrow();
      assertTrue(change <= sample.bound(), sample::toString);
      assertTrue(!sample.certified() || sample.unchanged().orElseThrow(), sample::toString);
      tightest = Math.min(tightest, sample.bound() / change);
    }
    assertTrue(tightest < 40, "a bound that loose says nothing: " + tightest);
  }

  private static void inputsNearASampleStayWithinItsBound(
      OutputBound bound, RandomNetwork.Kind kind, LiveModel smaller) {
    double radius = 0.3;
    float[] centres = directions(kind, 200, 12, 1, 3);
    OutputCertificate around = bound.onData(data(kind, centres), radius, Optional.empty());
    float[] moved = directions(kind, 200, 13, radius, radius);
    for (int i = 0; i < moved.length; i++) {
      moved[i] += centres[i];
    }
    OutputCertificate there = bound.onData(data(kind, moved), 0, Optional.of(smaller));
    for (int i = 0; i < 200; i++) {
      SampleBound sample = around.samples().get(i);
      SampleBound near = there.samples().get(i);
      assertTrue(near.change().orElseThrow() <= sample.bound() * (1 + 1e-6), sample::toString);
      assertTrue(!sample.certified() || near.unchanged().orElseThrow(), sample::toString);
    }
  }

  private static void everyInputStaysWithinTheBound(
      OutputBound bound, RandomNetwork.Kind kind, LiveModel smaller) {
    double radius = 2.5;
    double largest = bound.everyInput(radius).largestBound();
    LabeledData data = data(kind, directions(kind, INPUTS, 14, 0, radius));
    double change = bound.onData(data, 0, Optional.of(smaller)).largestChange().orElseThrow();
    assertTrue(change <= largest, change + " > " + largest);
    assertTrue(change > 1e-4 * largest, "a bound that loose says nothing: " + largest);
  }

  /** Inputs of random direction, half of them with few non-zero values, of norms in a range. */
  private static float[] directions(
      RandomNetwork.Kind kind, int count, long seed, double least, double most) {
    SplittableRandom random = new SplittableRandom(seed);
    int width = kind.width();
    float[] values = new float[count * width];
    for (int i = 0; i < count; i++) {
      double[] direction = new double[width];
      double squares = 0;
      for (int j = 0; j < width; j++) {
        boolean kept = i % 2 == 0 || random.nextInt(width) < 3 || j == i % width;
        direction[j] = kept ? random.nextGaussian() : 0;
        squares += direction[j] * direction[j];
      }
      double norm = least + (most - least) * random.nextDouble();
      for (int j = 0; j < width; j++) {
        // A little inside, so that single precision does not leave the ball.
        values[i * width + j] = (float) (direction[j] / Math.sqrt(squares) * norm * (1 - 1e-6));
      }
    }
    return values;
  }

  private static LabeledData data(RandomNetwork.Kind kind, float[] values) {
    int count = values.length / kind.width();
    return new LabeledData(
        "random inputs",
        Features.ofFloats(values, kind.width()),
        kind.shape(),
        new int[count],
        List.of("a", "b", "c", "d", "e"));
  }
}
