package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.ConvolutionForm;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.Verification;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Comparison;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.tensorflow.ndarray.Shape;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "compress",
    description =
        "Replaces kernels by two factors of lower rank and writes a plain SavedModel, which has"
            + " the signatures of the original. The original stays as it is.",
    customSynopsis = "rankfold compress MODEL --rule RULE (--out DIR | --dry-run) [OPTIONS]",
    footerHeading = "%nRules:%n",
    footer = {
      "  rank:20           20 singular values of every kernel",
      "  fraction:0.5      half of them",
      "  relative:1e-2     those above a hundredth of the largest",
      "  energy:0.99       as few as have 99%% of the sum of squares",
      "  classes           as many as there are classes: what total collapse leaves",
      "  A kernel stays whole where two factors of that rank would not be smaller.",
      "",
      DataHelp.URIS,
      "Writes:",
      "  DIR/saved_model, DIR/manifest.json, DIR/compression.csv and, with --data,",
      "  DIR/evaluation.csv",
      "",
      "Examples:",
      "  rankfold compress my_saved_model --rule energy:0.99 --dry-run",
      "  rankfold compress my_saved_model --rule energy:0.99 --out smaller",
      "  rankfold compress run --rule classes --data digits --out smaller",
      "  rankfold compress my_saved_model --rule rank:20 \\",
      "      --exclude 'classifier*' --out smaller"
    })
public final class CompressCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      required = true,
      description = "How many singular values to keep, see below.")
  private String rule = "";

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "The folder to write; refused if it exists and is not empty.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--overwrite", description = "Replace the output folder if it exists.")
  private boolean overwrite;

  @Option(names = "--dry-run", description = "Show what would be done and write nothing.")
  private boolean dryRun;

  @Option(
      names = "--data",
      paramLabel = "URI",
      description = "Evaluate before and after, on the test part of it if there is one.")
  private Optional<String> data = Optional.empty();

  @Option(
      names = "--layers",
      paramLabel = "PATTERN",
      split = ",",
      description = "Only layers whose name fits; * stands for any characters.")
  private List<String> include = List.of();

  @Option(
      names = "--convolution",
      paramLabel = "FORM",
      defaultValue = "CHANNEL",
      description =
          "How convolutions are split: channel (k x k, then 1 x 1), spatial (k x 1, then 1 x k) or"
              + " smallest (default: channel).")
  private ConvolutionForm form = ConvolutionForm.CHANNEL;

  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      split = ",",
      description = "Not the layers whose name fits.")
  private List<String> exclude = List.of();

  @Mixin private ModelSelection selection = new ModelSelection();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    if (out.isEmpty() && !dryRun) {
      throw new ParameterException(command.commandLine(), "expected --out DIR or --dry-run");
    }
    if (!dryRun) {
      selection.requireApartFrom(out.orElseThrow());
    }
    Console console = common.console();
    Optional<LabeledData> samples = data.map(DataSource::open).map(EvaluateCommand::heldOut);
    try (LiveModel model =
        samples.isPresent() ? selection.open(common) : selection.openForReading(common)) {
      RankRule parsed = WrongUsageException.check(() -> RankRule.parse(rule, classes(model)));
      if (dryRun) {
        tell(console, model, plan(model, parsed, console), Optional.empty());
        return 0;
      }
      try (OutputFolder folder = OutputFolder.create(out.orElseThrow(), overwrite)) {
        CompressionPlan plan = plan(model, parsed, console);
        Verification verification = SavedModelCompressor.apply(model, plan, folder);
        Optional<CsvTable> evaluation =
            samples.map(heldOut -> compare(model, folder.staging(), heldOut).table());
        if (evaluation.isPresent()) {
          evaluation.get().write(folder.staging().resolve("evaluation.csv"));
        }
        folder.commit();
        tell(console, model, plan, evaluation);
        console.say(verified(verification));
        console.say("Written to %s".formatted(out.orElseThrow()));
      }
    }
    return 0;
  }

  private static String verified(Verification verification) {
    return verification.signatures() == 0
        ? "Not verified: no inputs could be made up for any signature of this model."
        : String.format(
            Locale.ROOT,
            "Reloaded and run on generated inputs: as planned to %.0e of the outputs' size;"
                + " %.1f%% from the original.",
            verification.againstPlan(),
            100 * verification.againstOriginal());
  }

  private CompressionPlan plan(LiveModel model, RankRule parsed, Console console) {
    try (Progress progress = console.progress("Singular values", model.layers().size())) {
      AtomicInteger begun = new AtomicInteger();
      return CompressionPlanner.plan(
          model,
          parsed,
          new LayerSelection(include, exclude),
          form,
          layer -> {
            progress.on(layer.name());
            progress.reached(begun.getAndIncrement());
          });
    }
  }

  /** Before and after, the latter from the written files. */
  private Comparison compare(LiveModel original, Path written, LabeledData heldOut) {
    try (LiveModel compressed = selection.open(written, common)) {
      return new Comparison(
          Evaluator.evaluate(original, heldOut), Evaluator.evaluate(compressed, heldOut));
    }
  }

  private static OptionalInt classes(LiveModel model) {
    if (model.signature().getOutputsCount() != 1) {
      return OptionalInt.empty();
    }
    Shape shape = model.tensor(model.logits()).shape();
    if (shape.isUnknown() || shape.numDimensions() == 0) {
      return OptionalInt.empty();
    }
    long last = shape.get(shape.numDimensions() - 1);
    return last == Shape.UNKNOWN_SIZE ? OptionalInt.empty() : OptionalInt.of((int) last);
  }

  private void tell(
      Console console, LiveModel model, CompressionPlan plan, Optional<CsvTable> evaluation) {
    long before = model.size().parameters();
    long after = before - plan.parametersSaved();
    console.say(ForReading.compression(plan.table()));
    console.say(
        "%n%s%,d parameters -> %,d (%.2f times fewer); %d of %d layers factored"
            .formatted(
                dryRun ? "Dry run: " : "",
                before,
                after,
                (double) before / after,
                plan.factored().size(),
                plan.decisions().size()));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", model.files().folder().toString());
    document.put("rule", plan.rule().text());
    document.put("parameters_before", before);
    document.put("parameters_after", after);
    document.put("layers", TextTable.rows(plan.table()));
    if (evaluation.isPresent()) {
      console.say(
          "%nOn %s held-out samples:%n%s%n"
              .formatted(
                  TextTable.forReading(evaluation.get().cell(0, "samples")),
                  ForReading.evaluation(evaluation.get())));
      document.put("evaluation", TextTable.rows(evaluation.get()));
    }
    console.result(document);
  }
}
