package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.cli.forecast.ForecastSettings;
import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.savedmodel.Manifest;
import io.github.rankfold.training.L2Penalty;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "forecast",
    description =
        "Predicts the singular values of every kernel before training, from a few points that"
            + " stand for the data.",
    customSynopsis =
        "rankfold forecast --data URI --network NETWORK --l2 LAMBDA --out DIR [OPTIONS]",
    footerHeading = "%n",
    footer = {
      DataHelp.URIS,
      "Writes:",
      "  forecast.csv         singular values",
      "  forecast_layers.csv  ranks, norms, and bounds that hold before training",
      "  forecast_score.csv   with --score: how far the forecast was from the outcome",
      "",
      "Examples:",
      "  rankfold forecast --data digits --network mlp:100x3:tanh --l2 1e-2 --out forecast",
      "  rankfold train --data digits --network mlp:100x3:tanh --l2 1e-2 --finish 25 --out run",
      "  rankfold forecast --data digits --network mlp:100x3:tanh --l2 1e-2 --score run \\",
      "      --out forecast-scored"
    })
public final class ForecastCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "URI",
      required = true,
      description = "What the network would be trained on.")
  private String data = "";

  @Option(
      names = "--network",
      paramLabel = "NETWORK",
      required = true,
      description = "As for train, for instance mlp:100x3:tanh.")
  private String network = "";

  @Option(
      names = "--l2",
      paramLabel = "LAMBDA",
      required = true,
      description = "The penalty lambda/2 ||W||^2 of every kernel; above 0.")
  private double lambda;

  @Option(
      names = "--points",
      paramLabel = "M",
      description =
          "Points that stand for the data; at least one a class (default: a tenth of the samples,"
              + " but at least four a class and at most 2,000).")
  private Optional<Integer> points = Optional.empty();

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "300",
      description = "L-BFGS iterations on the points (default: ${DEFAULT-VALUE}).")
  private int iterations;

  @Option(
      names = "--refine",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "L-BFGS iterations on all data after that; each costs a pass over it (default:"
              + " ${DEFAULT-VALUE}).")
  private int refinement;

  @Option(
      names = "--starts",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Initial weights to try, of which the best end counts (default: ${DEFAULT-VALUE}).")
  private int starts;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "The seed of the training that is forecast (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "0 for all cores (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--score",
      paramLabel = "RUN",
      description = "A trained run or SavedModel to compare the forecast with.")
  private Optional<Path> scored = Optional.empty();

  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    WrongUsageException.check(() -> settings(points.orElse(1)));
    try (OutputFolder out = output.create()) {
      LabeledData samples = DataSource.open(data).primary();
      ForecastSettings settings =
          WrongUsageException.check(() -> settings(points.orElseGet(() -> pointsFor(samples))));
      NetworkSpec spec =
          WrongUsageException.check(
              () -> NetworkSpec.parse(network, samples.featureWidth(), samples.classes()));
      if (settings.points() < samples.classes()) {
        WrongUsageException.check(
            () -> {
              throw new IllegalArgumentException(
                  "points must be >= the number of classes, %d, was %d"
                      .formatted(samples.classes(), settings.points()));
            });
      }
      Optional<Map<String, Spectrum>> outcome = scored.map(ForecastCommand::spectra);
      ForecastStage.Result result = ForecastStage.run(spec, samples, settings, console);
      result.forecast().table().write(out.staging().resolve("forecast.csv"));
      result.layers().write(out.staging().resolve("forecast_layers.csv"));
      manifest(result, samples).write(out.staging());
      Optional<CsvTable> scores =
          outcome.map(found -> SpectrumForecast.scoreTable(result.forecast().score(found)));
      if (scores.isPresent()) {
        scores.get().write(out.staging().resolve("forecast_score.csv"));
      }
      out.commit();
      tell(console, result, samples, scores);
    }
    return 0;
  }

  /** A tenth of the samples, but at least four a class and at most 2,000. */
  static int pointsFor(LabeledData data) {
    return Math.max(4 * data.classes(), Math.min(2000, data.size() / 10));
  }

  private ForecastSettings settings(int chosen) {
    return new ForecastSettings(
        new L2Penalty(lambda), chosen, iterations, refinement, starts, seed, threads);
  }

  private static Map<String, Spectrum> spectra(Path run) {
    Map<String, Spectrum> spectra = new LinkedHashMap<>();
    try (LiveModel model = LiveModel.open(run)) {
      KernelSpectra.of(model)
          .byLayer()
          .forEach((layer, spectrum) -> spectra.put(layer.name(), spectrum));
    }
    return spectra;
  }

  private static Manifest manifest(ForecastStage.Result result, LabeledData samples) {
    ForecastSettings settings = result.settings();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", Json.tree(samples.provenance()));
    map.put("network", result.network().text());
    map.put("lambda", settings.penalty().lambda());
    map.put("points", result.points());
    map.put("iterations", settings.iterations());
    map.put("refinement", settings.refinement());
    map.put("starts", settings.starts());
    map.put("seed", settings.seed());
    map.put("threads", settings.threads());
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("samples_passed", result.samplesPassed());
    found.put("passes", passes(result, samples));
    found.put("seconds", result.seconds());
    found.put("start_objective", result.startObjective());
    found.put("tcv", result.tcv());
    map.put("result", found);
    return new Manifest("forecast", Instant.now(), Optional.empty(), map, Map.of());
  }

  /** The cost in passes over all data: epochs of a training. */
  private static double passes(ForecastStage.Result result, LabeledData samples) {
    return (double) result.samplesPassed() / samples.size();
  }

  private void tell(
      Console console,
      ForecastStage.Result result,
      LabeledData samples,
      Optional<CsvTable> scores) {
    console.say(
        String.format(
            Locale.ROOT,
            "Forecast of %s with lambda %s from %,d points for %,d samples; it cost as much as"
                + " %.1f epochs, %.1f s.",
            result.network().text(),
            lambda,
            result.points(),
            samples.size(),
            passes(result, samples),
            result.seconds()));
    console.say(shown(result.layers(), List.of("layer", "rank_1e-2", "largest", "tcv_bound")));
    console.note(
        "rank_1e-2: singular values above a hundredth of the largest. tcv_bound: what the");
    console.note("variation inside the classes at the layer's input cannot exceed, known before");
    console.note(
        String.format(
            Locale.ROOT,
            "training, as is that the squared norms of all kernels sum to at most %.4g.",
            result.squaredNorms()));
    scores.ifPresent(
        table -> {
          console.say("Beside %s:".formatted(scored.orElseThrow()));
          console.say(shown(table, table.columns()));
        });
    console.say("Forecast in %s".formatted(output.path()));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("forecast", output.path().toString());
    document.put("points", result.points());
    document.put("passes", passes(result, samples));
    document.put("seconds", result.seconds());
    document.put("squared_norms_bound", result.squaredNorms());
    document.put("layers", TextTable.rows(result.layers()));
    scores.ifPresent(table -> document.put("score", TextTable.rows(table)));
    console.result(document);
  }

  private static String shown(CsvTable table, List<String> columns) {
    TextTable text = TextTable.headed(columns.toArray(String[]::new));
    for (int row = 0; row < table.rows().size(); row++) {
      int at = row;
      text.row(
          columns.stream()
              .map(column -> TextTable.forReading(table.cell(at, column)))
              .toArray(String[]::new));
    }
    return text.text() + System.lineSeparator();
  }
}
