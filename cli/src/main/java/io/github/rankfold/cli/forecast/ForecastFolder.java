package io.github.rankfold.cli.forecast;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files of a forecast. */
public final class ForecastFolder {
  public static final String VALUES = "forecast.csv";
  public static final String LAYERS = "forecast_layers.csv";
  public static final String SCORE = "forecast_score.csv";

  private ForecastFolder() {}

  public static void write(
      ForecastResult result, LabeledData samples, Optional<CsvTable> scores, Path folder)
      throws IOException {
    result.forecast().table().write(folder.resolve(VALUES));
    result.layers().write(folder.resolve(LAYERS));
    if (scores.isPresent()) {
      scores.get().write(folder.resolve(SCORE));
    }
    manifest(result, samples).write(folder);
  }

  /** The forecast of a folder that {@link #write} filled. */
  public static SpectrumForecast read(Path folder) {
    Path file = folder.resolve(LAYERS);
    if (!Files.exists(file) || !Files.exists(folder.resolve(VALUES))) {
      throw new InvalidInputException(
          "%s: expected a folder that forecast wrote, with %s and %s"
              .formatted(folder, VALUES, LAYERS));
    }
    CsvTable layers = CsvTable.read(file);
    CsvTable values = CsvTable.read(folder.resolve(VALUES));
    requireColumns(file, layers, "layer", "rows", "cols");
    requireColumns(folder.resolve(VALUES), values, "layer", "singular_value");
    Map<String, List<Double>> byLayer = new LinkedHashMap<>();
    for (int row = 0; row < values.rows().size(); row++) {
      byLayer
          .computeIfAbsent(values.cell(row, "layer"), layer -> new ArrayList<>())
          .add(number(folder.resolve(VALUES), values, row, "singular_value"));
    }
    Map<String, Spectrum> spectra = new LinkedHashMap<>();
    for (int row = 0; row < layers.rows().size(); row++) {
      String layer = layers.cell(row, "layer");
      int rows = (int) number(file, layers, row, "rows");
      int cols = (int) number(file, layers, row, "cols");
      List<Double> found = byLayer.getOrDefault(layer, List.of());
      if (found.size() != Math.min(rows, cols)) {
        throw new InvalidInputException(
            "%s: layer %s: expected %d singular values for a %d x %d kernel, found %d"
                .formatted(
                    folder.resolve(VALUES), layer, Math.min(rows, cols), rows, cols, found.size()));
      }
      double[] sorted = found.stream().mapToDouble(Double::doubleValue).toArray();
      try {
        spectra.put(layer, Spectrum.ofValues(rows, cols, sorted));
      } catch (IllegalArgumentException e) {
        throw new InvalidInputException(
            "%s: layer %s: %s".formatted(folder.resolve(VALUES), layer, e.getMessage()), e);
      }
    }
    return new SpectrumForecast(spectra);
  }

  /** Refuses the forecast of another network. */
  public static void checkFit(Path folder, SpectrumForecast forecast, NetworkSpec spec) {
    new TrainedSpectra(folder, forecast.byLayer(), Optional.empty()).checkFit(spec);
  }

  /**
   * What the manifest of a forecast or a training says of another network, penalty or other data
   * than these, in a sentence; empty where all is the same, or it says nothing.
   */
  public static Optional<String> isOfAnother(
      Path folder, NetworkSpec spec, double lambda, LabeledData data) {
    Path file = folder.resolve("manifest.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode manifest = Json.read(file);
    String network = manifest.path("network").asText(spec.text());
    double penalty = manifest.path("lambda").asDouble(lambda);
    if (!network.equals(spec.text()) || penalty != lambda) {
      return Optional.of(
          "%s is of %s with lambda %s, not of %s with lambda %s: the errors below are no score."
              .formatted(folder, network, penalty, spec.text(), lambda));
    }
    return Manifest.otherData(manifest, data)
        .map(
            source ->
                "%s is of other data, %s: the errors below are no score."
                    .formatted(folder, source));
  }

  private static void requireColumns(Path file, CsvTable table, String... columns) {
    for (String column : columns) {
      if (!table.columns().contains(column)) {
        throw new InvalidInputException(
            "%s: expected a column %s, found %s"
                .formatted(file, column, String.join(", ", table.columns())));
      }
    }
  }

  /** The header is row 1. */
  private static double number(Path file, CsvTable table, int row, String column) {
    String text = table.cell(row, column);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
          "%s: row %d: expected a number in %s, found \"%s\""
              .formatted(file, row + 2, column, text));
    }
  }

  private static Manifest manifest(ForecastResult result, LabeledData samples) {
    ForecastSettings settings = result.settings();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", Json.tree(samples.provenance()));
    map.put("network", result.network().text());
    map.put("lambda", settings.penalty().lambda());
    map.put("narrow", result.narrow().text());
    map.put("passes", settings.passes());
    map.put("seed", settings.seed());
    map.put("threads", settings.threads());
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("samples_passed", result.samplesPassed());
    found.put("passes", result.passes());
    found.put("seconds", result.seconds());
    found.put("start_objective", result.startObjective());
    found.put("tcv", result.tcv());
    found.put("squared_norms_bound", result.squaredNorms());
    map.put("result", found);
    return new Manifest("forecast", Instant.now(), Optional.empty(), map, Map.of());
  }
}
