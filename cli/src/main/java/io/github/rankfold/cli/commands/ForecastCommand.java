package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.cli.forecast.ForecastFolder;
import io.github.rankfold.cli.forecast.ForecastResult;
import io.github.rankfold.cli.forecast.ForecastSettings;
import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.cli.forecast.TrainedSpectra;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.Device;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.L2Penalty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
        "Predicts the singular values of every kernel at a tenth of the training's multiply-adds or"
            + " less, and says what is certain before training.",
    customSynopsis = "rankfold forecast --data URI --network NETWORK --l2 LAMBDA [OPTIONS]",
    footerHeading = "%n",
    footer = {
      DataHelp.URIS,
      "With --out, writes:",
      "  forecast.csv         singular values",
      "  forecast_layers.csv  ranks, norms, and bounds that hold before training",
      "  forecast_score.csv   with --against: how far it was from the outcome",
      "  manifest.json",
      "",
      "Examples:",
      "  rankfold forecast --data digits --network mlp:100x3 --l2 1e-2",
      "  rankfold train --data digits --network mlp:100x3 --l2 1e-2 --finish 25 \\",
      "      --out run",
      "  rankfold forecast --data digits --network mlp:100x3 --l2 1e-2 \\",
      "      --against run --out forecast"
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
      names = "--passes",
      paramLabel = "N",
      defaultValue = "" + ForecastSettings.PASSES,
      description =
          "What the forecast may cost, in passes of the network over the data; a training with --finish 25 costs"
              + " about 530 (default: ${DEFAULT-VALUE}).")
  private double passes;

  @Option(
      names = "--width",
      paramLabel = "W",
      description =
          "Most neurons of hidden layers after the first while the forecast is made (default:"
              + " three for each class, but at least 24).")
  private Optional<Integer> width = Optional.empty();

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
      names = "--against",
      paramLabel = "RUN",
      description = "A trained run or SavedModel to score the forecast by.")
  private Optional<Path> against = Optional.empty();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "A folder for all tables; refused if it exists and is not empty.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--overwrite",
      description = "Replace the output folder if rankfold wrote all that is in it.")
  private boolean overwrite;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    if (out.isPresent() && against.isPresent()) {
      ModelSelection.requireApartFrom(against.get(), out.get());
    }
    Device device = common.device();
    ForecastSettings settings = WrongUsageException.check(() -> settings(device));
    LabeledData samples = DataSource.open(data, console::hint).primary();
    samples.requireEveryClass();
    samples.requireNumbers("a forecast");
    NetworkSpec spec =
        WrongUsageException.check(
            () -> NetworkSpec.parse(network, samples.featureWidth(), samples.classes()));
    Optional<TrainedSpectra> outcome = against.map(TrainedSpectra::of);
    // Before the work: an outcome of another network, and a folder in the way, are told at once.
    outcome.ifPresent(found -> found.checkFit(spec));
    if (out.isPresent()) {
      try (OutputFolder folder = OutputFolder.create(out.get(), overwrite)) {
        Told told = new Told(ForecastStage.run(spec, samples, settings, console), samples, outcome);
        ForecastFolder.write(told.result(), samples, told.scores(), folder.staging());
        folder.commit();
        tell(console, told);
      }
    } else {
      tell(
          console, new Told(ForecastStage.run(spec, samples, settings, console), samples, outcome));
    }
    return 0;
  }

  private ForecastSettings settings(Device device) {
    return new ForecastSettings(new L2Penalty(lambda), width, passes, seed, threads, device);
  }

  /** A forecast and what it is scored by. */
  private record Told(
      ForecastResult result, LabeledData samples, Optional<TrainedSpectra> outcome) {
    Optional<CsvTable> scores() {
      return outcome.map(
          found -> SpectrumForecast.scoreTable(result.forecast().score(found.byLayer())));
    }
  }

  private void tell(Console console, Told told) {
    ForecastResult result = told.result();
    console.say(
        String.format(
            Locale.ROOT,
            "Forecast of %s with lambda %s on %,d samples, by training%n"
                + "%s; it cost %.1f passes over the data, %.1f s.%n",
            result.network().text(),
            lambda,
            result.samples(),
            result.narrow().text(),
            result.passes(),
            result.seconds()));
    console.say(ForecastText.layers(result));
    console.note(ForecastText.ABOUT_LAYERS);
    console.say(ForecastText.bounds(result));
    Map<String, Object> document = new LinkedHashMap<>();
    out.ifPresent(folder -> document.put("forecast", folder.toString()));
    document.put("network", result.network().text());
    document.put("lambda", lambda);
    document.put("narrow", result.narrow().text());
    document.put("samples", result.samples());
    document.put("passes", result.passes());
    document.put("seconds", result.seconds());
    document.put("squared_norms_bound", result.squaredNorms());
    document.put("layers", TextTable.rows(result.layers()));
    document.put("singular_values", ForecastText.singularValues(result.forecast()));
    told.scores()
        .ifPresent(
            table -> {
              against
                  .flatMap(
                      run ->
                          ForecastFolder.isOfAnother(run, result.network(), lambda, told.samples()))
                  .ifPresent(console::say);
              console.say(
                  ForecastText.score(
                      table, told.outcome().orElseThrow(), result, against.orElseThrow()));
              document.put("score", TextTable.rows(table));
            });
    out.ifPresent(folder -> console.say("Tables in %s".formatted(folder)));
    console.result(document);
  }
}
