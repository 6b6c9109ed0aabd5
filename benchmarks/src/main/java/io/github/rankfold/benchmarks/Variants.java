package io.github.rankfold.benchmarks;

import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.VariableValues;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One model in the four forms whose latency is compared: as it came, written again without its
 * function calls, with every kernel as two factors of full rank, and compressed by a rule.
 *
 * @param folders by name, in this order
 * @param parameters by the same names
 */
record Variants(Map<String, Path> folders, Map<String, Long> parameters) {
  static final String ORIGINAL = "original";
  static final String FLATTENED = "flattened";
  static final String FULL_RANK = "full-rank";
  static final String COMPRESSED = "compressed";

  /** Writes the last three into {@code work}. */
  static Variants write(LiveModel model, Path original, RankRule rule, Path work)
      throws IOException {
    Map<String, Path> folders = new LinkedHashMap<>();
    Map<String, Long> parameters = new LinkedHashMap<>();
    long all = model.size().parameters();
    folders.put(ORIGINAL, original);
    parameters.put(ORIGINAL, all);
    folders.put(FLATTENED, work.resolve("flattened"));
    parameters.put(FLATTENED, all);
    try (VariableValues values = model.variables()) {
      SavedModelWriter.write(
          folders.get(FLATTENED),
          model.flatGraph(),
          model.files().tags(),
          values.byName(),
          Optional.of(model.files()));
    }
    CompressionPlan compressed = CompressionPlanner.plan(model, rule);
    Map<String, CompressionPlan> plans = new LinkedHashMap<>();
    plans.put(FULL_RANK, CompressionPlanner.atFullRank(model));
    plans.put(COMPRESSED, compressed);
    for (Map.Entry<String, CompressionPlan> plan : plans.entrySet()) {
      Path folder = work.resolve(plan.getKey());
      SavedModelCompressor.apply(model, plan.getValue(), folder);
      folders.put(plan.getKey(), folder.resolve("saved_model"));
      parameters.put(plan.getKey(), plan.getValue().size(model).parameters());
    }
    return new Variants(folders, parameters);
  }
}
