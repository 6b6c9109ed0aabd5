package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.DenseLayers;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PositionSearchTest {
  private static final int SAMPLES = 2000;

  private static RankPath path(PlannedSize.Of[] whole) {
    Map<Layer, double[]> curves = new LinkedHashMap<>();
    long parameters = 0;
    for (int l = 0; l < 3; l++) {
      Layer layer = DenseLayers.of("dense" + l, 120, 100);
      parameters += layer.parameters();
      double[] changes = new double[layer.fullRank() + 1];
      for (int rank = 0; rank < changes.length; rank++) {
        changes[rank] = Math.exp(-0.08 * (l + 1) * rank);
      }
      curves.put(layer, changes);
    }
    whole[0] =
        new PlannedSize.Of(
            new PlannedSize(parameters, 4 * parameters, parameters),
            WeightStorage.unchanged(),
            List.of(),
            FactorCosts.ofPlainFactors(),
            Map.of());
    return new RankPath(curves, Cost.PARAMETERS);
  }

  /** Outputs of two classes, margins uniform: noise makes errors grow with its deviation. */
  private static DropModel model() {
    Random random = new Random(1);
    float[] values = new float[2 * SAMPLES];
    int[] labels = new int[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      labels[i] = i % 2;
      values[2 * i + labels[i]] = 10 * random.nextFloat();
    }
    LabeledData data =
        new LabeledData(
            "made",
            Features.ofFloats(new float[SAMPLES], 1),
            List.of(1),
            labels,
            List.of("0", "1"));
    return new DropModel(Metric.ACCURACY, Outputs.of(SAMPLES, values), data, 0);
  }

  /** The true drop differs from the predicted one by a factor and a power. */
  @ParameterizedTest(name = "factor {0}, power {1}")
  @CsvSource({"1, 1", "30, 1", "0.03, 1", "1, 0.6", "5, 1.5", "0.2, 0.7"})
  void fewTrialsEndNearTheLastPositionThatIsAllowed(double factor, double power) {
    PlannedSize.Of[] whole = new PlannedSize.Of[1];
    RankPath path = path(whole);
    DoubleUnaryOperator drop = change -> 8 * Math.sqrt(factor) * Math.pow(change, power / 2);
    int best =
        IntStream.rangeClosed(0, path.length())
            .filter(position -> drop.applyAsDouble(path.change(position)) <= 2)
            .max()
            .orElseThrow();
    PositionSearch search = new PositionSearch(path, whole[0], model(), 2, 0);
    int allowed = 0;
    int trials = 0;
    for (OptionalInt next = search.next(); next.isPresent(); next = search.next()) {
      int position = next.getAsInt();
      double found = drop.applyAsDouble(path.change(position));
      search.tried(position, found, found <= 2);
      allowed = found <= 2 ? Math.max(allowed, position) : allowed;
      trials++;
      assertTrue(trials < 15, "ends");
    }
    double reached = whole[0].at(path.at(allowed)).parameters();
    double possible = whole[0].at(path.at(best)).parameters();
    assertTrue(reached <= possible / 0.96, () -> reached + " of " + possible);
    assertTrue(trials <= 9, "trials: " + trials);
  }

  /**
   * Where nothing that was predicted holds, sizes are halved until the ends are near each other.
   */
  @Test
  void halvesWhatIsLeft() {
    PlannedSize.Of[] whole = new PlannedSize.Of[1];
    RankPath path = path(whole);
    PositionSearch search = new PositionSearch(path, whole[0], model(), 2, 0);
    search.tried(path.length(), 10, false);
    int trials = 0;
    int allowed = 0;
    int refused = path.length();
    while (search.isFarFromDone()) {
      int position = search.halfway();
      assertTrue(position > allowed && position < refused, () -> "position " + position);
      boolean isAllowed = trials % 2 == 1;
      search.tried(position, isAllowed ? 1 : 10, isAllowed);
      allowed = isAllowed ? position : allowed;
      refused = isAllowed ? refused : position;
      trials++;
    }
    double ratio =
        (double) whole[0].parameters(path.at(allowed)) / whole[0].parameters(path.at(refused));
    assertTrue(ratio <= 1.25 || refused - allowed == 1, () -> "ends at " + ratio);
    assertTrue(trials > 0 && trials <= 6, "trials: " + trials);
  }

  /** Few samples measure drops roughly: a trial that is refused may have been near the best one. */
  @ParameterizedTest(name = "factor {0}, noise {1}")
  @CsvSource({"1, 0.15, 1.2", "1, 0.3, 1.25", "4, 0.15, 1.1", "4, 0.3, 1.1"})
  void sixTrialsWithNoiseEndNear(double factor, double noise, double furthest) {
    PlannedSize.Of[] whole = new PlannedSize.Of[1];
    RankPath path = path(whole);
    double[] ratios = new double[200];
    for (int seed = 0; seed < ratios.length; seed++) {
      Random random = new Random(seed);
      DoubleUnaryOperator drop =
          change -> 8 * Math.sqrt(factor * change) * (1 + noise * random.nextGaussian());
      PositionSearch search = new PositionSearch(path, whole[0], model(), 2, 0);
      int allowed = 0;
      OptionalInt next = search.next();
      for (int trial = 0; trial < 6 && next.isPresent(); trial++) {
        int position = next.getAsInt();
        double found = drop.applyAsDouble(path.change(position));
        search.tried(position, found, found <= 2);
        allowed = found <= 2 ? Math.max(allowed, position) : allowed;
        next = search.next();
      }
      int best =
          IntStream.rangeClosed(0, path.length())
              .filter(position -> 8 * Math.sqrt(factor * path.change(position)) <= 2)
              .max()
              .orElseThrow();
      ratios[seed] =
          (double) whole[0].at(path.at(allowed)).parameters()
              / whole[0].at(path.at(best)).parameters();
    }
    double worst = Arrays.stream(ratios).max().orElseThrow();
    assertTrue(worst <= furthest, () -> "one of 200 ends at " + worst);
  }

  @ParameterizedTest
  @CsvSource({"2", "5", "10"})
  void noiseOfTheSizeThatTheModelSaysMakesThatDrop(double drop) {
    double change = model().change(drop);
    // Of two outputs with noise of deviation s, the difference has sqrt(2) s; margins are uniform
    // on [0, 10]: errors are E max(0, noise) / 10 = sqrt(2) s / (10 sqrt(2 pi)).
    double deviation = Math.sqrt(change);
    double expected = 100 * Math.sqrt(2) * deviation / (10 * Math.sqrt(2 * Math.PI));
    assertEquals(drop, expected, 0.35 * drop, "three standard deviations at 2%");
  }
}
