package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.forecast.ForecastResult;
import io.github.rankfold.cli.forecast.TrainedSpectra;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.files.CsvTable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A forecast in words and tables of 80 columns. */
final class ForecastText {
  static final String ABOUT_LAYERS =
      """

      rank: singular values above a hundredth of the largest; range: if those near
      that are forecast wrong by a factor of two; stable and effective: the rank
      without a threshold, by squares and by entropy.
      """;

  /** Singular values shown of each kernel. */
  private static final int SHOWN = 5;

  private ForecastText() {}

  static String layers(ForecastResult result) {
    TextTable text =
        TextTable.headed(
            "layer", "kernel", "rank", "range", "stable", "effective", "largest values");
    result
        .forecast()
        .byLayer()
        .forEach(
            (layer, spectrum) ->
                text.row(
                    layer,
                    "%dx%d".formatted(spectrum.rows(), spectrum.cols()),
                    Integer.toString(spectrum.rank(SpectrumForecast.TOLERANCE)),
                    SpectrumForecast.RankRange.of(spectrum).text(),
                    String.format(Locale.ROOT, "%.2f", spectrum.stableRank()),
                    String.format(Locale.ROOT, "%.2f", spectrum.effectiveRank()),
                    largest(spectrum)));
    return text.text();
  }

  /** What holds before training, whatever the forecast says. */
  static String bounds(ForecastResult result) {
    CsvTable layers = result.layers();
    TextTable text = TextTable.headed("layer", "tcv bound", "by forecast");
    for (int row = 0; row < layers.rows().size(); row++) {
      text.row(
          layers.cell(row, "layer"),
          TextTable.forReading(layers.cell(row, "tcv_bound")),
          TextTable.forReading(layers.cell(row, "tcv_bound_by_forecast")));
    }
    return String.format(
            Locale.ROOT,
            "Certain before training, of any that ends no higher than it starts: the%n"
                + "squared norms of all kernels sum to at most %.4g, and the variation inside%n"
                + "the classes at each layer's input (TCV) is at most%n%n",
            result.squaredNorms())
        + text.text()
        + "%n%nby forecast: the same with the norms that are forecast.%n".formatted();
  }

  static String score(CsvTable scores, TrainedSpectra outcome, ForecastResult result, Path run) {
    return comparison(scores, run)
        + outcome
            .samplesPassed()
            .map(
                trained ->
                    String.format(
                        Locale.ROOT,
                        "%nThe training cost %,.0f passes; the forecast %.1f%% of that.%n",
                        (double) trained / result.samples(),
                        100.0 * result.passes() * result.samples() / trained))
            .orElse("");
  }

  /** A forecast beside what came out. */
  static String comparison(CsvTable scores, Path run) {
    TextTable text = TextTable.headed("layer", "error", "rank forecast", "range", "rank found");
    for (int row = 0; row < scores.rows().size(); row++) {
      text.row(
          scores.cell(row, "layer"),
          String.format(
              Locale.ROOT, "%.1f%%", 100 * Double.parseDouble(scores.cell(row, "relative_error"))),
          scores.cell(row, "forecast_rank_1e-2"),
          new SpectrumForecast.RankRange(
                  Integer.parseInt(scores.cell(row, "forecast_rank_2e-2")),
                  Integer.parseInt(scores.cell(row, "forecast_rank_5e-3")))
              .text(),
          scores.cell(row, "rank_1e-2"));
    }
    return "Forecast and outcome, %s:%n%n%s%n%nerror: distance of the two spectra, relative to the found one.%n"
        .formatted(run, text.text());
  }

  static Map<String, List<Double>> singularValues(SpectrumForecast forecast) {
    Map<String, List<Double>> values = new LinkedHashMap<>();
    forecast
        .byLayer()
        .forEach(
            (layer, spectrum) ->
                values.put(layer, Arrays.stream(spectrum.toArray()).boxed().toList()));
    return values;
  }

  private static String largest(Spectrum spectrum) {
    return Arrays.stream(spectrum.toArray())
        .limit(SHOWN)
        .mapToObj(value -> String.format(Locale.ROOT, "%.3g", value))
        .collect(Collectors.joining(" "));
  }
}
