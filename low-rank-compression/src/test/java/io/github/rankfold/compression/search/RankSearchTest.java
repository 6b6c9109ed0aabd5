package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.LinearNetworks;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        OptionalInt.of(300),
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

  /** A layer without a bias gets one where it is truncated. */
  @ParameterizedTest
  @CsvSource({
    "250, false",
    "300, false",
    "350, false",
    "400, false",
    "250, true",
    "300, true",
    "350, true",
    "400, true",
  })
  void whatTruncationAddsCountsToo(int limit, boolean interpolative) throws IOException {
    Path plain = LinearNetworks.write(temporary.resolve("plain"), Activation.RELU, false, 3);
    Budget budget =
        new Budget(
            OptionalDouble.empty(),
            false,
            OptionalDouble.empty(),
            OptionalLong.of(limit),
            OptionalLong.of(4L * limit),
            OptionalLong.empty());
    try (LiveModel model = LiveModel.open(plain)) {
      SearchResult found =
          RankSearch.run(
              model,
              calibration,
              data,
              SearchSettings.of(budget, Metric.RELATIVE_ERROR)
                  .storing(new WeightStorage(Optional.empty(), Optional.empty(), interpolative)),
              new SearchListener() {});
      SavedModelCompressor.apply(model, found.plan(), temporary.resolve("out"));
      assertEquals(
          interpolative,
          found.plan().decisions().stream()
              .anyMatch(one -> one.form().filter("interpolative"::equals).isPresent()));
      assertEquals(
          found.chosen().size().multiplyAdds(),
          found.plan().decisions().stream().mapToLong(LayerDecision::multiplyAddsAfter).sum());
      for (LayerDecision decision : found.plan().factored()) {
        assertTrue(
            decision.parametersAfter() < decision.layer().parameters(), "smaller, shift and all");
      }
      try (LiveModel written = LiveModel.open(temporary.resolve("out"))) {
        assertEquals(found.chosen().size().parameters(), written.size().parameters());
        assertEquals(found.chosen().size().bytes(), written.size().bytes());
        assertTrue(written.size().parameters() <= limit, () -> written.size().toString());
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
      BudgetReached reached = refused.reached();
      double least = reached.drop().orElseThrow();
      assertTrue(least > 1e-3, () -> "what was reached is more, found " + reached);
      assertTrue(reached.tried().stream().anyMatch(p -> p.drop().measured() == least));
      assertTrue(reached.size().isEmpty() && reached.speed().isEmpty());
    }
  }

  @Test
  void whatIsStrictIsPromisedAndTriedFromTheSafestOn() {
    Budget strict =
        new Budget(
            OptionalDouble.of(70),
            true,
            OptionalDouble.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty());
    try (LiveModel model = LiveModel.open(net)) {
      SearchResult found =
          RankSearch.run(
              model,
              calibration,
              data,
              SearchSettings.of(strict, Metric.RELATIVE_ERROR),
              new SearchListener() {});
      assertEquals(70, found.chosen().drop().promised().orElseThrow(), "no less than was asked");
      assertTrue(found.chosen().drop().measured() < 70);
      assertTrue(!found.plan().factored().isEmpty(), "some plan is accepted");
      List<SearchPoint> judged =
          found.points().stream().filter(p -> p.drop().promised().isPresent()).toList();
      for (int i = 0; i < judged.size(); i++) {
        boolean accepted = judged.get(i).drop().promised().orElseThrow() <= 70;
        assertTrue(accepted || i == judged.size() - 1, "nothing is judged after a refusal");
        assertTrue(
            i == 0 || judged.get(i).size().parameters() < judged.get(i - 1).size().parameters());
      }
    }
  }

  @Test
  void withoutActivationsTheCurvesBySpectraAreSquaredRelativeOperatorNorms() {
    try (LiveModel model = LiveModel.open(net)) {
      Map<Layer, KernelApproximations> all = new LinkedHashMap<>();
      model
          .layers()
          .forEach(
              layer ->
                  all.put(
                      layer, KernelApproximations.of(layer, KernelSpectra.kernel(model, layer))));
      Map<Layer, double[]> curves = SensitivityCurves.bySpectra(all, 3);
      for (Layer layer : model.layers()) {
        double[] curve = Objects.requireNonNull(curves.get(layer));
        Spectrum spectrum = Objects.requireNonNull(all.get(layer)).spectrum();
        assertEquals(3, curve[0], 1e-12);
        assertEquals(0, curve[layer.fullRank()], "nothing is lost at full rank");
        double share = spectrum.value(2) / spectrum.value(0);
        assertEquals(3 * share * share, curve[2], 1e-12);
      }
    }
  }

  /** The goal that docs/compression.md tells: no more than 20, at any depth. */
  @ParameterizedTest(name = "{0} hidden layers")
  @ValueSource(ints = {2, 20})
  void aSearchTakesNoMoreThanTwentyForwardPasses(int depth) throws IOException {
    int[] widths = new int[depth + 1];
    Arrays.fill(widths, 16);
    widths[depth] = 5;
    NetworkSpec spec = NetworkSpec.mlp(16, widths);
    Path deep = temporary.resolve("deep");
    NetworkExport.write(spec, NetworkWeights.initial(spec, 5), deep);
    LabeledData samples = LinearNetworks.samples(6000, List.of(16), 4);
    SearchSettings settings = SearchSettings.of(Budget.maxDrop(95), Metric.RELATIVE_ERROR);
    try (LiveModel model = LiveModel.open(deep)) {
      SearchResult found =
          RankSearch.run(
              model,
              LinearNetworks.samples(6000, List.of(16), 3),
              samples,
              settings,
              new SearchListener() {});
      assertTrue(found.passes() <= 20, () -> found.passes() + " passes");
      assertTrue(!found.plan().factored().isEmpty());
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

  /** Layers without gradients, as those before a loop, are measured by trying a few ranks. */
  @Test
  void changesAreMeasuredUpToTheLargestRankThatSaves() throws IOException {
    Path plain = LinearNetworks.write(temporary.resolve("plain"), Activation.RELU, true, 3);
    try (LiveModel model = LiveModel.open(plain);
        TrialGraph trial =
            LinearNetworks.trial(
                model, LinearNetworks.moments(model, calibration), Weighting.OUTPUTS, data)) {
      SearchSettings settings =
          SearchSettings.of(Budget.maxDrop(1), Metric.RELATIVE_ERROR)
              .storing(new WeightStorage(Optional.empty(), Optional.empty(), true));
      FactorCosts costs = FactorCosts.of(model, settings.storage());
      SensitivityCurves curves = new SensitivityCurves(trial, settings, costs);
      for (Layer layer : trial.layers()) {
        assertEquals(layer.fullRank() - 1, costs.largestRank(layer));
        double[] changes = curves.tried(layer, data, 1);
        for (int rank = 1; rank <= costs.largestRank(layer); rank++) {
          assertTrue(changes[rank] > 0, layer.name() + " at rank " + rank);
        }
      }
    }
  }

  @Test
  void aRankWhoseShiftCostsMoreThanItSavesIsNoChoice() throws IOException {
    Path plain = LinearNetworks.write(temporary.resolve("plain"), Activation.RELU, false, 3);
    try (LiveModel model = LiveModel.open(plain)) {
      Layer layer = model.layers().get(0); // 16 x 14
      WeightStorage storage = new WeightStorage(Optional.empty(), Optional.empty(), true);
      FactorCosts costs = FactorCosts.of(model, storage).withShifts(Map.of(layer, layer.cols()));
      double[] changes = new double[layer.fullRank() + 1];
      for (int rank = 0; rank < changes.length; rank++) {
        changes[rank] = changes.length - 1 - rank;
      }
      RankPath path = new RankPath(Map.of(layer, changes), Cost.PARAMETERS, costs);
      // (16 - r) (14 - r) are saved, and 14 added: 13 to 11 save 3, 8 and 15.
      assertEquals(Map.of(layer, 11), path.at(1));
    }
  }
}
