package io.github.rankfold.models.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluatorTest {
  /** The linear network whose logits are its inputs. */
  private static final NetworkSpec IDENTITY = NetworkSpec.mlp(2, 2).withBias(false);

  @TempDir Path folder;

  private void writeIdentity() throws IOException {
    NetworkWeights weights = NetworkWeights.initial(IDENTITY, 1);
    WeightArray drawn = weights.get("classifier/kernel");
    NetworkExport.write(
        IDENTITY,
        weights.with("classifier/kernel", WeightArray.of(drawn.shape(), new float[] {1, 0, 0, 1})),
        folder);
  }

  private static LabeledData data(float[] features, int... labels) {
    return new LabeledData(
        "few", Features.ofFloats(features, 2), List.of(2), labels, List.of("a", "b"));
  }

  @Test
  void accuracyAndLossOfLogitsThatAreKnown() throws IOException {
    writeIdentity();
    Evaluation evaluation =
        Evaluator.evaluate(folder, data(new float[] {3, 1, 0, 2, 1, 0, 4, 4}, 0, 1, 1, 1));
    // Right, right, wrong; of equals the first is predicted, so the last is wrong too.
    assertEquals(new Accuracy(2, 4), evaluation.accuracy());
    double loss = (2 * Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(1)) + Math.log(2)) / 4;
    assertEquals(loss, evaluation.loss(), 1e-7);
    assertEquals(4, evaluation.size().parameters());
    assertEquals(16, evaluation.size().bytes());
    assertTrue(evaluation.bytesOnDisk() > 16);
    assertTrue(evaluation.latencyMillis() > 0);
  }

  @Test
  void lossDoesNotOverflow() throws IOException {
    writeIdentity();
    Evaluation evaluation = Evaluator.evaluate(folder, data(new float[] {3e4f, 0, 0, -3e4f}, 1, 0));
    assertEquals(1.5e4, evaluation.loss(), 1e-3);
  }

  @Test
  void moreSamplesThanOneBatch() throws IOException {
    writeIdentity();
    int samples = 1234;
    float[] features = new float[2 * samples];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = i % 2;
      features[2 * i + (i % 3 == 0 ? 1 - labels[i] : labels[i])] = 1; // every third is wrong
    }
    assertEquals(
        new Accuracy(samples - 412, samples),
        Evaluator.evaluate(folder, data(features, labels)).accuracy());
  }

  @Test
  void howFarTwoModelsAreApart() throws IOException {
    writeIdentity();
    Path doubled = folder.resolve("doubled");
    NetworkWeights weights = NetworkWeights.initial(IDENTITY, 1);
    WeightArray drawn = weights.get("classifier/kernel");
    NetworkExport.write(
        IDENTITY,
        weights.with("classifier/kernel", WeightArray.of(drawn.shape(), new float[] {1, 0, 0, 2})),
        doubled);
    // (3, 1) -> (3, 2) and (0, 2) -> (0, 4) agree, (3, 2) -> (3, 4) does not.
    float[] features = {3, 1, 0, 2, 3, 2};
    try (LiveModel one = LiveModel.open(folder);
        LiveModel other = LiveModel.open(doubled)) {
      CsvTable labelled = Evaluator.compare(one, other, data(features, 0, 1, 0));
      CsvTable unlabelled =
          Evaluator.compare(
              one,
              other,
              LabeledData.unlabeled("few", Features.ofFloats(features, 2), List.of(2), "none"));
      for (CsvTable table : List.of(labelled, unlabelled)) {
        assertEquals("", table.cell(0, "agreement"));
        assertEquals(2.0 / 3, Double.parseDouble(table.cell(1, "agreement")), 1e-12);
        assertEquals(
            Math.sqrt((1 + 4 + 4) / 27.0),
            Double.parseDouble(table.cell(1, "relative_error")),
            1e-12);
      }
      assertEquals(1, Double.parseDouble(labelled.cell(0, "accuracy")), 1e-12);
      assertEquals(2.0 / 3, Double.parseDouble(labelled.cell(1, "accuracy")), 1e-12);
      assertEquals("", unlabelled.cell(0, "accuracy"));
    }
  }

  @Test
  void noSamplesAreRefused() throws IOException {
    writeIdentity();
    assertEquals(
        "few: expected samples, found none",
        assertThrows(
                InvalidInputException.class, () -> Evaluator.evaluate(folder, data(new float[0])))
            .getMessage());
  }
}
