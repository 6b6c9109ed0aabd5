package io.github.rankfold.benchmarks;

import io.github.rankfold.cli.forecast.ForecastRivals;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How near forecasts come to trainings, beside a tenth of the training and a tenth of the data: the
 * tables of docs/forecast.md.
 *
 * <p>Arguments: {@code --cases "URI NETWORK LAMBDA;..."}, {@code --seed S}, and {@code --write
 * FILE} to replace the section of that document.
 */
public final class ForecastQuality {
  private ForecastQuality() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    long seed = options.number("--seed", 1);
    // Not shown: the first trainings of a process pay for loading TensorFlow and for compiling.
    table(ForecastCase.parse("digits mlp:100x3 1e-2"), seed);
    List<String> sections = new ArrayList<>();
    for (String text : options.text("--cases", "digits mlp:100x3 1e-2").split(";", -1)) {
      sections.add(table(ForecastCase.parse(text), seed));
      System.out.println(sections.get(sections.size() - 1));
    }
    if (options.has("--write")) {
      new GeneratedSection("forecast-quality")
          .write(Path.of(options.text("--write", "")), String.join("\n", sections));
    }
  }

  private static String table(ForecastCase one, long seed) {
    List<ForecastRivals.Row> rows =
        one.rivals(seed).run(row -> System.err.println(line(row, 1, List.of())));
    double cost = rows.get(0).passes();
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            Locale.ROOT,
            "%s, %,d samples, %s, lambda %s:%n%n",
            one.name(),
            one.data().size(),
            one.spec().text(),
            one.lambda()));
    table.append(
        "| method | cost | processor s | errors | worst, by each training | ranks at 1e-2 |\n");
    table.append("| --- | --- | --- | --- | --- | --- |\n");
    List<ForecastRivals.Row> trainings = rows.subList(0, ForecastRivals.TRAININGS);
    rows.forEach(row -> table.append(line(row, cost, trainings)).append('\n'));
    return table.toString();
  }

  private static String line(
      ForecastRivals.Row row, double cost, List<ForecastRivals.Row> trainings) {
    return String.format(
        Locale.ROOT,
        "| %s | %.3f | %.1f | %s | %s | %s |",
        row.method(),
        row.passes() / cost,
        row.processorSeconds(),
        row.scores().stream()
            .map(score -> String.format(Locale.ROOT, "%.3f", score.error()))
            .collect(Collectors.joining(" ")),
        trainings.stream()
            .map(one -> String.format(Locale.ROOT, "%.3f", row.worst(one)))
            .collect(Collectors.joining(" ")),
        row.scores().stream()
            .map(SpectrumForecast.Score::forecastRank)
            .map(String::valueOf)
            .collect(Collectors.joining(" ")));
  }
}
