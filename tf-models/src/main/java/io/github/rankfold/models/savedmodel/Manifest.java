package io.github.rankfold.models.savedmodel;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.TensorFlow;

/**
 * What made a model, from what, with what settings: {@code manifest.json} beside a {@code
 * saved_model} folder.
 *
 * @param kind what made it: {@code training}, {@code compression}, {@code merging} and the like
 * @param created when
 * @param parent the hash of the model it was made from, where there is one
 * @param settings what a user would need to make it again, in order; values are texts, numbers,
 *     booleans, maps or lists
 * @param penalized the penalty lambda of each kernel in the objective, by variable name; kernels
 *     that are missing have none
 */
public record Manifest(
    String kind,
    Instant created,
    Optional<String> parent,
    Map<String, Object> settings,
    Map<String, Double> penalized) {
  public static final String FILE = "manifest.json";

  /** The model's folder beside it. */
  private static final String MODEL = "saved_model";

  private static final String TOOL = "rankfold";

  /** The setting that keeps a model's classes where it was not trained here. */
  public static final String CLASS_NAMES = "classNames";

  /** The version of this tool, as its manifest files name it. */
  public static final String TOOL_VERSION =
      Optional.ofNullable(Manifest.class.getPackage().getImplementationVersion())
          .orElse("development");

  public Manifest {
    settings = Map.copyOf(settings).isEmpty() ? Map.of() : new LinkedHashMap<>(settings);
    penalized = new LinkedHashMap<>(penalized);
  }

  /** Writes manifest.json into {@code folder}, the one that holds {@code saved_model}. */
  public void write(Path folder) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("tool", TOOL);
    json.put("version", TOOL_VERSION);
    json.put("tensorflow", TensorFlow.version());
    json.put("kind", kind);
    json.put("created", created.toString());
    parent.ifPresent(hash -> json.put("parent_sha256", hash));
    json.putAll(settings);
    json.put("penalized", penalized);
    Json.write(folder.resolve(FILE), json);
  }

  /**
   * The penalties that the manifest beside a model records; empty where it has no manifest.
   *
   * @return lambda by variable name
   */
  public static Optional<Map<String, Double>> penalties(SavedModelFolder model) {
    Optional<JsonNode> manifest = beside(model);
    if (manifest.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Double> result = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : manifest.get().path("penalized").properties()) {
      if (!entry.getValue().isNumber()) {
        throw new InvalidInputException(
            "%s: penalized: %s: expected a number, found %s"
                .formatted(file(model), entry.getKey(), entry.getValue()));
      }
      result.put(entry.getKey(), entry.getValue().asDouble());
    }
    return Optional.of(result);
  }

  /**
   * The classes that a model was trained on, in the order of its outputs, as the manifest beside it
   * has them; empty where none says.
   */
  public static Optional<List<String>> classNames(SavedModelFolder model) {
    List<String> names = new ArrayList<>();
    beside(model)
        .ifPresent(
            json -> {
              JsonNode trained = json.path("data").path(CLASS_NAMES);
              JsonNode found = trained.isMissingNode() ? json.path(CLASS_NAMES) : trained;
              found.forEach(name -> names.add(name.asText()));
            });
    return names.isEmpty() ? Optional.empty() : Optional.of(names);
  }

  /** What made a model ({@code training}, {@code compression}, ...), where its manifest says so. */
  public static Optional<String> kind(SavedModelFolder model) {
    return beside(model).map(json -> json.path("kind").asText());
  }

  /** What a model was trained on where that is other data than this; takes a pass over the data. */
  public static Optional<String> otherTrainingData(SavedModelFolder model, LabeledData data) {
    return beside(model).flatMap(manifest -> otherData(manifest, data));
  }

  /** The data that a manifest is about where that is other data; empty where it names none. */
  public static Optional<String> otherData(JsonNode manifest, LabeledData data) {
    JsonNode of = manifest.path("data");
    return of.path("sha256").isMissingNode() || of.path("sha256").asText().equals(data.sha256())
        ? Optional.empty()
        : Optional.of(of.path("source").asText());
  }

  /**
   * The manifest that was written with this model: other tools have files of this name too, and a
   * model that was moved has another one's neighbours.
   */
  private static Optional<JsonNode> beside(SavedModelFolder model) {
    Path file = file(model);
    return model.folder().toAbsolutePath().normalize().endsWith(MODEL) && Files.isRegularFile(file)
        ? Optional.of(Json.read(file)).filter(json -> json.path("tool").asText().equals(TOOL))
        : Optional.empty();
  }

  private static Path file(SavedModelFolder model) {
    return model.folder().toAbsolutePath().normalize().resolveSibling(FILE);
  }
}
