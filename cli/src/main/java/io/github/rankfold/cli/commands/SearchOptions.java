package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.Speed;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.search.Budget;
import io.github.rankfold.compression.search.LatencyBudget;
import io.github.rankfold.compression.search.LatencySearch;
import io.github.rankfold.compression.search.Metric;
import io.github.rankfold.compression.search.RankSearch;
import io.github.rankfold.compression.search.SearchFolder;
import io.github.rankfold.compression.search.SearchResult;
import io.github.rankfold.compression.search.SearchSettings;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What a compressed model may lose and must save, and how ranks are found for that. */
final class SearchOptions {
  @Option(
      names = "--max-drop",
      paramLabel = "POINTS",
      description = "Compress as far as the metric gets no worse than this on the data.")
  private Optional<Double> maxDrop = Optional.empty();

  @Option(
      names = "--strict",
      description = "Keep to --max-drop with 95%% confidence on new data, not only on this.")
  private boolean strict;

  @Option(
      names = "--ratio",
      paramLabel = "TIMES",
      description = "At least so many times fewer parameters.")
  private Optional<Double> ratio = Optional.empty();

  @Option(names = "--parameters", paramLabel = "COUNT", description = "At most so many parameters.")
  private Optional<Long> parameters = Optional.empty();

  @Option(
      names = "--bytes",
      paramLabel = "COUNT",
      description = "At most so many bytes of weights.")
  private Optional<Long> bytes = Optional.empty();

  @Option(
      names = "--multiply-adds",
      paramLabel = "COUNT",
      description = "At most so many multiply-adds for one input.")
  private Optional<Long> multiplyAdds = Optional.empty();

  @Option(
      names = "--latency",
      paramLabel = "LIMIT",
      description =
          "At most so much time for a call, measured: 0.5x (of the original's) or 3ms. Where it is"
              + " more, fewer multiply-adds are tried.")
  private Optional<String> latency = Optional.empty();

  @Option(
      names = "--latency-batch",
      paramLabel = "COUNT",
      defaultValue = "1",
      description = "How many samples that call has (default: ${DEFAULT-VALUE}).")
  private int latencyBatch = 1;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      converter = MetricName.class,
      description =
          "What --max-drop is of: accuracy, top5, agreement with the original, relative-error (%%)"
              + " or squared-error of the outputs; the last three need no labels (default:"
              + " accuracy).")
  private Metric metric = Metric.ACCURACY;

  Metric metric() {
    return metric;
  }

  @Option(
      names = "--calibration",
      paramLabel = "URI",
      description =
          "Samples to take activations from (default: the training part of --data, or every second"
              + " sample of it, which the budget is then not promised on).")
  private Optional<String> calibration = Optional.empty();

  @Option(
      names = "--calibration-samples",
      paramLabel = "COUNT",
      description =
          "How many of them at most (default: 5000; with a budget as many as the search has, but"
              + " at least 2000).")
  private @Nullable Integer calibrationSamples;

  @Option(
      names = "--weighting",
      paramLabel = "WHAT",
      description =
          "What a truncated kernel is near to: none (the kernel), inputs (what it gives for the"
              + " data) or outputs (also how the model's outputs depend on that). Default: outputs"
              + " with a budget, none with a rule.")
  private Optional<Weighting> weighting = Optional.empty();

  @Option(
      names = "--no-reconstruction",
      negatable = false,
      description = "Leave out the fit of truncated layers to the original's activations.")
  private boolean withoutReconstruction;

  @Option(
      names = "--fine-tune",
      paramLabel = "EPOCHS",
      defaultValue = "0",
      description =
          "Train the factors to give the original's outputs, at most so many passes over the"
              + " calibration samples (default: none).")
  private int fineTune;

  @Option(
      names = "--fine-tune-rate",
      paramLabel = "RATE",
      description = "Adam's learning rate for that (default: 2e-3).")
  private Optional<Double> fineTuneRate = Optional.empty();

  private static final double FINE_TUNE_RATE = 2e-3;

  /** picocli's own converter wants constants as they are spelt in Java. */
  static final class MetricName implements picocli.CommandLine.ITypeConverter<Metric> {
    @Override
    public Metric convert(String value) {
      for (Metric metric : Metric.values()) {
        if (metric.toString().equals(value.toLowerCase(Locale.ROOT))) {
          return metric;
        }
      }
      throw new picocli.CommandLine.TypeConversionException(
          "expected accuracy, top5, agreement, relative-error or squared-error, was '%s'"
              .formatted(value));
    }
  }

  /** Whether ranks are to be searched for. */
  boolean hasBudget() {
    return maxDrop.isPresent()
        || ratio.isPresent()
        || parameters.isPresent()
        || bytes.isPresent()
        || multiplyAdds.isPresent()
        || latency.isPresent();
  }

  /** Refuses what can be seen to be wrong before anything is read. */
  void check(CommandSpec command) {
    latency();
    if (fineTuneRate.isPresent() && fineTune == 0) {
      throw new ParameterException(
          command.commandLine(), "--fine-tune-rate: expected --fine-tune EPOCHS, found none");
    }
    if (hasBudget()) {
      // Of all budgets alike: what is wrong with the other settings is said before anything is
      // read.
      Budget any = otherBudgets().orElseGet(() -> Budget.ratio(1));
      settings(any, LayerSelection.all(), WeightStorage.unchanged());
      return;
    }
    Map<String, Boolean> ofBudgets = new LinkedHashMap<>();
    ofBudgets.put("--strict", strict);
    ofBudgets.put("--latency-batch", latencyBatch != 1);
    ofBudgets.put("--metric", metric != Metric.ACCURACY);
    ofBudgets.put("--no-reconstruction", withoutReconstruction);
    ofBudgets.put("--fine-tune", fineTune != 0);
    boolean weighs = weighting() != Weighting.NONE;
    ofBudgets.put("--calibration", calibration.isPresent() && !weighs);
    ofBudgets.put("--calibration-samples", calibrationSamples != null && !weighs);
    ofBudgets.forEach(
        (option, given) -> {
          if (given) {
            throw new ParameterException(
                command.commandLine(),
                "%s: expected a budget such as --max-drop%s, found none"
                    .formatted(
                        option, option.startsWith("--calibration") ? " or --weighting" : ""));
          }
        });
  }

  private Optional<LatencyBudget> latency() {
    return WrongUsageException.check(
        () -> latency.map(text -> LatencyBudget.parse(text, latencyBatch)));
  }

  /** All budgets but that of time, where there are some. */
  private Optional<Budget> otherBudgets() {
    boolean some =
        maxDrop.isPresent()
            || ratio.isPresent()
            || parameters.isPresent()
            || bytes.isPresent()
            || multiplyAdds.isPresent();
    return some ? Optional.of(budget()) : Optional.empty();
  }

  Weighting weighting() {
    return weighting.orElse(hasBudget() ? Weighting.OUTPUTS : Weighting.NONE);
  }

  private Budget budget() {
    return WrongUsageException.check(
        () ->
            new Budget(
                maxDrop.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
                strict,
                ratio.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
                parameters.map(OptionalLong::of).orElseGet(OptionalLong::empty),
                bytes.map(OptionalLong::of).orElseGet(OptionalLong::empty),
                multiplyAdds.map(OptionalLong::of).orElseGet(OptionalLong::empty)));
  }

  /** What activations are taken from; its labels are not used. */
  LabeledData calibration(DataSplit data, Console console) {
    return calibration
        .map(uri -> DataSource.open(uri, console::hint).primary())
        .orElseGet(() -> isApart(data) ? data.primary() : everySecond(data.primary(), 0));
  }

  /** What a promise is made on: samples that the factors were not fitted to. */
  private LabeledData promised(DataSplit data) {
    return isApart(data) ? EvaluateCommand.heldOut(data) : everySecond(data.primary(), 1);
  }

  private boolean isApart(DataSplit data) {
    return calibration.isPresent() || data.test().isPresent();
  }

  private static LabeledData everySecond(LabeledData data, int first) {
    if (data.size() < 2) {
      throw new InvalidInputException(
          "%s: expected samples to calibrate and to promise on, found %d"
              .formatted(data.name(), data.size()));
    }
    return data.select(IntStream.range(0, data.size()).filter(i -> i % 2 == first).toArray());
  }

  int calibrationSamples() {
    return calibrationSamples == null ? 5000 : calibrationSamples;
  }

  /**
   * What the search does.
   *
   * @param storage how weights will be stored
   * @param interrupted where the search writes down what it knows, and goes on from
   */
  SearchResult search(
      LiveModel model,
      DataSplit data,
      LayerSelection layers,
      WeightStorage storage,
      Console console,
      Optional<Path> interrupted) {
    metric.requireLabels(EvaluateCommand.heldOut(data));
    LabeledData calibratedOn = calibration(data, console);
    LabeledData promisedOn = promised(data);
    SearchSettings settings = settings(anyBudget(model), layers, storage);
    try (Progress progress = console.progress("Searching ranks", model.layers().size())) {
      if (interrupted.isEmpty()) {
        SearchTelling telling = new SearchTelling(console, progress, model);
        return search(model, calibratedOn, promisedOn, settings, telling, Optional.empty());
      }
      try (SearchFolder folder =
          SearchFolder.open(
              interrupted.get(), model, calibratedOn, promisedOn, settings, budgetText())) {
        if (folder.evaluations() > 0) {
          console.say(
              "Going on with an interrupted search: %d evaluations are known."
                  .formatted(folder.evaluations()));
        }
        return search(
            model,
            calibratedOn,
            promisedOn,
            settings,
            new SearchTelling(console, progress, model),
            Optional.of(folder));
      }
    }
  }

  private SearchResult search(
      LiveModel model,
      LabeledData calibratedOn,
      LabeledData promisedOn,
      SearchSettings settings,
      SearchTelling telling,
      Optional<SearchFolder> folder) {
    try (RankSearch search =
        new RankSearch(
            model,
            calibratedOn,
            promisedOn,
            settings,
            telling,
            latency.isPresent() ? LatencySearch.SEARCHES : 1,
            folder)) {
      if (latency.isEmpty()) {
        return search.under(settings.budget());
      }
      Function<CompressionPlan, Speed> speed =
          plan ->
              Speed.of(model, settings.storage().appliedTo(model, plan), promisedOn, latencyBatch);
      LatencySearch.Found found =
          new LatencySearch(
                  latency().orElseThrow(),
                  otherBudgets(),
                  search::under,
                  plan -> folder.isPresent() ? folder.get().timed(plan, speed) : speed.apply(plan))
              .run(model);
      telling
          .console()
          .say(
              String.format(
                  Locale.ROOT,
                  "%n%.2f of the original's time turn by turn for a call with %d sample(s)"
                      + " (medians %.3g ms and %.3g ms)",
                  found.speed().share(),
                  latencyBatch,
                  found.speed().millis(),
                  found.speed().originalMillis()));
      return found.result();
    }
  }

  /** A search for time alone learns its budgets as it goes on. */
  private Budget anyBudget(LiveModel model) {
    return otherBudgets().orElseGet(() -> LatencySearch.noMultiplyAddsLess(model));
  }

  private String budgetText() {
    List<String> parts = new ArrayList<>();
    otherBudgets().ifPresent(budget -> parts.add(budget.text()));
    latency().ifPresent(limit -> parts.add(limit.text() + " batch:" + latencyBatch));
    return String.join(" ", parts);
  }

  private SearchSettings settings(Budget budget, LayerSelection layers, WeightStorage storage) {
    return WrongUsageException.check(
        () ->
            new SearchSettings(
                budget,
                metric,
                weighting(),
                !withoutReconstruction,
                fineTune,
                fineTuneRate.orElse(FINE_TUNE_RATE),
                layers,
                calibrationSamples == null
                    ? OptionalInt.empty()
                    : OptionalInt.of(calibrationSamples),
                0,
                storage));
  }
}
