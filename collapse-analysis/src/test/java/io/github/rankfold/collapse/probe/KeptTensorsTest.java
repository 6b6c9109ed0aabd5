package io.github.rankfold.collapse.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Output;

/** How much is kept between the passes changes what an analysis costs, and nothing else. */
class KeptTensorsTest {
  /** More than two batches, the last one shorter. */
  private static final int SAMPLES = 2100;

  /**
   * Bytes of a sample of {@link PositionsModel}, in double: of what enters and leaves its layers.
   */
  private static final long GRADIENTS =
      (long) Double.BYTES * (PositionsModel.TIME * PositionsModel.HIDDEN + PositionsModel.CLASSES);

  private static final long ALL =
      GRADIENTS
          + (long) Double.BYTES
              * (PositionsModel.TIME * PositionsModel.WIDTH
                  + PositionsModel.TIME * PositionsModel.HIDDEN
                  + PositionsModel.CLASSES);

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    new PositionsModel(5).write(folder);
  }

  private CollapseAnalysis analysis(long keptBytes) {
    LabeledData data = PositionsModel.data(SAMPLES, 6);
    AnalysisOptions options = new AnalysisOptions(List.of(3), List.of(2), true, 1, keptBytes);
    try (LiveModel model = LiveModel.open(folder)) {
      return CollapseAnalysis.of(
          model, data, Penalties.everywhere(PositionsModel.LAMBDA), options, share -> {});
    }
  }

  @ParameterizedTest(name = "{0} bytes")
  @ValueSource(longs = {1, ALL * 1000, ALL * 2000, 1L << 30})
  void whatIsKeptChangesNoResult(long keptBytes) {
    CollapseAnalysis none = analysis(0);
    CollapseAnalysis some = analysis(keptBytes);
    assertTrue(none.certificatesTable().rows().size() > 2, "no certificates");
    assertEquals(
        none.collapseTable(OptionalInt.empty()).rows(),
        some.collapseTable(OptionalInt.empty()).rows());
    assertEquals(none.certificatesTable().rows(), some.certificatesTable().rows());
    assertEquals(none.classAccuracies(), some.classAccuracies());
  }

  /** Two tensors of a graph, the values fed standing for features and gradients. */
  @Test
  void asManyBatchesAreKeptAsThereIsRoomFor() {
    try (LiveModel model = LiveModel.open(folder)) {
      long input = (long) Double.BYTES * PositionsModel.TIME * PositionsModel.WIDTH;
      // Of a sample the data are kept, and fetched as if they were gradients, and the logits.
      long sample = 2 * input + (long) Double.BYTES * PositionsModel.CLASSES;
      assertEquals(3, keptBatches(model, 15 * sample));
      assertEquals(2, keptBatches(model, 15 * sample - 1));
      assertEquals(1, keptBatches(model, 5 * sample));
      assertEquals(0, keptBatches(model, 5 * sample - 1));
      assertEquals(0, keptBatches(model, 0));
    }
  }

  /** Of three batches of five samples. */
  private static int keptBatches(LiveModel model, long budget) {
    int[] labels = {0, 1, 0, 1, 0};
    Output<?> logits = model.tensor(model.logits());
    Output<?> input = model.fetchable(model.input());
    int count = 0;
    try (KeptTensors kept = new KeptTensors(budget, List.of(logits), List.of(input));
        PassPlan plan = planOf(logits)) {
      for (int number = 0; number < 3; number++) {
        InputBatch data = model.inputOf(PositionsModel.data(10, 1), 0, 5);
        try (PassPlan.Batch batch = plan.run(model.feeding(data), labels, kept.wanted())) {
          kept.keep(data, batch);
        }
        if (kept.holds(data)) {
          assertEquals(Optional.of(data), kept.input(number));
          count++;
        } else {
          assertEquals(Optional.empty(), kept.input(number));
          assertEquals(List.of(), kept.wanted(), "once full, nothing more is fetched");
          data.close();
        }
      }
    }
    return count;
  }

  private static PassPlan planOf(Output<?> fetched) {
    PassPlan plan = new PassPlan();
    plan.fetch(fetched);
    return plan;
  }

  @Test
  void aBudgetBelowNothingIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new AnalysisOptions(List.of(), List.of(), false, 1, -1));
  }
}
