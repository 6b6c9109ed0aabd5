package io.github.rankfold.cli.forecast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.L2Penalty;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A narrow network is the wide one with groups of equal neurons. */
class NarrowNetworkTest {
  private static final LabeledData DATA = clusters(60, 7, 3);

  /** The same objective, biases penalized or not, and the same spectra, whatever the activation. */
  @ParameterizedTest(name = "{0} at width {1}, penalized biases {2}")
  @CsvSource({
    "mlp:8x3, 4, false",
    "mlp:8x3:tanh, 4, true",
    "mlp:8x3:gelu, 2, true",
    "'mlp:5,12,6:tanh', 3, false",
    "mlp:8x2:linear:nobias, 4, false",
    "mlp:9, 4, false",
    "resmlp:8x3:tanh, 4, true"
  })
  void objectiveAndSpectraAreThoseOfTheWideNetwork(String network, int width, boolean biases) {
    NarrowNetwork narrow = NarrowNetwork.of(NetworkSpec.parse(network, 7, 3), width, 7);
    NetworkWeights weights = random(narrow.narrow());
    NetworkWeights widened = widened(narrow, weights);
    L2Penalty penalty = new L2Penalty(0.03, biases);
    double wide = Trainer.objective(narrow.wide(), widened, DATA, config(penalty));
    L2Penalty scaled = narrow.penalty(penalty);
    assertEquals(
        wide, Trainer.objective(narrow.narrow(), weights, DATA, config(scaled)), 1e-5 * wide);
    assertEquals(penalty.of(widened), scaled.of(weights), 1e-6 * penalty.of(widened));
    Map<String, Spectrum> expected = ForecastStage.spectra(narrow.wide(), widened);
    Map<String, Spectrum> found = narrow.spectra(weights);
    SpectrumAssertions.assertSameSpectra(expected, found, 1e-5);
  }

  /** So a critical point among networks of equal neurons is one among all. */
  @Test
  void equalNeuronsStayEqualInTheWideNetworksTraining() {
    NarrowNetwork narrow = NarrowNetwork.of(NetworkSpec.parse("mlp:8x3:tanh", 7, 3), 4, 7);
    NetworkWeights start = widened(narrow, random(narrow.narrow()));
    TrainingConfig config = config(new L2Penalty(0.03)).withEpochs(30);
    NetworkWeights trained =
        Trainer.train(narrow.wide(), start, DATA, Optional.empty(), config, EpochListener.NONE)
            .weights();
    float[] before = start.get("dense_2/kernel").values();
    float[] after = trained.get("dense_2/kernel").values();
    double moved = 0;
    for (int i = 0; i < after.length; i += 2) {
      assertEquals(after[i], after[i + 1], 1e-5, "two neurons of a group");
      moved = Math.max(moved, Math.abs(after[i] - before[i]));
    }
    assertTrue(moved > 1e-3, "the training did something: " + moved);
  }

  @Test
  void theFirstHiddenLayerAndResidualLayersKeepTheirWidth() {
    assertEquals(List.of(50, 20, 9), narrowed("mlp:50,60,9", 20));
    assertEquals(List.of(50, 50), narrowed("resmlp:50x2", 20));
    assertEquals(List.of(50), narrowed("mlp:50", 20));
    assertEquals(List.of(), narrowed("linear", 20));
  }

  private static List<Integer> narrowed(String network, int width) {
    return NarrowNetwork.of(NetworkSpec.parse(network, 7, 3), width, 7).narrow().hidden();
  }

  private static TrainingConfig config(L2Penalty penalty) {
    return TrainingConfig.defaults().withBatchSize(0).withL2(penalty).withThreads(1);
  }

  /** Each neuron r times, side by side. */
  private static NetworkWeights widened(NarrowNetwork network, NetworkWeights weights) {
    Map<String, WeightArray> arrays = new LinkedHashMap<>();
    for (int l = 0; l < network.wide().layers().size(); l++) {
      DenseLayer from = network.narrow().layers().get(l);
      DenseLayer to = network.wide().layers().get(l);
      int in = to.inputs() / from.inputs();
      int out = to.outputs() / from.outputs();
      WeightArray kernel = weights.get(from.kernelName());
      float[] values = new float[to.inputs() * to.outputs()];
      for (int i = 0; i < to.inputs(); i++) {
        for (int j = 0; j < to.outputs(); j++) {
          values[i * to.outputs() + j] = (kernel.at(i / in * from.outputs() + j / out) / in);
        }
      }
      arrays.put(to.kernelName(), WeightArray.of(to.kernelShape(), values));
      if (to.bias()) {
        float[] bias = new float[to.outputs()];
        for (int j = 0; j < bias.length; j++) {
          bias[j] = weights.get(from.biasName()).at(j / out);
        }
        arrays.put(to.biasName(), WeightArray.of(to.biasShape(), bias));
      }
    }
    return NetworkWeights.of(arrays);
  }

  /** Biases too. */
  private static NetworkWeights random(NetworkSpec spec) {
    Random random = new Random(5);
    Map<String, WeightArray> arrays = new LinkedHashMap<>();
    spec.variableShapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[shape.stream().reduce(1, (a, b) -> a * b)];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.5 * random.nextGaussian());
              }
              arrays.put(name, WeightArray.of(shape, values));
            });
    return NetworkWeights.of(arrays);
  }

  private static LabeledData clusters(int samples, int width, int classes) {
    Random random = new Random(2);
    double[] values = new double[samples * width];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = i % classes;
      for (int j = 0; j < width; j++) {
        values[i * width + j] = (j % classes == labels[i] ? 1 : 0) + 0.4 * random.nextGaussian();
      }
    }
    return new LabeledData(
        "clusters",
        Features.ofDoubles(values, width),
        List.of(width),
        labels,
        List.of("a", "b", "c"));
  }
}
