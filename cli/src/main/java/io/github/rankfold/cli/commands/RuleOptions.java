package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.DataRule;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.WeightedPlanner;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.models.savedmodel.Manifest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How much to keep of each kernel, by a rule for each by itself. */
final class RuleOptions {
  @Option(
      names = "--rule",
      paramLabel = "RULE",
      description = "How many singular values to keep, see below; or a budget, such as --max-drop.")
  private Optional<String> rule = Optional.empty();

  @Option(
      names = "--l2",
      paramLabel = "LAMBDA",
      description =
          "For --rule certificate: the penalty lambda/2 ||W||^2 that every kernel was trained with"
              + " (default: what the model's manifest says).")
  private Optional<Double> lambda = Optional.empty();

  @Option(
      names = "--convolution",
      paramLabel = "FORM",
      defaultValue = "CHANNEL",
      description =
          "How convolutions are split: channel (k x k, then 1 x 1), spatial (k x 1, then 1 x k),"
              + " tucker (1 x 1, k x k, 1 x 1) or smallest (default: channel). With a --rule by the"
              + " kernels alone; all else splits by channel.")
  private ConvolutionForm form = ConvolutionForm.CHANNEL;

  boolean isPresent() {
    return rule.isPresent();
  }

  /** Refuses what can be seen to be wrong before anything is read. */
  void check(CommandSpec command, boolean hasData, Weighting weighting) {
    WrongUsageException.check(() -> lambda.map(Penalties::everywhere));
    Optional<DataRule> ofData = dataRule();
    if (ofData.isEmpty()) {
      rule.ifPresent(RuleOptions::requireReadable);
    }
    if (ofData.isPresent() && !hasData) {
      throw needsData(command, "--rule " + ofData.get().text());
    }
    if (ofData.isPresent() && weighting != Weighting.NONE) {
      throw new ParameterException(
          command.commandLine(),
          "--rule %s: expected no --weighting, found %s".formatted(ofData.get().text(), weighting));
    }
    boolean bySelf = isPresent() && !takesData(weighting);
    if (form != ConvolutionForm.CHANNEL && !bySelf) {
      throw new ParameterException(
          command.commandLine(),
          "--convolution %s: expected --rule by the kernels alone, found %s"
              .formatted(
                  form.toString().toLowerCase(Locale.ROOT),
                  isPresent() ? "one that takes data" : "a budget or --certify"));
    }
    boolean weighs = isPresent() && ofData.isEmpty() && weighting != Weighting.NONE;
    if (weighs && !hasData) {
      throw needsData(command, "--weighting " + weighting);
    }
  }

  /** Whether what the rule keeps depends on data. */
  boolean takesData(Weighting weighting) {
    return dataRule().isPresent() || weighting != Weighting.NONE;
  }

  static ParameterException needsData(CommandSpec command, String what) {
    return new ParameterException(
        command.commandLine(), "%s: expected --data URI, found none".formatted(what));
  }

  /** The plan of the rule; data is there where {@link #check} asked for it. */
  CompressionPlan plan(
      LiveModel model,
      LayerSelection layers,
      SearchOptions search,
      boolean interpolative,
      Optional<DataSplit> samples,
      Console console) {
    Optional<DataRule> ofData = dataRule();
    if (ofData.isPresent()) {
      Penalties penalties = penalties(model, lambda.map(Penalties::everywhere));
      noteAbsent(samples.orElseThrow().primary(), console);
      return withProgress(
          model,
          console,
          before ->
              ofData.get().plan(model, layers, samples.orElseThrow().primary(), penalties, before));
    }
    String text = rule.orElseThrow();
    RankRule parsed = parsed(text, model);
    if (search.weighting() == Weighting.NONE) {
      return withProgress(
          model,
          console,
          before -> CompressionPlanner.plan(model, parsed, layers, form, interpolative, before));
    }
    return WeightedPlanner.plan(
        model,
        parsed,
        layers,
        search.weighting(),
        search.calibration(samples.orElseThrow(), console).head(search.calibrationSamples()));
  }

  private static void noteAbsent(LabeledData data, Console console) {
    List<String> absent = data.hasLabels() ? data.absentClasses() : List.of();
    if (!absent.isEmpty()) {
      console.note(
          "%s has no samples of class %s: what only these need is taken for nothing."
              .formatted(data.name(), String.join(", ", absent)));
    }
  }

  /** Refuses a text that is no rule by the kernels alone, before there is a model. */
  static void requireReadable(String text) {
    if (!RankRule.asksForClasses(text)) {
      WrongUsageException.check(() -> RankRule.parse(text, OptionalInt.empty()));
    }
  }

  /** A rule by the kernels alone; a text that is none is wrong usage. */
  static RankRule parsed(String text, LiveModel model) {
    // Only these rules ask for an output, and so for one signature.
    OptionalInt classes = RankRule.asksForClasses(text) ? classes(model) : OptionalInt.empty();
    return WrongUsageException.check(() -> RankRule.parse(text, classes));
  }

  private Optional<DataRule> dataRule() {
    return WrongUsageException.check(() -> rule.flatMap(DataRule::parse));
  }

  /** What a user says, or what the model's manifest says, or none. */
  static Penalties penalties(LiveModel model, Optional<Penalties> given) {
    return given
        .or(() -> Manifest.penalties(model.files()).map(Penalties::of))
        .orElse(Penalties.none());
  }

  private static CompressionPlan withProgress(
      LiveModel model, Console console, Function<Consumer<Layer>, CompressionPlan> planner) {
    try (Progress progress = console.progress("Singular values", model.layers().size())) {
      AtomicInteger begun = new AtomicInteger();
      return planner.apply(
          layer -> {
            progress.on(layer.name());
            progress.reached(begun.getAndIncrement());
          });
    }
  }

  private static OptionalInt classes(LiveModel model) {
    return model.signature().getOutputsCount() == 1 ? model.outputWidth() : OptionalInt.empty();
  }
}
