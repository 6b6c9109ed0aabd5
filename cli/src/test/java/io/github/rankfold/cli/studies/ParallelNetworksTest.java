package io.github.rankfold.cli.studies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import io.github.rankfold.training.L2Penalty;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two networks in one, and the theorem about the path from the one to the other. */
class ParallelNetworksTest {
  private static final int INPUTS = 7;
  private static final int CLASSES = 3;
  private static final int SAMPLES = 12;

  @ParameterizedTest(name = "{0} hidden layers, shares {1} and {2}")
  @CsvSource({"1, 1, 0", "1, 0.3, 0.8", "2, 0.3, 0.8", "3, 0, 1", "3, 0.5, 0.5", "4, 0.7, 0.1"})
  void logitsAndNormsAreThoseOfTheTwoByTheirShares(int hidden, double u, double v) {
    Random random = new Random(hidden);
    NetworkSpec firstSpec = spec(hidden, 5);
    NetworkSpec secondSpec = spec(hidden, 8);
    NetworkWeights first = drawn(firstSpec, random);
    NetworkWeights second = drawn(secondSpec, random);
    LabeledData data = data(random);
    ParallelNetworks both = ParallelNetworks.of(firstSpec, first, secondSpec, second);
    assertEquals(hidden + 1, both.depth());
    assertTrue(both.spec().hidden().stream().allMatch(width -> width == 13));

    double[] found = ParallelLoss.logits(both.spec(), both.at(u, v), data);
    double[] ofFirst = ParallelLoss.logits(firstSpec, first, data);
    double[] ofSecond = ParallelLoss.logits(secondSpec, second, data);
    double power = both.depth() / 2.0;
    for (int i = 0; i < found.length; i++) {
      double expected = Math.pow(u, power) * ofFirst[i] + Math.pow(v, power) * ofSecond[i];
      assertEquals(expected, found[i], 1e-5 * (1 + Math.abs(expected)), "logit " + i);
    }
    L2Penalty norm = new L2Penalty(2);
    double expected = u * norm.of(first) + v * norm.of(second);
    assertEquals(expected, norm.of(both.at(u, v)), 1e-6 * expected);
  }

  /** Over 60 random pairs: wherever the conditions hold, no step of 2,000 rises. */
  @Test
  void whereTheConditionsHoldTheObjectiveNeverRises() {
    int proven = 0;
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int depth = 2 + seed % 4;
      LabeledData data = data(random);
      NetworkSpec spec = spec(depth - 1, 40);
      NetworkWeights first = fitted(spec, data, random, 4);
      NetworkWeights second = fitted(spec, data, random, 1);
      ParallelLoss loss = ParallelLoss.of(data, spec, first, spec, second);
      assertTrue(loss.secondIsRightEverywhere(), "seed " + seed);
      double lambda = Math.pow(10, -1 - 3 * random.nextDouble());
      L2Penalty norm = new L2Penalty(2);
      double firstNorm = norm.of(first);
      double secondNorm = norm.of(second);
      MonotonePath path = MonotonePath.between(loss, firstNorm, secondNorm, lambda, depth);
      if (!path.isProven()) {
        continue;
      }
      proven++;
      double before = Double.POSITIVE_INFINITY;
      for (MonotonePath.Shares shares : path.points(1_000)) {
        double power = depth / 2.0;
        double now =
            loss.at(Math.pow(shares.first(), power), Math.pow(shares.second(), power))
                + lambda / 2 * (shares.first() * firstNorm + shares.second() * secondNorm);
        assertTrue(now <= before + 1e-12 * now, "seed %d at %s".formatted(seed, shares));
        before = now;
      }
    }
    assertTrue(proven >= 10, "proven " + proven);
  }

  @Test
  void nothingIsProvenOfALargerNetworkOrOneThatIsWrong() {
    Random random = new Random(3);
    LabeledData data = data(random);
    NetworkSpec spec = spec(2, 40);
    NetworkWeights first = fitted(spec, data, random, 4);
    NetworkWeights second = fitted(spec, data, random, 1);
    ParallelLoss loss = ParallelLoss.of(data, spec, first, spec, second);
    // The second one's penalty alone is above all that the first one's can give.
    assertFalse(MonotonePath.between(loss, 1, 2, 1e-2, 3).isProven());
    double[] wrong = ParallelLoss.logits(spec, second, data);
    wrong[data.label(0)] -= 1e3;
    int[] labels = new int[SAMPLES];
    Arrays.setAll(labels, data::label);
    double[] logits = ParallelLoss.logits(spec, first, data);
    ParallelLoss misses = new ParallelLoss(labels, CLASSES, logits, wrong);
    assertFalse(MonotonePath.between(misses, 1e6, 1, 1e-2, 3).isProven());
  }

  @Test
  void theGainIsTheLossesSlope() {
    Random random = new Random(4);
    LabeledData data = data(random);
    NetworkSpec spec = spec(2, 6);
    ParallelLoss loss = ParallelLoss.of(data, spec, drawn(spec, random), spec, drawn(spec, random));
    double step = 1e-5;
    double slope = (loss.at(0.7 + step, 0.4) - loss.at(0.7 - step, 0.4)) / (2 * step);
    assertEquals(-slope, loss.gainOfFirst(0.7, 0.4), 1e-8 * Math.max(1, Math.abs(slope)));
  }

  @Test
  void onlyReluNetworksOfOneDepthGoSideBySide() {
    Random random = new Random(5);
    NetworkSpec relu = spec(2, 4);
    NetworkWeights weights = drawn(relu, random);
    NetworkSpec tanh = relu.withActivation(Activation.TANH);
    assertRefused("expected hidden ReLU layers", relu, weights, tanh, weights);
    NetworkSpec deeper = spec(3, 4);
    assertRefused("expected networks of one depth", relu, weights, deeper, drawn(deeper, random));
  }

  private static void assertRefused(
      String start,
      NetworkSpec firstSpec,
      NetworkWeights first,
      NetworkSpec secondSpec,
      NetworkWeights second) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> ParallelNetworks.of(firstSpec, first, secondSpec, second));
    assertTrue(String.valueOf(refused.getMessage()).startsWith(start), refused.toString());
  }

  @Test
  void aNetworkWithItsUpperHalfDeadIsTheLowerHalfAlone() {
    Random random = new Random(6);
    NetworkSpec narrow = spec(2, 4);
    NetworkWeights lower = drawn(narrow, random);
    NetworkWeights upper = drawn(narrow, random);
    ParallelNetworks both = ParallelNetworks.of(narrow, lower, narrow, upper);
    NetworkWeights halved = DeadNeurons.upperHalf(both.spec(), both.at(1, 1));
    LabeledData data = data(random);
    double[] expected = ParallelLoss.logits(narrow, lower, data);
    double[] found = ParallelLoss.logits(both.spec(), halved, data);
    // Their classifiers' biases were added, and an output is no hidden neuron.
    WeightArray bias = upper.get("classifier/bias");
    for (int i = 0; i < found.length; i++) {
      assertEquals(expected[i] + bias.at(i % CLASSES), found[i], 1e-5);
    }
  }

  private static NetworkSpec spec(int hidden, int width) {
    return NetworkSpec.parse("mlp:%dx%d".formatted(width, hidden), INPUTS, CLASSES);
  }

  /** Kernels and biases of standard deviation about 1/sqrt(inputs) and 0.1. */
  private static NetworkWeights drawn(NetworkSpec spec, Random random) {
    NetworkWeights weights = NetworkWeights.initial(spec, random.nextLong());
    for (String name : weights.names()) {
      if (name.endsWith("/bias")) {
        float[] values = new float[weights.get(name).size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (0.1 * random.nextGaussian());
        }
        weights = weights.with(name, WeightArray.of(weights.get(name).shape(), values));
      }
    }
    return weights;
  }

  private static LabeledData data(Random random) {
    double[] features = random.doubles(SAMPLES * INPUTS, -1, 1).toArray();
    int[] labels = new int[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      labels[i] = i % CLASSES;
    }
    return new LabeledData(
        "random",
        Features.ofDoubles(features, INPUTS),
        List.of(INPUTS),
        labels,
        List.of("a", "b", "c"));
  }

  /** A network whose classifier is right about every sample: the perceptron's rule, then scaled. */
  private static NetworkWeights fitted(
      NetworkSpec spec, LabeledData data, Random random, double scale) {
    NetworkWeights weights = drawn(spec, random);
    WeightArray kernel = weights.get("classifier/kernel");
    float[] zero = new float[kernel.size()];
    NetworkWeights headless =
        weights
            .with("classifier/kernel", WeightArray.of(kernel.shape(), zero))
            .with("classifier/bias", WeightArray.zeros(List.of(CLASSES)));
    int width = kernel.shape().get(0);
    double[] features = features(spec, headless, data);
    float[] values = zero.clone();
    boolean changed = true;
    for (int round = 0; changed && round < 100_000; round++) {
      changed = false;
      for (int i = 0; i < SAMPLES; i++) {
        double[] scores = new double[CLASSES];
        for (int j = 0; j < width; j++) {
          for (int k = 0; k < CLASSES; k++) {
            scores[k] += features[i * width + j] * values[j * CLASSES + k];
          }
        }
        int own = data.label(i);
        int rival = -1;
        for (int k = 0; k < CLASSES; k++) {
          rival = k != own && (rival < 0 || scores[k] > scores[rival]) ? k : rival;
        }
        if (scores[own] < scores[rival] + 1) {
          changed = true;
          for (int j = 0; j < width; j++) {
            values[j * CLASSES + own] += (float) (0.5 * features[i * width + j]);
            values[j * CLASSES + rival] -= (float) (0.5 * features[i * width + j]);
          }
        }
      }
    }
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) scale;
    }
    return headless.with("classifier/kernel", WeightArray.of(kernel.shape(), values));
  }

  /** The last hidden layer's outputs, read through a classifier that hands each one out. */
  private static double[] features(NetworkSpec spec, NetworkWeights weights, LabeledData data) {
    int width = spec.hidden().get(spec.hidden().size() - 1);
    NetworkSpec reader =
        new NetworkSpec(
            spec.inputWidth(),
            spec.hidden(),
            width,
            spec.activation(),
            false,
            true,
            spec.initializer());
    float[] identity = new float[width * width];
    for (int j = 0; j < width; j++) {
      identity[j * width + j] = 1;
    }
    NetworkWeights open = NetworkWeights.initial(reader, 0);
    for (String name : weights.names()) {
      if (!name.startsWith("classifier")) {
        open = open.with(name, weights.get(name));
      }
    }
    open = open.with("classifier/kernel", WeightArray.of(List.of(width, width), identity));
    return ParallelLoss.logits(reader, open, data);
  }
}
