package io.github.rankfold.cli.report;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The singular values of each layer, largest first, from {@code spectra.csv}. */
record LayerSpectra(Map<String, List<Double>> byLayer) {
  LayerSpectra {
    byLayer = Collections.unmodifiableMap(new LinkedHashMap<>(byLayer));
  }

  static LayerSpectra of(ReportInputs inputs) {
    Map<String, List<Double>> byLayer = new LinkedHashMap<>();
    inputs
        .table(ReportTable.SPECTRA)
        .ifPresent(
            table -> {
              for (int row = 0; row < table.size(); row++) {
                OptionalDouble value = table.number(row, "singular_value");
                if (value.isEmpty() || value.getAsDouble() < 0) {
                  throw new InvalidInputException(
                      "spectra.csv: row %d: column singular_value: expected a number >= 0, found %s"
                          .formatted(row + 2, value.isEmpty() ? "none" : value.getAsDouble()));
                }
                byLayer
                    .computeIfAbsent(table.text(row, "layer"), name -> new ArrayList<>())
                    .add(value.getAsDouble());
              }
            });
    byLayer.replaceAll(
        (name, values) -> values.stream().sorted(Collections.reverseOrder()).toList());
    return new LayerSpectra(byLayer);
  }

  /** {@code ||W||_F}, empty for a layer without a spectrum. */
  OptionalDouble norm(String layer) {
    List<Double> values = byLayer.get(layer);
    return values == null ? OptionalDouble.empty() : OptionalDouble.of(Math.sqrt(tail(values, 0)));
  }

  /** {@code sum_{i > rank} s_i^2}, the squared distance to the nearest matrix of that rank. */
  static double tail(List<Double> values, int rank) {
    return values.stream().skip(rank).mapToDouble(s -> s * s).sum();
  }
}
