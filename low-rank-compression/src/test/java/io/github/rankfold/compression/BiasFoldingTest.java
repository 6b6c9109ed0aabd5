package io.github.rankfold.compression;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.OutputShift;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.live.VariableValues;
import io.github.rankfold.models.network.Activation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/** The mean that a truncation takes away is given back, by a bias where the model has one. */
class BiasFoldingTest {
  @TempDir Path temporary;

  private static LabeledData samples(LiveModel model, int count) {
    Shape shape = model.tensor(model.input()).shape();
    boolean ids = model.tensor(model.input()).dataType() != DataType.DT_FLOAT;
    List<Integer> perSample = new ArrayList<>();
    for (int i = 1; i < shape.numDimensions(); i++) {
      perSample.add(shape.get(i) < 0 ? 8 : (int) shape.get(i));
    }
    if (!ids) {
      return LinearNetworks.samples(count, perSample, 11);
    }
    int vocabulary = model.layers().stream().mapToInt(Layer::rows).max().orElseThrow();
    SplittableRandom random = new SplittableRandom(3);
    int width = perSample.stream().reduce(1, Math::multiplyExact);
    float[] values = new float[count * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(Math.min(vocabulary, 20));
    }
    return LinearNetworks.data(values, count, perSample);
  }

  /** Every layer cut to a third of its rank, as the search hands it over. */
  private static CompressionPlan plan(LiveModel model, TrialGraph trial) {
    Map<Layer, LayerDecision> decisions = new LinkedHashMap<>();
    for (Layer layer : trial.layers()) {
      int rank = Math.max(1, layer.breakEvenRank() / 3);
      decisions.put(layer, trial.truncated(layer, rank));
    }
    trial.assign(decisions);
    return CompressionPlanner.finished(model, "test", List.copyOf(decisions.values()));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "mlp",
        "cnn",
        "trf",
        "lstm",
        "conv1d",
        "conv3d",
        "ein",
        "tied",
        "language_model",
        "binary",
        "fused_batch_norm"
      })
  void theWrittenModelGivesWhatTheTrialGave(String name) throws IOException {
    Path out = temporary.resolve("out");
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      if (model.signature().getInputsCount() != 1) {
        return; // data has one input
      }
      LabeledData data = samples(model, 12);
      Map<Layer, KernelMoments> moments = LinearNetworks.moments(model, data);
      try (TrialGraph trial = LinearNetworks.trial(model, moments, Weighting.INPUTS, data)) {
        CompressionPlan plan = plan(model, trial);
        long before = model.size().parameters();
        Outputs tried = trial.outputs(data);
        SavedModelCompressor.apply(model, plan, out);
        try (LiveModel written = LiveModel.open(out.resolve("saved_model"))) {
          assertTrue(written.size().parameters() <= before, "the model has not grown");
          assertEquals(plan.size(model).parameters(), written.size().parameters());
          Outputs given = TrialOutputs.of(written, data);
          assertEquals(tried.width(), given.width());
          double largest = 0;
          for (int i = 0; i < data.size(); i++) {
            for (int j = 0; j < tried.width(); j++) {
              largest = Math.max(largest, Math.abs(tried.value(i, j)));
            }
          }
          for (int i = 0; i < data.size(); i++) {
            for (int j = 0; j < tried.width(); j++) {
              assertEquals(tried.value(i, j), given.value(i, j), 1e-4 * largest);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}: a bias takes it: {1}, a normalization's mean: {2}")
  @CsvSource({"mlp, true, false", "cnn, true, false", "fused_batch_norm, false, true"})
  void theShiftGoesWhereTheModelAddsSomethingAnyway(
      String name, boolean intoBias, boolean intoMean) {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      LabeledData data = samples(model, 8);
      Map<Layer, KernelMoments> moments = LinearNetworks.moments(model, data);
      try (TrialGraph trial = LinearNetworks.trial(model, moments, Weighting.INPUTS, data)) {
        List<OutputShift.Bias> biases =
            plan(model, trial).factored().stream()
                .flatMap(decision -> decision.shift().stream())
                .flatMap(shift -> shift.bias().stream())
                .toList();
        assertEquals(intoBias, biases.stream().anyMatch(bias -> !isMean(model, bias)));
        assertEquals(intoMean, biases.stream().anyMatch(bias -> isMean(model, bias)));
      }
    }
  }

  /** Keras reshapes the bias of a convolution to [1, 1, 1, n] and squeezes it again. */
  @Test
  void biasesOfConvolutionsAreFoundThroughReshapes() {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("cnn"))) {
      LabeledData data = samples(model, 8);
      Map<Layer, KernelMoments> moments = LinearNetworks.moments(model, data);
      try (TrialGraph trial = LinearNetworks.trial(model, moments, Weighting.INPUTS, data)) {
        assertTrue(
            plan(model, trial).factored().stream()
                .filter(decision -> decision.layer().kind() == LayerKind.CONVOLUTION)
                .flatMap(decision -> decision.shift().stream())
                .anyMatch(shift -> shift.bias().isPresent()));
      }
    }
  }

  private static boolean isMean(LiveModel model, OutputShift.Bias bias) {
    return bias.operands().stream()
        .anyMatch(
            operand -> model.flatGraph().node(operand.node()).getOp().startsWith("FusedBatchNorm"));
  }

  @ParameterizedTest(name = "bias: {0}")
  @ValueSource(booleans = {true, false})
  void theMeanOutputOfALinearNetworkStaysWhatItWas(boolean bias) throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), Activation.LINEAR, bias, 4);
    LabeledData data = LinearNetworks.samples(300, List.of(16), 5);
    try (LiveModel model = LiveModel.open(folder)) {
      Map<Layer, KernelMoments> moments = LinearNetworks.moments(model, data);
      try (TrialGraph trial = LinearNetworks.trial(model, moments, Weighting.INPUTS, data)) {
        Matrix before = mean(trial.originalOutputs(data));
        CompressionPlan plan = plan(model, trial);
        Matrix after = mean(trial.outputs(data));
        double error = before.minus(after).frobeniusNorm();
        assertTrue(error <= 1e-5 * before.frobeniusNorm(), () -> "the mean moved by " + error);
        assertTrue(change(trial, data) > 1e-2, "the outputs themselves did change");
        for (LayerDecision decision : plan.factored()) {
          OutputShift shift = decision.shift().orElseThrow();
          assertEquals(bias, shift.bias().isPresent());
          assertEquals(bias ? 0 : decision.layer().cols(), shift.parameters());
          assertEquals(
              decision.factors().orElseThrow().parameters() + shift.parameters(),
              decision.parametersAfter());
        }
      }
    }
  }

  private static double change(TrialGraph trial, LabeledData data) {
    Outputs before = trial.originalOutputs(data);
    Outputs after = trial.outputs(data);
    double sum = 0;
    for (int i = 0; i < before.samples(); i++) {
      sum += Math.abs(before.value(i, 0) - after.value(i, 0));
    }
    return sum / before.samples();
  }

  private static Matrix mean(Outputs outputs) {
    double[] mean = new double[outputs.width()];
    for (int i = 0; i < outputs.samples(); i++) {
      for (int j = 0; j < mean.length; j++) {
        mean[j] += (double) outputs.value(i, j) / outputs.samples();
      }
    }
    return Matrix.of(1, mean.length, mean);
  }

  @Test
  void theBiasOfTheWrittenModelIsTheOldOneAndTheLostMean() throws IOException {
    Path folder = LinearNetworks.write(temporary.resolve("net"), Activation.RELU, true, 6);
    Path out = temporary.resolve("out");
    LabeledData data = LinearNetworks.samples(200, List.of(16), 7);
    try (LiveModel model = LiveModel.open(folder)) {
      Map<Layer, KernelMoments> moments = LinearNetworks.moments(model, data);
      try (TrialGraph trial = LinearNetworks.trial(model, moments, Weighting.INPUTS, data)) {
        CompressionPlan plan = plan(model, trial);
        SavedModelCompressor.apply(model, plan, out);
        try (LiveModel written = LiveModel.open(out.resolve("saved_model"));
            VariableValues old = model.variables();
            VariableValues now = written.variables()) {
          for (LayerDecision decision : plan.factored()) {
            OutputShift shift = decision.shift().orElseThrow();
            String name = shift.bias().orElseThrow().variable();
            assertFalse(now.byName().containsKey(name), "the old bias is gone");
            double[] before = TensorValues.toDoubles(requireNonNull(old.byName().get(name)));
            double[] after =
                TensorValues.toDoubles(requireNonNull(now.byName().get(name + "/shifted")));
            for (int j = 0; j < before.length; j++) {
              assertEquals(before[j] + shift.amount().get(0, j), after[j], 1e-6);
            }
          }
        }
      }
    }
  }
}
