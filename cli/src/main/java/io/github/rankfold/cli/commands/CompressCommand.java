package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.GuaranteeNotMetException;
import io.github.rankfold.compression.CodedSize;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.Speed;
import io.github.rankfold.compression.Verification;
import io.github.rankfold.compression.search.BudgetException;
import io.github.rankfold.compression.search.SearchResult;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
    customSynopsis = {
      "rankfold compress MODEL --rule RULE (--out DIR | --dry-run) [OPTIONS]",
      "rankfold compress MODEL --data URI (--max-drop POINTS | --ratio TIMES | ...)",
      "                  (--out DIR | --dry-run) [OPTIONS]",
      "rankfold compress MODEL --data URI --certify SHARE (--out DIR | --dry-run) [OPTIONS]"
    },
    footerHeading = "%nRules:%n",
    footer = {
      "  rank:20           20 singular values of every kernel",
      "  fraction:0.5      half of them",
      "  relative:1e-2     those above a hundredth of the largest",
      "  energy:0.99       as few as have 99%% of the sum of squares",
      "  classes           as many as there are classes: what total collapse leaves;",
      "                    classes-1 one less; classes:7, classes-1:7 for 7 classes",
      "  gavish-donoho     those above the best threshold for noise, whose level is taken",
      "                    from their median; gavish-donoho:0.01 where it is known",
      "  marchenko-pastur  those beyond the bulk of noise; marchenko-pastur:0.01",
      "  certificate:0.1   as few as collapse proves to lose at most a tenth of the",
      "                    kernel's norm (--data it was trained on; --l2 or a manifest)",
      "  class-means       what acts on the span of the class means of the layer's input",
      "                    (--data it was trained on)",
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
      "  rankfold compress my_saved_model --max-drop 0.5 --data npz:held_out.npz --out smaller",
      "  rankfold compress my_saved_model --ratio 4 --data npz:held_out.npz --out smaller",
      "  rankfold compress my_saved_model --rule rank:20 \\",
      "      --exclude 'classifier*' --out smaller"
    })
public final class CompressCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "The folder to write; refused if it exists and is not empty.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--overwrite",
      description = "Replace the output folder if rankfold wrote all that is in it.")
  private boolean overwrite;

  @Option(names = "--dry-run", description = "Show what would be done and write nothing.")
  private boolean dryRun;

  @Option(
      names = "--data",
      paramLabel = "URI",
      description =
          "Evaluate before and after, on the test part of it if there is one; a budget is promised"
              + " on that part.")
  private Optional<String> data = Optional.empty();

  @Option(
      names = "--layers",
      paramLabel = "PATTERN",
      split = ",",
      description = "Only layers whose name fits; * stands for any characters.")
  private List<String> include = List.of();

  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      split = ",",
      description = "Not the layers whose name fits.")
  private List<String> exclude = List.of();

  @Mixin private RuleOptions rule = new RuleOptions();
  @Mixin private StorageOptions storage = new StorageOptions();
  @Mixin private BoundOptions bounds = new BoundOptions();
  @Mixin private SearchOptions search = new SearchOptions();
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
    bounds.check(command, data.isPresent(), rule.isPresent() || search.hasBudget(), dryRun);
    if (!bounds.isRule() && rule.isPresent() == search.hasBudget()) {
      throw new ParameterException(
          command.commandLine(),
          rule.isPresent()
              ? "expected --rule or a budget such as --max-drop, found both"
              : "expected --rule, or a budget such as --max-drop, found neither");
    }
    rule.check(command, data.isPresent(), search.weighting());
    search.check(command);
    storage.check(command);
    Console console = common.console();
    Optional<DataSplit> opened = data.map(uri -> DataSource.open(uri, console::hint));
    try (LiveModel model =
        opened.isPresent() ? selection.open(common) : selection.openForReading(common)) {
      if (Manifest.kind(model.files()).filter("compression"::equals).isPresent()) {
        console.hint(
            "%s was compressed before: its factors are kernels now, cut one by one."
                    .formatted(selection.path())
                + " Compressing what it was made from goes further.");
      }
      Optional<DataSplit> samples = opened.map(d -> ModelSelection.inClassesOf(d, console, model));
      samples.ifPresent(heldOut -> model.signatureKey()); // said before the SVDs, not after
      if (dryRun) {
        if (samples.isPresent() && rule.isPresent() && !rule.takesData(search.weighting())) {
          console.note(
              "A dry run does not use --data: what the rule keeps does not depend on it, and only"
                  + "%nwhat was written is evaluated.".formatted());
        }
        Plan plan = plan(model, samples, console);
        CompressionTelling telling = telling(console, model, plan, Map.of());
        if (plan.search().isPresent()) {
          telling.promise(plan.search().get(), search.metric());
          telling.otherOutputs();
        }
        telling.end();
        return 0;
      }
      try (OutputFolder folder = OutputFolder.create(out.orElseThrow(), overwrite)) {
        Plan plan = plan(model, samples, console);
        Verification verification =
            SavedModelCompressor.apply(
                model,
                plan.layers(),
                folder,
                plan.search().map(found -> Map.of("search", found.record())).orElse(Map.of()));
        Optional<Measured> measured =
            samples
                .map(EvaluateCommand::heldOut)
                .map(heldOut -> measured(model, plan.layers(), folder.staging(), heldOut));
        if (measured.isPresent()) {
          measured.get().evaluation().write(folder.staging().resolve("evaluation.csv"));
        }
        Map<String, CodedSize> sizes = Map.of();
        if (!storage.storage().isUnchanged()) {
          sizes = sizes(model, folder.staging(), samples);
        }
        if (plan.search().isPresent()) {
          plan.search().get().table().write(folder.staging().resolve("search.csv"));
        }
        Optional<BoundStage> bounded =
            bounds.areWanted()
                ? Optional.of(bound(model, plan.layers(), folder.staging(), samples.orElseThrow()))
                : Optional.empty();
        if (bounded.isPresent()) {
          bounded.get().write(folder.staging());
        }
        folder.commit();
        CompressionTelling telling = telling(console, model, plan, sizes);
        if (measured.isPresent()) {
          telling.evaluation(measured.get().samples(), measured.get().evaluation());
          measured.get().speed().ifPresent(telling::speed);
        }
        bounded.ifPresent(telling::bounds);
        if (!sizes.isEmpty()) {
          telling.weights(sizes);
        }
        plan.search().ifPresent(result -> telling.promise(result, search.metric()));
        if (plan.search().isPresent() || bounded.isPresent()) {
          telling.otherOutputs();
        }
        telling.written(out.orElseThrow(), verification, measured.isPresent());
        telling.end();
      }
    } catch (BudgetException e) {
      throw new GuaranteeNotMetException(
          String.valueOf(e.getMessage()), SearchDocument.missed(e.reached(), search.metric()));
    }
    return 0;
  }

  /** The layers and the sizes are told. */
  private CompressionTelling telling(
      Console console, LiveModel model, Plan plan, Map<String, CodedSize> sizes) {
    CompressionTelling telling =
        new CompressionTelling(console, model, plan.layers(), storage.storage());
    telling.layers();
    telling.size(dryRun, sizes);
    return telling;
  }

  /** What was found on held-out samples. */
  private record Measured(LabeledData samples, CsvTable evaluation, Optional<Speed> speed) {}

  /** What is to be done, and how it was found where it was searched for. */
  private record Plan(CompressionPlan layers, Optional<SearchResult> search) {}

  private Plan plan(LiveModel model, Optional<DataSplit> samples, Console console) {
    Plan chosen = chosen(model, samples, console);
    return new Plan(storage.storage().appliedTo(model, chosen.layers()), chosen.search());
  }

  private Plan chosen(LiveModel model, Optional<DataSplit> samples, Console console) {
    LayerSelection layers = new LayerSelection(include, exclude);
    if (bounds.isRule()) {
      LabeledData heldOut = EvaluateCommand.heldOut(samples.orElseThrow());
      return new Plan(bounds.certified(model, layers, heldOut, console), Optional.empty());
    }
    if (!rule.isPresent()) {
      DataSplit split = samples.orElseThrow(() -> RuleOptions.needsData(command, "a budget"));
      SearchResult found =
          search.search(model, split, layers, storage.storage(), console, interrupted());
      return new Plan(found.plan(), Optional.of(found));
    }
    return new Plan(
        rule.plan(model, layers, search, storage.storage().interpolative(), samples, console),
        Optional.empty());
  }

  /** Of the files, as weights were rounded. */
  private Map<String, CodedSize> sizes(LiveModel model, Path written, Optional<DataSplit> samples) {
    try (LiveModel stored =
        samples.isPresent()
            ? selection.open(written, common)
            : selection.openForReading(written, common)) {
      return storage.sizes(model, stored);
    }
  }

  /** Beside the output, which appears whole or not at all. */
  private Optional<Path> interrupted() {
    return dryRun
        ? Optional.empty()
        : out.map(Path::toAbsolutePath)
            .map(Path::normalize)
            .map(path -> path.resolveSibling(path.getFileName() + ".search"));
  }

  private BoundStage bound(LiveModel model, CompressionPlan plan, Path written, DataSplit samples) {
    try (LiveModel compressed = selection.open(written, common)) {
      return bounds.bound(model, plan, compressed, EvaluateCommand.heldOut(samples));
    }
  }

  /** Whether any layer computes in another way than before. */
  private static boolean changes(CompressionPlan plan) {
    return plan.decisions().stream()
        .anyMatch(decision -> decision.factors().isPresent() || decision.stored().isPresent());
  }

  /** Before and after, the latter from the written files; and how long calls take. */
  private Measured measured(
      LiveModel original, CompressionPlan plan, Path written, LabeledData heldOut) {
    CsvTable evaluation;
    try (LiveModel compressed = selection.open(written, common)) {
      evaluation = Evaluator.compare(original, compressed, heldOut);
    }
    // Turn by turn, as the two latencies of the table were measured one after the other; where
    // nothing changes, only chance is measured.
    Optional<Speed> speed =
        changes(plan) ? Optional.of(Speed.of(original, plan, heldOut, 1)) : Optional.empty();
    return new Measured(heldOut, evaluation, speed);
  }
}
