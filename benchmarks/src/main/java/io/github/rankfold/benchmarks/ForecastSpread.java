package io.github.rankfold.benchmarks;

import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.collapse.rank.SpectrumForecast.Score;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * How often forecasts agree with trainings, beside how often trainings of other seeds agree with
 * each other: the table of docs/forecast.md over networks.
 *
 * <p>Arguments: {@code --cases "URI NETWORK LAMBDA;..."}, {@code --trainings 5} from seed 1 on,
 * {@code --forecasts 4} from seed 41 on, and {@code --write FILE} to replace the section of that
 * document.
 */
public final class ForecastSpread {
  /** The relative error that a forecast may have. */
  private static final double GOAL = 0.1;

  private static final int FIRST_FORECAST = 41;

  private ForecastSpread() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    long trainings = options.number("--trainings", 5);
    long forecasts = options.number("--forecasts", 4);
    StringBuilder table = new StringBuilder();
    table.append("| network | within 10%: trainings, forecasts | worst kernel, mean: trainings,");
    table.append(" forecasts | rank right to 1: trainings, forecasts | rank in its range |\n");
    table.append("| --- | --- | --- | --- | --- |\n");
    for (String text : options.text("--cases", "digits mlp:100x3 1e-2").split(";", -1)) {
      ForecastCase one = ForecastCase.parse(text);
      List<SpectrumForecast> outcomes =
          LongStream.rangeClosed(1, trainings).mapToObj(one.rivals(1)::outcome).toList();
      List<SpectrumForecast> found =
          LongStream.range(FIRST_FORECAST, FIRST_FORECAST + forecasts)
              .mapToObj(one.rivals(1)::forecast)
              .toList();
      String line = line(one, scores(outcomes, outcomes), scores(found, outcomes));
      System.out.println(line);
      table.append(line).append('\n');
    }
    if (options.has("--write")) {
      new GeneratedSection("forecast-spread")
          .write(Path.of(options.text("--write", "")), table.toString());
    }
  }

  /** Each by each other. */
  private static List<List<Score>> scores(
      List<SpectrumForecast> found, List<SpectrumForecast> outcomes) {
    List<List<Score>> scores = new ArrayList<>();
    for (SpectrumForecast one : found) {
      for (SpectrumForecast outcome : outcomes) {
        if (!one.equals(outcome)) {
          scores.add(one.score(outcome.byLayer()));
        }
      }
    }
    return scores;
  }

  private static String line(
      ForecastCase one, List<List<Score>> trainings, List<List<Score>> forecasts) {
    return String.format(
        Locale.ROOT,
        "| %s %s, lambda %s | %.0f%%, %.0f%% | %.3f, %.3f | %.0f%%, %.0f%% | %.0f%% |",
        one.name(),
        one.spec().text(),
        one.lambda(),
        within(trainings),
        within(forecasts),
        worst(trainings),
        worst(forecasts),
        share(trainings, true),
        share(forecasts, true),
        share(forecasts, false));
  }

  private static double within(List<List<Score>> all) {
    return 100.0
        * all.stream().filter(one -> SpectrumForecast.worst(one) <= GOAL).count()
        / all.size();
  }

  private static double worst(List<List<Score>> all) {
    return all.stream().mapToDouble(SpectrumForecast::worst).average().orElse(0);
  }

  /** Of all kernels, those with the right rank to 1, or with a rank in its range. */
  private static double share(List<List<Score>> all, boolean near) {
    return 100.0
        * all.stream()
            .flatMap(List::stream)
            .mapToInt(score -> (near ? score.isRankNear() : score.isRankInRange()) ? 1 : 0)
            .average()
            .orElse(0);
  }
}
