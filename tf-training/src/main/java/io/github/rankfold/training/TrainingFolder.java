package io.github.rankfold.training;

import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A training on the disk: {@code saved_model/}, {@code history.csv} and {@code manifest.json}. */
public final class TrainingFolder {
  public static final String SAVED_MODEL = "saved_model";
  public static final String HISTORY = "history.csv";

  private TrainingFolder() {}

  /** Writes a training as {@code folder}, whole or not at all; returns its SavedModel. */
  public static Path write(TrainingRun run, LabeledData data, Path folder) throws IOException {
    try (OutputFolder out = OutputFolder.create(folder, false)) {
      write(run, data, out);
      out.commit();
      return out.target().resolve(SAVED_MODEL);
    }
  }

  /** As above, into a folder that the caller commits. */
  public static void write(TrainingRun run, LabeledData data, OutputFolder out) throws IOException {
    write(run, data, Map.of(), out);
  }

  /**
   * As above.
   *
   * @param more settings that go into the manifest: those of a listener that changed weights
   */
  public static void write(
      TrainingRun run, LabeledData data, Map<String, Object> more, OutputFolder out)
      throws IOException {
    Map<String, Object> settings = settings(run, data);
    settings.putAll(more);
    NetworkExport.write(run.network(), run.weights(), out.staging().resolve(SAVED_MODEL));
    run.history().toCsv().write(out.staging().resolve(HISTORY));
    new Manifest("training", Instant.now(), Optional.empty(), settings, penalized(run))
        .write(out.staging());
  }

  private static Map<String, Object> settings(TrainingRun run, LabeledData data) {
    TrainingConfig config = run.config();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("data", Json.tree(data.provenance()));
    settings.put("network", run.network().text());
    settings.put("lambda", config.l2().lambda());
    settings.put("weight_decay", config.weightDecay().text());
    settings.put("optimizer", config.optimizer().text());
    settings.put("learning_rate", config.learningRate());
    settings.put("schedule", config.schedule().text());
    settings.put("epochs", config.epochs());
    settings.put("batch_size", config.batchSize());
    config
        .finish()
        .ifPresent(
            finish ->
                settings.put(
                    "finish",
                    Map.of(
                        "epochs",
                        finish.epochs(),
                        "iterations",
                        finish.iterations(),
                        "curvature",
                        finish.curvature().toString().toLowerCase(Locale.ROOT))));
    config
        .stationarityTolerance()
        .ifPresent(tolerance -> settings.put("until_stationarity", tolerance));
    settings.put("seed", config.seed());
    settings.put("threads", config.threads());
    settings.put("device", config.device().name().toLowerCase(Locale.ROOT));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("stopped_because", run.stopReason().toString().toLowerCase(Locale.ROOT));
    result.put("stationarity", run.stationarity().residual());
    result.put("seconds", run.seconds());
    result.put("samples_passed", run.samplesPassed());
    settings.put("result", result);
    return settings;
  }

  /**
   * Decoupled decay is not the gradient of a penalty, so that no certificate may be made from it.
   */
  private static Map<String, Double> penalized(TrainingRun run) {
    Map<String, Double> penalized = new LinkedHashMap<>();
    if (run.config().weightDecay() == WeightDecay.IN_LOSS) {
      for (String variable : run.weights().names()) {
        double lambda = run.penalty().lambdaOf(variable);
        if (lambda > 0) {
          penalized.put(variable, lambda);
        }
      }
    }
    return penalized;
  }
}
