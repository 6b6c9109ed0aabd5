package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.GuaranteeNotMetException;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.ConvolutionForm;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.RankedKernels;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.Verification;
import io.github.rankfold.compression.bounds.CertifiedRanks;
import io.github.rankfold.compression.bounds.NetworkPath;
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
    customSynopsis =
        "rankfold compress MODEL (--rule RULE | --certify SHARE) (--out DIR | --dry-run) [OPTIONS]",
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
      "  DIR/evaluation.csv; with --bounds or --certify DIR/output_bounds.csv and",
      "  DIR/output_bound_layers.csv",
      "",
      "Examples:",
      "  rankfold compress my_saved_model --rule energy:0.99 --dry-run",
      "  rankfold compress my_saved_model --rule energy:0.99 --out smaller",
      "  rankfold compress run --rule classes --data digits --out smaller",
      "  rankfold compress run --certify 0.95 --data digits --out smaller",
      "  rankfold compress my_saved_model --rule rank:20 \\",
      "      --exclude 'classifier*' --out smaller"
    })
public final class CompressCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      description = "How many singular values to keep, see below.")
  private Optional<String> rule = Optional.empty();

  @Option(
      names = "--certify",
      paramLabel = "SHARE",
      description =
          "In place of a rule: as few singular values as leave this share of the predictions on"
              + " --data certified to stay what they are; exit code 3 where none does.")
  private Optional<Double> certify = Optional.empty();

  @Option(
      names = "--bounds",
      description =
          "With --data: bound what truncation does to the output, see docs/output-bounds.md"
              + " (with --certify always).")
  private boolean bounds;

  @Option(
      names = "--radius",
      paramLabel = "RHO",
      description = "With --bounds: also for all inputs within RHO of a sample (Euclidean norm).")
  private double radius;

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
    if (rule.isPresent() == certify.isPresent()) {
      throw new ParameterException(
          command.commandLine(), "expected either --rule RULE or --certify SHARE");
    }
    if ((certify.isPresent() || bounds) && data.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "expected --data URI beside --certify and --bounds");
    }
    if (!(radius >= 0)) {
      throw new ParameterException(command.commandLine(), "radius must be >= 0, was " + radius);
    }
    if (!dryRun) {
      selection.requireApartFrom(out.orElseThrow());
    }
    Console console = common.console();
    Optional<LabeledData> samples = data.map(DataSource::open).map(EvaluateCommand::heldOut);
    try (LiveModel model = selection.open(common)) {
      RankRule parsed =
          WrongUsageException.check(
              () ->
                  rule.isPresent()
                      ? RankRule.parse(rule.get(), classes(model))
                      : new RankRule.Certified(certify.orElseThrow()));
      if (dryRun) {
        CompressionPlan plan = plan(model, parsed, samples, console);
        tell(console, model, plan, Optional.empty(), Optional.empty());
        return 0;
      }
      try (OutputFolder folder = OutputFolder.create(out.orElseThrow(), overwrite)) {
        CompressionPlan plan = plan(model, parsed, samples, console);
        Verification verification = SavedModelCompressor.apply(model, plan, folder);
        Optional<CsvTable> evaluation =
            samples.map(heldOut -> compare(model, folder.staging(), heldOut).table());
        if (evaluation.isPresent()) {
          evaluation.get().write(folder.staging().resolve("evaluation.csv"));
        }
        Optional<BoundStage> bounded = Optional.empty();
        if (bounds || certify.isPresent()) {
          bounded = Optional.of(bound(model, plan, folder.staging(), samples.orElseThrow()));
          bounded.get().write(folder.staging());
        }
        folder.commit();
        tell(console, model, plan, evaluation, bounded);
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

  private CompressionPlan plan(
      LiveModel model, RankRule parsed, Optional<LabeledData> samples, Console console) {
    if (parsed instanceof RankRule.Certified certified) {
      return certified(model, certified, samples.orElseThrow(), console);
    }
    try (Progress progress = console.progress("Singular values", model.layers().size())) {
      return CompressionPlanner.plan(
          model,
          parsed,
          new LayerSelection(include, exclude),
          form,
          layer -> {
            progress.on(layer.name());
            progress.reached(model.layers().indexOf(layer));
          });
    }
  }

  private CompressionPlan certified(
      LiveModel model, RankRule.Certified wanted, LabeledData samples, Console console) {
    NetworkPath path = NetworkPath.of(model);
    if (path.unknown().isPresent()) {
      throw new GuaranteeNotMetException(
          "%s: certify %s: no bound on the output is known, because of %s"
              .formatted(model.files().folder(), wanted.share(), path.unknown().get()));
    }
    RankedKernels kernels;
    try (Progress progress = console.progress("Singular values", model.layers().size())) {
      kernels =
          RankedKernels.of(
              model,
              new LayerSelection(include, exclude),
              layer -> {
                progress.on(layer.name());
                progress.reached(model.layers().indexOf(layer));
              });
    }
    CertifiedRanks.Found found =
        CertifiedRanks.measure(model, path, kernels, samples).search(wanted.share());
    if (found.ranks().isEmpty()) {
      throw new GuaranteeNotMetException(
          String.format(
              Locale.ROOT,
              "%s: certify %s: no truncation keeps that share of the predictions on %s certified;"
                  + " the best reachable is %.4f",
              model.files().folder(),
              wanted.share(),
              samples.name(),
              found.share()));
    }
    return kernels.plan(wanted, found.ranks());
  }

  private BoundStage bound(
      LiveModel model, CompressionPlan plan, Path written, LabeledData samples) {
    try (LiveModel compressed = selection.open(written, common)) {
      return BoundStage.of(model, NetworkPath.of(model), plan, compressed, samples, radius);
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
      Console console,
      LiveModel model,
      CompressionPlan plan,
      Optional<CsvTable> evaluation,
      Optional<BoundStage> bounded) {
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
    if (bounded.isPresent()) {
      bounded.get().tell(console);
      document.put("output_bounds", TextTable.rows(bounded.get().table()));
    }
    console.result(document);
  }
}
