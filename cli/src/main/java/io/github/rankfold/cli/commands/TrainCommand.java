package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.cli.forecast.ForecastFolder;
import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluation;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.Finish;
import io.github.rankfold.training.LearningRateSchedule;
import io.github.rankfold.training.Optimizer;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingFolder;
import io.github.rankfold.training.TrainingRun;
import io.github.rankfold.training.WeightDecay;
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
    name = "train",
    description = "Trains a network with an L2 penalty and writes a run folder.",
    customSynopsis = "rankfold train --data URI --network NETWORK --out DIR [OPTIONS]",
    footerHeading = "%nNetwork:%n",
    footer = {
      "  mlp:100,50        hidden layers of width 100 and 50",
      "  mlp:64x3          three hidden layers of width 64",
      "  resmlp:64x3       the same with skip connections",
      "  mlp:64x3:tanh     with tanh (or relu, the default; gelu; linear)",
      "  mlp:64x3:nobias   without biases",
      "",
      DataHelp.URIS,
      "Writes:",
      "  DIR/saved_model, DIR/manifest.json and DIR/history.csv, one row an epoch",
      "  DIR/collapse.csv, one row a layer and tracked epoch, with --track-collapse",
      "  DIR/forecast_score.csv, one row a layer, with --forecast",
      "  DIR/truncation.csv, one row a layer and truncation, with --truncate",
      "",
      "Examples:",
      "  rankfold train --data digits --network mlp:100x3 --l2 1e-3 --out run",
      "  rankfold train --data idx:fashion-mnist --network mlp:512x3 --out run",
      "  rankfold train --data digits --network mlp:100x3 --l2 1e-3 --epochs 60 \\",
      "      --truncate classes --truncate-every 5 --out run",
      "  rankfold train --data digits --network resmlp:64x4:tanh --l2 1e-3 \\",
      "      --finish 5 --until 1e-4 --out run"
    })
public final class TrainCommand implements Callable<Integer> {

  @Option(
      names = "--data",
      paramLabel = "URI",
      required = true,
      description = "What to train on; the test part of it, if any, is only measured.")
  private String data = "";

  @Option(
      names = "--network",
      paramLabel = "NETWORK",
      required = true,
      description = "The hidden layers, see below; inputs and classes come from the data.")
  private String network = "";

  @Option(
      names = "--l2",
      paramLabel = "LAMBDA",
      defaultValue = "1e-4",
      description = "The penalty lambda/2 ||W||^2 of every kernel (default: ${DEFAULT-VALUE}).")
  private double lambda;

  @Option(
      names = "--decay",
      paramLabel = "MODE",
      defaultValue = "in_loss",
      description =
          "in_loss adds the penalty to the loss, as the theory has it; decoupled shrinks the weights"
              + " beside the optimizer's step, and gives no bounds (default: ${DEFAULT-VALUE}).")
  private String decay = "in_loss";

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "15",
      description = "Passes over the data (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "128",
      description = "Samples a step; 0 for all (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "momentum",
      description = "sgd, momentum, nesterov or adam (default: ${DEFAULT-VALUE}).")
  private String optimizer = "momentum";

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      defaultValue = "0.05",
      description = "The highest rate; the schedule lowers it (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description =
          "constant, cosine, step:FACTOR,DROPS or warmup:SHARE:SCHEDULE (default:"
              + " ${DEFAULT-VALUE}).")
  private String schedule = "cosine";

  @Option(
      names = "--finish",
      paramLabel = "EPOCHS",
      defaultValue = "0",
      description =
          "L-BFGS epochs on all data at the end, which come near a critical point (default:"
              + " ${DEFAULT-VALUE}).")
  private int finish;

  @Option(
      names = "--until",
      paramLabel = "RESIDUAL",
      description = "Stop once the gradient of the objective has at most this norm.")
  private Optional<Double> until = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "Draws initial weights and order of samples (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "0 for all cores; 1 gives the same weights for a seed, bit for bit, on the processor"
              + " (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--track-collapse",
      paramLabel = "EVERY",
      arity = "0..1",
      fallbackValue = CollapseTracker.USUAL,
      description =
          "Measure collapse on the training data before training, after every EVERY epochs and at"
              + " the end (without a number: every second epoch, or as often as makes 20 times).")
  private Optional<String> trackEvery = Optional.empty();

  @Option(
      names = "--forecast",
      paramLabel = "DIR",
      description =
          "A folder that forecast wrote: what it foretold is shown beside what came out, and"
              + " written to forecast_score.csv.")
  private Optional<Path> forecast = Optional.empty();

  @Mixin private TruncationOptions truncation = new TruncationOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    TrainingConfig config = WrongUsageException.check(this::config).withDevice(common.device());
    Optional<Integer> interval =
        WrongUsageException.check(
            () -> trackEvery.map(every -> CollapseTracker.interval(every, epochs)));
    forecast.ifPresent(folder -> ModelSelection.requireApartFrom(folder, output.path()));
    try (OutputFolder out = output.create()) {
      DataSplit split = DataSource.open(data, console::hint);
      split.train().requireLabels("training");
      split.train().requireNumbers("training");
      NetworkSpec spec =
          WrongUsageException.check(
              () ->
                  NetworkSpec.parse(
                      network, split.train().featureWidth(), split.train().classes()));
      Optional<SpectrumForecast> foretold = forecast.map(ForecastFolder::read);
      foretold.ifPresent(found -> ForecastFolder.checkFit(forecast.orElseThrow(), found, spec));
      Optional<CollapseTracker> tracker =
          interval.map(
              every ->
                  new CollapseTracker(
                      spec, split.train(), every, out.staging(), common.modelOptions()));
      tracker.ifPresent(to -> to.measure(0, NetworkWeights.initial(spec, config.seed())));
      EpochListener watching = tracker.<EpochListener>map(to -> to).orElse(EpochListener.NONE);
      Optional<TruncatedTraining> truncated = truncation.listener(spec, config, watching);
      EpochListener listener = truncated.<EpochListener>map(to -> to).orElse(watching);
      TrainingRun run = TrainingStage.run(spec, split, config, listener, console);
      Map<String, Object> more = new LinkedHashMap<>();
      truncated.ifPresent(to -> more.put("truncation", to.text()));
      TrainingFolder.write(run, split.train(), more, out);
      Optional<String> ranks = Optional.empty();
      if (truncated.isPresent()) {
        truncated.get().table().write(out.staging().resolve("truncation.csv"));
        ranks = Optional.of(afterTruncation(truncated.get(), split, out.staging()));
      }
      if (tracker.isPresent()) {
        tracker.get().ended(run, truncated.isPresent());
        tracker.get().table().write(out.staging().resolve("collapse.csv"));
      }
      Optional<CsvTable> score =
          foretold.map(
              found ->
                  SpectrumForecast.scoreTable(
                      found.score(ForecastStage.spectra(spec, run.weights()))));
      if (score.isPresent()) {
        score.get().write(out.staging().resolve(ForecastFolder.SCORE));
      }
      out.commit();
      tell(console, run, split.train(), tracker, ranks, score);
    }
    return 0;
  }

  /** The history's last row is from before the last truncation. */
  private String afterTruncation(TruncatedTraining truncated, DataSplit split, Path folder) {
    Evaluation after =
        Evaluator.evaluate(folder, common.modelOptions(), split.test().orElse(split.train()));
    return String.format(
        Locale.ROOT,
        "After the last truncation: accuracy %.2f%% on %s data, rank of%n  %s.",
        100 * after.accuracy().value(),
        split.test().isPresent() ? "test" : "training",
        truncated.ranks());
  }

  private TrainingConfig config() {
    TrainingConfig config =
        TrainingConfig.defaults()
            .withL2(lambda)
            .withEpochs(epochs)
            .withBatchSize(batchSize)
            .withOptimizer(Optimizer.parse(optimizer))
            .withLearningRate(learningRate)
            .withSchedule(LearningRateSchedule.parse(schedule))
            .withWeightDecay(
                WeightDecay.named(decay)
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "decay must be in_loss or decoupled, was " + decay)))
            .withSeed(seed)
            .withThreads(threads);
    if (until.isPresent()) {
      config = config.withStationarityTolerance(until.get());
    }
    return finish == 0 ? config : config.withFinish(new Finish(finish, 20));
  }

  private void tell(
      Console console,
      TrainingRun run,
      LabeledData data,
      Optional<CollapseTracker> tracker,
      Optional<String> ranks,
      Optional<CsvTable> score) {
    console.say(TrainingStage.summary(run));
    tracker.ifPresent(to -> console.say(to.cost()));
    ranks.ifPresent(console::say);
    forecast
        .flatMap(
            folder ->
                ForecastFolder.isOfAnother(folder, run.network(), run.penalty().lambda(), data))
        .ifPresent(console::say);
    score.ifPresent(
        table ->
            console.say("%n%s".formatted(ForecastText.comparison(table, forecast.orElseThrow()))));
    console.say("Run in %s".formatted(output.path()));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("run", output.path().toString());
    document.put("network", run.network().text());
    document.put("parameters", run.network().parameters());
    document.put("epochs", run.history().epochs().size());
    document.put("objective", run.history().last().objective());
    document.put("accuracy", run.history().last().accuracy());
    run.history()
        .last()
        .testAccuracy()
        .ifPresent(accuracy -> document.put("test_accuracy", accuracy));
    document.put("stationarity", run.stationarity().residual());
    document.put("seconds", run.seconds());
    document.put("images_per_second", run.imagesPerSecond());
    score.ifPresent(table -> document.put("forecast_score", TextTable.rows(table)));
    console.result(document);
  }
}
