package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SavedModelCompressorTest {
  private static final Path FIXTURES = Path.of(System.getProperty("rankfold.fixtures"));

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "saved-models/mlp",
        "saved-models/half",
        "saved-models/frozen",
        "saved-models/tf1_res",
        "saved-models/tf1_ref",
        "saved-models/twosig",
        "saved-models/computed_kernels",
        "digits-tanh/savedmodel_f32",
        "digits-tanh/savedmodel_f64"
      })
  void halfOfTheRankLeavesFewerParametersAndNoFactoredKernel(String name) throws IOException {
    Path out = temporary.resolve("out");
    try (LiveModel model = LiveModel.open(FIXTURES.resolve(name))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.25));
      assertFalse(plan.factored().isEmpty(), () -> "nothing factored: " + plan.decisions());
      SavedModelCompressor.apply(model, plan, out);
      try (LiveModel compressed = LiveModel.open(out)) {
        assertEquals(plan.size(model).parameters(), compressed.size().parameters());
        assertTrue(compressed.size().parameters() < model.size().parameters());
        assertTrue(
            compressed
                .signature()
                .getInputsMap()
                .keySet()
                .equals(model.signature().getInputsMap().keySet()));
        FlatGraph graph = compressed.flatGraph();
        for (LayerDecision decision : plan.factored()) {
          Layer layer = decision.layer();
          assertFalse(GraphRewriter.needs(graph, layer.variable()), layer.variable());
        }
      }
    }
  }
}
