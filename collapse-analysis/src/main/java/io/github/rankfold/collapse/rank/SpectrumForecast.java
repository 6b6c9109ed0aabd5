package io.github.rankfold.collapse.rank;

import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the singular values of every kernel will be after a training, by layer, from the input on.
 *
 * <p>arXiv 2402.03991v2 has the case of classes that have collapsed to a point each.
 */
public record SpectrumForecast(Map<String, Spectrum> byLayer) {
  /** At which ranks are counted: {@code s_i > 1e-2 s_1}. */
  public static final RankTolerance TOLERANCE = RankTolerance.relative(1e-2);

  /** Values near the threshold may be forecast wrong by a factor of two: the ranks then. */
  private static final RankTolerance TWICE = RankTolerance.relative(2e-2);

  private static final RankTolerance HALF = RankTolerance.relative(5e-3);

  public SpectrumForecast {
    byLayer = Collections.unmodifiableMap(new LinkedHashMap<>(byLayer));
  }

  /**
   * How far a forecast was from what came out.
   *
   * @param error {@code sqrt(sum (s - s')^2) / sqrt(sum s^2)}, s the outcome; 0 for equal spectra
   * @param forecastRank at 1e-2 of the forecast's largest value
   * @param rank at 1e-2 of the outcome's largest value
   * @param range where the forecast says that the rank lies
   */
  public record Score(String layer, double error, int forecastRank, int rank, RankRange range) {
    /** Whether the rank is right to 1. */
    public boolean isRankNear() {
      return Math.abs(forecastRank - rank) <= 1;
    }

    /** Whether the rank lies in the range. */
    public boolean isRankInRange() {
      return range.least() <= rank && rank <= range.most();
    }
  }

  /**
   * The ranks at 1e-2 of the largest value that are likely: tails fade slowly, so that a value near
   * the threshold may come to lie on its other side.
   *
   * @param least values that stay above it at half their size: {@code s_i > 2e-2 s_1}
   * @param most values that would be above it at twice their size: {@code s_i > 5e-3 s_1}
   */
  public record RankRange(int least, int most) {
    public static RankRange of(Spectrum forecast) {
      return new RankRange(forecast.rank(TWICE), forecast.rank(HALF));
    }

    /** {@code 22-33}, or one number where there is no other. */
    public String text() {
      return least == most ? Integer.toString(least) : least + "-" + most;
    }
  }

  /** Compares with the spectra of the trained kernels, layer by layer. */
  public List<Score> score(Map<String, Spectrum> outcome) {
    List<Score> scores = new ArrayList<>();
    byLayer.forEach(
        (layer, forecast) -> {
          Spectrum found = outcome.get(layer);
          if (found == null) {
            throw new InvalidInputException(
                "expected a layer %s as in the forecast, found %s"
                    .formatted(layer, String.join(", ", outcome.keySet())));
          }
          if (found.rows() != forecast.rows() || found.cols() != forecast.cols()) {
            throw new InvalidInputException(
                "layer %s: expected a %d x %d kernel as in the forecast, found %d x %d"
                    .formatted(
                        layer, forecast.rows(), forecast.cols(), found.rows(), found.cols()));
          }
          scores.add(
              new Score(
                  layer,
                  relativeError(forecast, found),
                  forecast.rank(TOLERANCE),
                  found.rank(TOLERANCE),
                  RankRange.of(forecast)));
        });
    return scores;
  }

  /** The error of the kernel that was missed most. */
  public static double worst(List<Score> scores) {
    return scores.stream().mapToDouble(Score::error).max().orElse(0);
  }

  private static double relativeError(Spectrum forecast, Spectrum outcome) {
    double squares = 0;
    for (int i = 0; i < outcome.size(); i++) {
      double difference = outcome.value(i) - forecast.value(i);
      squares += difference * difference;
    }
    return squares == 0 ? 0 : Math.sqrt(squares) / outcome.distanceToRank(0);
  }

  /** The table of forecast.csv. */
  public CsvTable table() {
    CsvTable.Builder table = CsvTable.columns("layer", "index", "singular_value");
    byLayer.forEach(
        (layer, spectrum) -> {
          for (int i = 0; i < spectrum.size(); i++) {
            table.row(layer, i + 1, spectrum.value(i));
          }
        });
    return table.build();
  }

  /** The table of forecast_score.csv. */
  public static CsvTable scoreTable(List<Score> scores) {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer",
            "relative_error",
            "forecast_rank_1e-2",
            "rank_1e-2",
            "forecast_rank_2e-2",
            "forecast_rank_5e-3");
    for (Score score : scores) {
      table.row(
          score.layer(),
          score.error(),
          score.forecastRank(),
          score.rank(),
          score.range().least(),
          score.range().most());
    }
    return table.build();
  }
}
