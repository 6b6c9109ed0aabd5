package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.JavaExport;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that TensorFlow Java's own exporter wrote, made on the spot. */
class JavaExportTest {
  @TempDir Path temporary;

  @Test
  void itsLayersAreFoundAndFactoredAndTheFilesComputeWhatWasPlanned() throws IOException {
    Path exported = temporary.resolve("exported");
    JavaExport.write(exported);
    Path out = temporary.resolve("out");
    try (LiveModel model = LiveModel.open(exported)) {
      assertEquals(
          List.of("filter", "hidden", "output"), model.layers().stream().map(Layer::name).toList());
      assertEquals(576 + 10_240 + 40 + 400, model.size().parameters());
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.25));
      assertEquals(3, plan.factored().size());
      Verification verified = SavedModelCompressor.apply(model, plan, out);
      assertEquals(1, verified.signatures());
      assertTrue(verified.againstPlan() <= 1e-5, verified::toString);
      try (LiveModel written = LiveModel.open(out)) {
        assertEquals(plan.size(model).parameters(), written.size().parameters());
        for (LayerDecision decision : plan.factored()) {
          String variable = decision.layer().variable();
          assertFalse(GraphRewriter.needs(written.flatGraph(), variable), variable);
        }
      }
    }
  }
}
