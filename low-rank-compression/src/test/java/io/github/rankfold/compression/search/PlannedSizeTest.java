package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlannedSizeTest {
  /** Budgets are kept by this size, so that it must be the written model's. */
  @ParameterizedTest
  @ValueSource(
      strings = {"mlp", "frozen", "half", "tied", "lstm", "computed_kernels", "other_types"})
  void isThatOfThePlan(String name) {
    Path models = Path.of(System.getProperty("rankfold.fixtures"), "saved-models");
    try (LiveModel model = LiveModel.open(models.resolve(name))) {
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Fraction(0.2));
      Map<Layer, Integer> ranks = new LinkedHashMap<>();
      plan.factored().forEach(decision -> ranks.put(decision.layer(), decision.rank()));
      assertFalse(ranks.isEmpty());
      PlannedSize planned =
          new PlannedSize.Of(model, WeightStorage.unchanged(), FactorCosts.ofPlainFactors())
              .at(ranks);
      assertEquals(plan.size(model), new ModelSize(planned.parameters(), planned.bytes()));
    }
  }
}
