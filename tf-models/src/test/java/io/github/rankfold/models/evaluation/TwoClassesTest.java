package io.github.rankfold.models.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.data.NpyArray;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.live.VariableValues;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;

/** One output by a sigmoid is a classifier of two classes. */
class TwoClassesTest {
  private static final Path MODEL = StoredOutputs.MODELS.resolve("binary");
  private static final Path IO = StoredOutputs.MODELS.resolve("binary.io/serving_default");

  private static double[] probabilities() {
    return NpyArray.read(IO.resolve("out.output_0.npy")).toDoubles();
  }

  /** The stored inputs; the label says what the model does not, for the first sample. */
  private static LabeledData data() {
    NpyArray inputs = NpyArray.read(IO.resolve("in.keras_tensor.npy"));
    double[] chances = probabilities();
    int[] labels = new int[chances.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (chances[i] > 0.5) == (i > 0) ? 1 : 0;
    }
    Features features = Features.ofFloats(inputs.toFloats(), 12);
    return new LabeledData("stored", features, List.of(12), labels, List.of("no", "yes"));
  }

  @Test
  void theSoftmaxOfTheLogitsIsTheOutputAndWhatIsLeftOfOne() {
    LabeledData data = data();
    double[] chances = probabilities();
    try (LiveModel model = LiveModel.open(MODEL);
        InputBatch input = model.inputOf(data, 0, data.size());
        Result result = model.feeding(input).fetch(model.tensor(model.logits())).run()) {
      double[] logits = TensorValues.toDoubles(result.get(0));
      assertEquals(2 * chances.length, logits.length);
      for (int i = 0; i < chances.length; i++) {
        assertEquals(0, logits[2 * i]);
        assertEquals(chances[i], 1 / (1 + Math.exp(-logits[2 * i + 1])), 1e-6);
      }
    }
  }

  @Test
  void accuracyIsAtAChanceOfAHalfAndLossIsTheCrossEntropyOfTwo() {
    LabeledData data = data();
    Evaluation evaluation = Evaluator.evaluate(MODEL, data);
    int samples = data.size();
    assertEquals(new Accuracy(samples - 1, samples), evaluation.accuracy());
    double loss = 0;
    double[] chances = probabilities();
    for (int i = 0; i < samples; i++) {
      loss -= Math.log(data.label(i) == 1 ? chances[i] : 1 - chances[i]) / samples;
    }
    assertEquals(loss, evaluation.loss(), 1e-6);
  }

  @Test
  void predictionsOfTwoModelsAreCompared() {
    try (LiveModel one = LiveModel.open(MODEL);
        LiveModel other = LiveModel.open(MODEL)) {
      CsvTable table = Evaluator.compare(one, other, data());
      assertEquals("1.0", table.rows().get(1).get(table.columns().indexOf("agreement")));
    }
  }

  @Test
  void whatIsAddedForItIsNotWritten(@TempDir Path folder) throws IOException {
    Path written = folder.resolve("written");
    try (LiveModel model = LiveModel.open(MODEL);
        VariableValues values = model.variables()) {
      assertTrue(model.flatGraph().contains(model.logits().node()));
      String added = model.logits().node();
      SavedModelWriter.write(
          written,
          model.flatGraph(),
          model.files().tags(),
          values.byName(),
          Optional.of(model.files()));
      String bytes =
          new String(
              Files.readAllBytes(written.resolve("saved_model.pb")), StandardCharsets.ISO_8859_1);
      assertFalse(bytes.contains(added));
    }
    StoredOutputs.assertReproducedBy(written, "binary", "serving_default");
  }
}
