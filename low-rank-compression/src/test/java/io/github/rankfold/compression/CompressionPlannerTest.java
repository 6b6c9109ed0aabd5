package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompressionPlannerTest {
  private static final Path FIXTURES = Path.of(System.getProperty("rankfold.fixtures"));

  @TempDir Path folder;

  /** 12 x 20, 20 x 20 and 20 x 3. */
  private LiveModel small() throws IOException {
    NetworkSpec spec = NetworkSpec.mlp(12, 20, 20, 3);
    NetworkExport.write(spec, NetworkWeights.initial(spec, 1), folder);
    return LiveModel.open(folder);
  }

  private static List<Integer> ranks(CompressionPlan plan) {
    return plan.decisions().stream().map(LayerDecision::rank).toList();
  }

  @ParameterizedTest(name = "rank {0}: {1}")
  @CsvSource({
    "2, '[2, 2, 2]'", // 46 of 60 in the last
    "3, '[3, 3, 3]'", // 3 x 23 is more than 20 x 3: kept at its full rank
    "7, '[7, 7, 3]'", // 7 x 32 = 224 of 240
    "8, '[12, 8, 3]'", // 8 x 32 = 256
    "10, '[12, 20, 3]'", // 10 x 40 = 400: not fewer, so kept
    "20, '[12, 20, 3]'"
  })
  void aLayerIsFactoredOnlyBelowBreakEven(int rank, String expected) throws IOException {
    try (LiveModel model = small()) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fixed(rank));
      assertEquals(expected, ranks(plan).toString());
      for (LayerDecision decision : plan.decisions()) {
        Layer layer = decision.layer();
        boolean pays = layer.parametersAtRank(decision.chosenRank()) < layer.parameters();
        assertEquals(pays, decision.factors().isPresent());
        assertEquals(
            decision.factors().isPresent() ? decision.spectrum().tailEnergy(decision.rank()) : 0,
            decision.discardedEnergy());
        assertTrue(decision.parametersAfter() <= layer.parameters());
      }
      assertEquals(
          model.size().parameters() - plan.size(model).parameters(),
          plan.decisions().stream()
              .mapToLong(d -> d.layer().parameters() - d.parametersAfter())
              .sum());
    }
  }

  @Test
  void aFixedRankAboveEveryFullRankIsRefused() throws IOException {
    try (LiveModel model = small()) {
      assertEquals(
          "rule rank:21: expected a rank of at most 20 (layer dense_2, 20x20), found 21",
          assertThrows(
                  InvalidInputException.class,
                  () -> CompressionPlanner.plan(model, new RankRule.Fixed(21)))
              .getMessage());
      assertTrue(
          CompressionPlanner.plan(model, new RankRule.Classes(21)).factored().isEmpty(),
          "a number of classes may be above");
    }
  }

  @Test
  void layersAreSelectedByPatterns() throws IOException {
    try (LiveModel model = small()) {
      assertEquals(List.of(2, 2, 2), ranks(plan(model, List.of(), List.of())));
      assertEquals(List.of(2, 2, 3), ranks(plan(model, List.of("dense_*"), List.of())));
      assertEquals(List.of(12, 2, 2), ranks(plan(model, List.of(), List.of("*_1"))));
      assertEquals(List.of(12, 2, 3), ranks(plan(model, List.of("dense*"), List.of("dense_1"))));
      assertEquals(List.of(2, 20, 2), ranks(plan(model, List.of("*1", "class*"), List.of())));
      CompressionPlan plan = plan(model, List.of("classifier"), List.of());
      assertEquals("not selected", plan.decisions().get(0).keptBecause().orElseThrow());
      assertEquals("not selected", plan.table().cell(0, "kept_because"));
      assertEquals("", plan.table().cell(2, "kept_because"));
    }
  }

  @Test
  void patternsAreLiteralButForTheStar() throws IOException {
    try (LiveModel model = small()) {
      for (String pattern : List.of("dense.1", "dense_?", "DENSE_1", "dense", "[a-z]*", "\\E")) {
        String message =
            assertThrows(
                    InvalidInputException.class, () -> plan(model, List.of(pattern), List.of()))
                .getMessage();
        assertEquals(
            "layer pattern "
                + pattern
                + ": expected a layer that fits it, found [dense_1, dense_2, classifier]",
            message);
      }
    }
  }

  private static CompressionPlan plan(LiveModel model, List<String> include, List<String> exclude) {
    return CompressionPlanner.plan(
        model,
        new RankRule.Fixed(2),
        new LayerSelection(include, exclude),
        ConvolutionForm.CHANNEL,
        layer -> {});
  }

  /** With an identity in the second factor any rank below the full one makes a kernel smaller. */
  @Test
  void interpolativeFactorsAreSmallerAtAnyRankBelowTheFullOne() throws IOException {
    try (LiveModel model = small()) {
      for (String name : List.of("dense_1", "dense_2")) {
        Layer layer = model.layers().stream().filter(l -> l.name().equals(name)).findAny().get();
        int rank = layer.fullRank() - 1;
        LayerSelection one = new LayerSelection(List.of(layer.name()), List.of());
        RankRule rule = new RankRule.Fixed(rank);
        CompressionPlan plain =
            CompressionPlanner.plan(model, rule, one, ConvolutionForm.CHANNEL, false, l -> {});
        CompressionPlan smaller =
            CompressionPlanner.plan(model, rule, one, ConvolutionForm.CHANNEL, true, l -> {});
        assertEquals(0, plain.factored().size(), "saves nothing as two plain factors");
        assertEquals(
            model.size().parameters() - (long) (layer.rows() - rank) * (layer.cols() - rank),
            smaller.size(model).parameters());
        SavedModelCompressor.apply(model, smaller, folder.resolve("out").resolve(layer.name()));
        try (LiveModel written = LiveModel.open(folder.resolve("out").resolve(layer.name()))) {
          assertEquals(smaller.size(model), written.size());
        }
      }
    }
  }

  @Test
  void tellsOfEachLayerOnce() throws IOException {
    try (LiveModel model = small()) {
      List<Layer> told = new ArrayList<>(); // the planner tells one at a time
      CompressionPlanner.plan(
          model, new RankRule.Fixed(2), LayerSelection.all(), ConvolutionForm.CHANNEL, told::add);
      assertEquals(model.layers().size(), told.size());
      assertEquals(Set.copyOf(model.layers()), Set.copyOf(told));
    }
  }

  /** In every real model: no factored kernel stays in the graph, so parameters never grow. */
  @ParameterizedTest
  @CsvSource({"ein", "tied", "trf", "lstm", "cnn", "twosig", "conv1d", "language_model"})
  void variablesThatAreStillNeededAreKept(String name) {
    try (LiveModel model = LiveModel.open(FIXTURES.resolve("saved-models").resolve(name))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.1));
      var rewritten = GraphRewriter.rewrite(model.flatGraph(), plan.decisions());
      for (LayerDecision decision : plan.factored()) {
        assertFalse(GraphRewriter.needs(rewritten, decision.layer().variable()));
      }
      assertTrue(plan.size(model).parameters() <= model.size().parameters());
    }
  }

  @Test
  void planningTwiceGivesTheSamePlan() throws IOException {
    try (LiveModel model = small()) {
      RankRule rule = new RankRule.KeepEnergy(0.6);
      assertEquals(
          CompressionPlanner.plan(model, rule).table().rows(),
          CompressionPlanner.plan(model, rule).table().rows());
    }
  }
}
