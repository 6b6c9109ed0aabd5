package io.github.rankfold.compression.rewriting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A kernel that something else needs too stays whole, and what needs it is named. */
class SharedKernelsTest {
  private static Map<Layer, String> shared(LiveModel model) {
    return SharedKernels.among(model.flatGraph(), KernelSpectra.of(model).byLayer());
  }

  @Test
  void theOperationThatNeedsItIsNamed() {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("language_model"))) {
      Map<Layer, String> shared = shared(model);
      assertEquals(List.of("mask"), shared.keySet().stream().map(Layer::name).toList());
      String because = shared.values().iterator().next();
      assertTrue(because.endsWith("/Abs (Abs) uses its variable too"), because);
    }
  }

  /** What is told before a compression is what it then does. */
  @ParameterizedTest
  @ValueSource(strings = {"language_model", "tied", "trf", "ein", "twosig", "computed_kernels"})
  void aPlanKeepsThemAndNoOthersForThatReason(String name) {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fixed(1));
      assertEquals(
          shared(model).keySet().stream().map(Layer::name).sorted().toList(),
          plan.decisions().stream()
              .filter(decision -> decision.keptBecause().orElse("").contains("its variable"))
              .map(LayerDecision::layer)
              .map(Layer::name)
              .sorted()
              .toList());
    }
  }
}
