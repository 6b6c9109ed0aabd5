package io.github.rankfold.benchmarks;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.Factorization;
import io.github.rankfold.compression.LayerDecision;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.VariableValues;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
    plans.put(FULL_RANK, atFullRank(model, compressed));
    plans.put(COMPRESSED, compressed);
    for (Map.Entry<String, CompressionPlan> plan : plans.entrySet()) {
      Path folder = work.resolve(plan.getKey());
      SavedModelCompressor.apply(model, plan.getValue(), folder);
      folders.put(plan.getKey(), folder.resolve("saved_model"));
      parameters.put(plan.getKey(), all - plan.getValue().parametersSaved());
    }
    return new Variants(folders, parameters);
  }

  /** The same layers, with nothing truncated: what the rewritten form costs by itself. */
  private static CompressionPlan atFullRank(LiveModel model, CompressionPlan compressed) {
    List<LayerDecision> decisions = new ArrayList<>();
    for (LayerDecision decision : compressed.decisions()) {
      decisions.add(decision.factors().isEmpty() ? decision : fullRank(model, decision.layer()));
    }
    return new CompressionPlan(new RankRule.Fraction(1).text(), decisions);
  }

  private static LayerDecision fullRank(LiveModel model, Layer layer) {
    Matrix kernel = KernelSpectra.kernel(model, layer);
    Svd svd = Svd.of(kernel, KernelSpectra.precision(layer));
    return new LayerDecision(
        layer,
        svd.spectrum(),
        layer.fullRank(),
        Optional.of(Factorization.of(kernel, svd, layer.fullRank())),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
