package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.LinearNetworks;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Activation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankSearchTest {
  private static final WeightStorage EIGHT_BITS =
      new WeightStorage(Optional.of(WeightFormat.INT8), Optional.of(WeightFormat.INT8));

  @TempDir Path temporary;

  private Path net;
  private LabeledData calibration;
  private LabeledData data;

  @BeforeEach
  void network() throws IOException {
    net = LinearNetworks.write(temporary.resolve("net"), Activation.RELU, true, 3);
    calibration = LinearNetworks.samples(300, List.of(16), 3);
    data = LinearNetworks.samples(200, List.of(16), 4);
  }

  /** Of layers that may be truncated, and of one that may not. */
  private static SearchSettings eightBits(double maxDrop) {
    return new SearchSettings(
        Budget.maxDrop(maxDrop),
        Metric.RELATIVE_ERROR,
        Weighting.OUTPUTS,
        true,
        0,
        1e-3,
        new LayerSelection(List.of(), List.of("*_2")),
        300,
        0,
        EIGHT_BITS);
  }

  @Test
  void whatIsPromisedIsOfTheFilesWithTheirKernelsRoundedToo() throws IOException {
    try (LiveModel model = LiveModel.open(net)) {
      SearchResult found =
          RankSearch.run(model, calibration, data, eightBits(20), new SearchListener() {});
      SavedModelCompressor.apply(
          model, EIGHT_BITS.appliedTo(model, found.plan()), temporary.resolve("out"));
      try (LiveModel written = LiveModel.open(temporary.resolve("out"))) {
        double drop =
            Metric.RELATIVE_ERROR.drop(
                Metric.RELATIVE_ERROR
                    .difference(Outputs.of(model, data), Outputs.of(written, data), data)
                    .mean());
        // The search takes each half of the samples relative to its own outputs.
        assertEquals(drop, found.chosen().drop().measured(), 1e-2 * drop);
        assertTrue(drop <= 20 && drop > 0);
      }
    }
  }

  /** Nothing need be truncated for it, but whole kernels in 8 bits give other outputs too. */
  @Test
  void aDropThatRoundingAloneExceedsCannotBeKept() {
    try (LiveModel model = LiveModel.open(net)) {
      BudgetException refused =
          assertThrows(
              BudgetException.class,
              () ->
                  RankSearch.run(
                      model, calibration, data, eightBits(1e-3), new SearchListener() {}));
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.startsWith("max-drop:0.001: the least drop that was reached"), message);
    }
  }

  private static final class Stages implements SearchListener {
    private final List<String> seen = new ArrayList<>();

    @Override
    public void stage(String name) {
      seen.add(name);
    }
  }

  @Test
  void furtherBudgetsMeasureTheModelNoMore() {
    SearchSettings settings = SearchSettings.of(Budget.maxDrop(20), Metric.RELATIVE_ERROR);
    Stages stages = new Stages();
    try (LiveModel model = LiveModel.open(net);
        RankSearch search =
            new RankSearch(model, calibration, data, settings, stages, 1, Optional.empty())) {
      SearchResult first = search.under(settings.budget());
      SearchResult again = search.under(settings.budget());
      assertEquals(first.chosen(), again.chosen());
      assertEquals(first.passes(), again.passes(), "nothing was run again");
      SearchResult smaller =
          search.under(
              Budget.maxDrop(90).withMultiplyAdds(first.chosen().size().multiplyAdds() * 2 / 3));
      assertTrue(
          smaller.chosen().size().multiplyAdds() <= first.chosen().size().multiplyAdds() * 2 / 3);
      assertEquals(1, Collections.frequency(stages.seen, "Activations and gradients"));
      assertEquals(1, Collections.frequency(stages.seen, "Sensitivity of all layers"));
      assertTrue(smaller.points().size() > again.points().size(), "all that was tried");
    }
  }
}
