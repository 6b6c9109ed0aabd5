package io.github.rankfold.compression;

import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.VariableValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.Manifest;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Tensor;

/** Applies a plan: the only place that writes a compressed model. */
public final class SavedModelCompressor {
  /** The table of a plan, beside the model that it made. */
  public static final String TABLE = "compression.csv";

  private SavedModelCompressor() {}

  /** Writes the compressed model, its table and manifest as {@code folder}, whole or not at all. */
  public static void apply(LiveModel model, CompressionPlan plan, Path folder) throws IOException {
    try (OutputFolder out = OutputFolder.create(folder, false)) {
      apply(model, plan, out);
      out.commit();
    }
  }

  /** As above, into a folder that the caller commits. */
  public static void apply(LiveModel model, CompressionPlan plan, OutputFolder out)
      throws IOException {
    FlatGraph original = model.flatGraph();
    FlatGraph rewritten = GraphRewriter.rewrite(original, plan.decisions());
    List<Tensor> factors = new ArrayList<>();
    try (VariableValues variables = model.variables()) {
      Map<String, Tensor> values = new HashMap<>(variables.byName());
      for (LayerDecision decision : plan.factored()) {
        Layer layer = decision.layer();
        if (FactorNodes.areVariables(original, layer)) {
          Factorization pair = decision.factors().orElseThrow();
          for (FactorTensor factor :
              List.of(
                  FactorNodes.left(original, layer, pair),
                  FactorNodes.right(original, layer, pair))) {
            Tensor tensor = factor.tensor(layer.dtype());
            factors.add(tensor);
            values.put(factor.name(), tensor);
          }
        }
      }
      SavedModelWriter.write(
          out.staging().resolve("saved_model"),
          rewritten,
          model.files().tags(),
          values,
          Optional.of(model.files()));
    } finally {
      factors.forEach(Tensor::close);
    }
    plan.table().write(out.staging().resolve(TABLE));
    manifest(model, plan).write(out.staging());
  }

  /** Kernels that were replaced are gone from the list of penalized ones; the others stay. */
  private static Manifest manifest(LiveModel model, CompressionPlan plan) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("rule", plan.rule().text());
    Map<String, Integer> ranks = new LinkedHashMap<>();
    plan.factored().forEach(decision -> ranks.put(decision.layer().name(), decision.rank()));
    settings.put("ranks", ranks);
    Map<String, Double> penalized =
        new LinkedHashMap<>(Manifest.penalties(model.files()).orElse(Map.of()));
    plan.factored().forEach(decision -> penalized.remove(decision.layer().variable()));
    return new Manifest(
        "compression", Instant.now(), Optional.of(model.files().sha256()), settings, penalized);
  }
}
