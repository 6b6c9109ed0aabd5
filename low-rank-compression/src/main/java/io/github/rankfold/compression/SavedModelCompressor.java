package io.github.rankfold.compression;

import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.rewriting.FactorStorage;
import io.github.rankfold.compression.rewriting.FactorValues;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.compression.rewriting.StoredKernel;
import io.github.rankfold.models.BackgroundTask;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ServedModel;
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

  /**
   * Writes the compressed model, its table and manifest as {@code folder}, whole or not at all.
   *
   * @return what the written files were found to compute
   */
  public static Verification apply(LiveModel model, CompressionPlan plan, Path folder)
      throws IOException {
    try (OutputFolder out = OutputFolder.create(folder, false)) {
      Verification verification = apply(model, plan, out);
      out.commit();
      return verification;
    }
  }

  /** As above, into a folder that the caller commits. */
  public static Verification apply(LiveModel model, CompressionPlan plan, OutputFolder out)
      throws IOException {
    return apply(model, plan, out, Map.of());
  }

  /**
   * As above.
   *
   * @param more settings that go into the manifest: how the plan was found
   */
  public static Verification apply(
      LiveModel model, CompressionPlan plan, OutputFolder out, Map<String, ?> more)
      throws IOException {
    Path written = out.staging().resolve("saved_model");
    FlatGraph rewritten = GraphRewriter.rewrite(model.flatGraph(), plan.decisions());
    try (BackgroundTask<String> hash = BackgroundTask.start("hash", model.files()::sha256)) {
      Verification.Expected expected = write(model, plan, rewritten, written);
      Verification verification;
      try (ServedModel reloaded = model.serve(written)) {
        verification = Verification.of(expected, reloaded);
      }
      plan.table().write(out.staging().resolve(TABLE));
      manifest(model, plan, verification, hash.result(), more).write(out.staging());
      return verification;
    }
  }

  /** The factors are native memory only in here: not beside the variables of the written files. */
  private static Verification.Expected write(
      LiveModel model, CompressionPlan plan, FlatGraph rewritten, Path folder) throws IOException {
    // Where a call changes variables, they are read before the first one.
    boolean changes = model.changesVariables();
    model.restoreVariables();
    try (VariableValues early = changes ? model.variables() : VariableValues.none();
        BackgroundTask<Verification.Original> original =
            BackgroundTask.start("original", () -> Verification.original(model))) {
      Map<String, Tensor> factors = newValues(model, plan);
      try (VariableValues variables = changes ? VariableValues.none() : model.variables();
          BackgroundTask<Verification.Expected> expected =
              BackgroundTask.start(
                  "plan", () -> Verification.expected(original.result(), rewritten, factors))) {
        Map<String, Tensor> values = new HashMap<>(early.byName());
        values.putAll(variables.byName());
        values.putAll(factors);
        SavedModelWriter.write(
            folder, rewritten, model.files().tags(), values, Optional.of(model.files()));
        return expected.result();
      } finally {
        factors.values().forEach(Tensor::close);
      }
    }
  }

  /** The values of the variables that a plan adds, by name; the caller closes them. */
  static Map<String, Tensor> newValues(LiveModel model, CompressionPlan plan) {
    Map<String, Tensor> values =
        FactorValues.of(model.flatGraph(), plan.factored(), FactorStorage.AS_THE_KERNEL);
    try {
      List<StoredKernel> whole = new ArrayList<>();
      for (LayerDecision decision : plan.decisions()) {
        if (decision.factors().isEmpty() && decision.stored().isPresent()) {
          StoredKernel.of(model.flatGraph(), decision.layer(), decision.stored().get().format())
              .ifPresent(whole::add);
        }
      }
      values.putAll(StoredKernel.values(model, whole));
      return values;
    } catch (RuntimeException | Error e) {
      values.values().forEach(Tensor::close);
      throw e;
    }
  }

  /** Kernels that were replaced are gone from the list of penalized ones; the others stay. */
  private static Manifest manifest(
      LiveModel model,
      CompressionPlan plan,
      Verification verification,
      String hash,
      Map<String, ?> more) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("rule", plan.rule());
    settings.putAll(more);
    Map<String, Integer> ranks = new LinkedHashMap<>();
    plan.factored().forEach(decision -> ranks.put(decision.layer().name(), decision.rank()));
    settings.put("ranks", ranks);
    Map<String, String> storage = new LinkedHashMap<>();
    for (LayerDecision decision : plan.decisions()) {
      decision
          .stored()
          .ifPresent(as -> storage.put(decision.layer().name(), as.format().toString()));
    }
    if (!storage.isEmpty()) {
      settings.put("storage", storage);
    }
    settings.put("verification", verification.figures());
    Manifest.classNames(model.files())
        .ifPresent(names -> settings.put(Manifest.CLASS_NAMES, names));
    Map<String, Double> penalized =
        new LinkedHashMap<>(Manifest.penalties(model.files()).orElse(Map.of()));
    plan.factored().forEach(decision -> penalized.remove(decision.layer().variable()));
    return new Manifest("compression", Instant.now(), Optional.of(hash), settings, penalized);
  }
}
