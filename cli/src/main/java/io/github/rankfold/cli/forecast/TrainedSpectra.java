package io.github.rankfold.cli.forecast;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.savedmodel.Manifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The spectra of a folder's kernels: what a training came to, or a forecast.
 *
 * @param byLayer its singular values
 * @param samplesPassed what it cost, where its manifest says so
 */
public record TrainedSpectra(
    Path run, Map<String, Spectrum> byLayer, Optional<Long> samplesPassed) {
  public TrainedSpectra {
    byLayer = Collections.unmodifiableMap(new LinkedHashMap<>(byLayer));
  }

  /** Of a run folder or a SavedModel. */
  public static TrainedSpectra of(Path run) {
    Map<String, Spectrum> spectra = new LinkedHashMap<>();
    try (LiveModel model = LiveModel.open(run)) {
      KernelSpectra.of(model)
          .byLayer()
          .forEach((layer, spectrum) -> spectra.put(layer.name(), spectrum));
    }
    return new TrainedSpectra(run, spectra, cost(run.resolve(Manifest.FILE)));
  }

  private static Optional<Long> cost(Path manifest) {
    if (!Files.exists(manifest)) {
      return Optional.empty();
    }
    JsonNode passed = Json.read(manifest).at("/result/samples_passed");
    return passed.isIntegralNumber() ? Optional.of(passed.asLong()) : Optional.empty();
  }

  /** Refuses the outcome of another network. */
  public void checkFit(NetworkSpec spec) {
    for (DenseLayer layer : spec.layers()) {
      Spectrum found = byLayer.get(layer.name());
      if (found == null || found.rows() != layer.inputs() || found.cols() != layer.outputs()) {
        throw new InvalidInputException(
            "%s: expected layer %s with a %d x %d kernel as in %s, found %s"
                .formatted(
                    run,
                    layer.name(),
                    layer.inputs(),
                    layer.outputs(),
                    spec.text(),
                    found == null
                        ? "layers " + String.join(", ", byLayer.keySet())
                        : "%d x %d".formatted(found.rows(), found.cols())));
      }
    }
  }
}
