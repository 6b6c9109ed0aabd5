package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.merging.LayerOverlap;
import io.github.rankfold.compression.merging.ModelMerger;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.evaluation.Evaluation;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "merge",
    description =
        "Adds the weights of two networks of one architecture that were trained, with weight"
            + " decay, on inputs orthogonal to each other; says how orthogonal they are, and"
            + " evaluates both tasks.",
    customSynopsis = "rankfold merge MODEL OTHER --data-a URI --data-b URI --out DIR [--rule RULE]",
    footerHeading = "%n",
    footer = {
      DataHelp.URIS,
      "Writes:",
      "  DIR/saved_model, DIR/manifest.json, DIR/merge.csv, DIR/evaluation.csv and,",
      "  with --rule, DIR/compression.csv",
      "",
      "Examples:",
      "  rankfold merge run-a run-b --data-a npz:a.npz --data-b npz:b.npz --out both",
      "  rankfold merge run-a run-b --data-a npz:a.npz --data-b npz:b.npz \\",
      "      --rule relative:1e-2 --out both"
    })
public final class MergeCommand implements Callable<Integer> {
  /** From this share of a task's own product on, the other network's is worth a warning. */
  private static final double INTERFERES = 0.1;

  @Parameters(index = "1", paramLabel = "OTHER", description = "The second model.")
  private Path other = Path.of(".");

  @Option(
      names = "--data-a",
      paramLabel = "URI",
      required = true,
      description = "The task of the first model; evaluated on the test part if there is one.")
  private String dataA = "";

  @Option(
      names = "--data-b",
      paramLabel = "URI",
      required = true,
      description = "The task of the second model.")
  private String dataB = "";

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      description = "Truncate the sum by a rule of 'compress'.")
  private Optional<String> rule = Optional.empty();

  @Option(
      names = "--biases",
      paramLabel = "sum|mean",
      defaultValue = "MEAN",
      description = "What becomes of biases (default: mean).")
  private ModelMerger.Biases biases = ModelMerger.Biases.MEAN;

  @Mixin private OutputOptions out = new OutputOptions();
  @Mixin private ModelSelection selection = new ModelSelection();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    selection.requireApartFrom(out.path());
    ModelSelection.requireApartFrom(other, out.path());
    rule.ifPresent(RuleOptions::requireReadable);
    Console console = common.console();
    DataSplit openedA = DataSource.open(dataA, console::hint);
    DataSplit openedB = DataSource.open(dataB, console::hint);
    Map<String, Evaluation> evaluations = new LinkedHashMap<>();
    try (LiveModel a = selection.open(common);
        LiveModel b = selection.open(other, common);
        OutputFolder folder = out.create()) {
      Optional<List<String>> classNames = agreedClassNames(a, b);
      DataSplit taskA = ModelSelection.inClassesOf(openedA, console, a);
      DataSplit taskB = ModelSelection.inClassesOf(openedB, console, b);
      Optional<RankRule> parsed = rule.map(text -> RuleOptions.parsed(text, a));
      ModelMerger merger = ModelMerger.of(a, b);
      Map<Layer, LayerOverlap> overlaps = merger.overlaps(taskA.primary(), taskB.primary());
      evaluations.put("a on a", Evaluator.evaluate(a, EvaluateCommand.heldOut(taskA)));
      evaluations.put("b on b", Evaluator.evaluate(b, EvaluateCommand.heldOut(taskB)));
      Path merged = folder.staging().resolve("saved_model");
      merger.write(biases, merged);
      evaluate("merged", merged, taskA, taskB, evaluations);
      Map<String, Integer> ranks = new LinkedHashMap<>();
      if (parsed.isPresent()) {
        truncate(merged, parsed.get(), folder)
            .factored()
            .forEach(decision -> ranks.put(decision.layer().name(), decision.rank()));
        evaluate("truncated", merged, taskA, taskB, evaluations);
      }
      CsvTable table = table(merger, overlaps, ranks);
      table.write(folder.staging().resolve("merge.csv"));
      CsvTable evaluation = Evaluation.table(evaluations);
      evaluation.write(folder.staging().resolve("evaluation.csv"));
      manifest(a, b, merger, ranks, classNames).write(folder.staging());
      folder.commit();
      tell(console, merger, overlaps, table, evaluation);
    }
    return 0;
  }

  private void evaluate(
      String name,
      Path model,
      DataSplit taskA,
      DataSplit taskB,
      Map<String, Evaluation> evaluations) {
    try (LiveModel live = selection.open(model, common)) {
      evaluations.put(name + " on a", Evaluator.evaluate(live, EvaluateCommand.heldOut(taskA)));
      evaluations.put(name + " on b", Evaluator.evaluate(live, EvaluateCommand.heldOut(taskB)));
    }
  }

  /** Replaces the merged model by its truncation, in a folder of its own that takes its place. */
  private CompressionPlan truncate(Path merged, RankRule rule, OutputFolder folder)
      throws IOException {
    Path beside = folder.staging().resolve("truncated");
    CompressionPlan plan;
    try (LiveModel whole = selection.open(merged, common);
        OutputFolder truncated = OutputFolder.create(beside, false)) {
      plan = CompressionPlanner.plan(whole, rule);
      SavedModelCompressor.apply(whole, plan, truncated);
      truncated.commit();
    }
    OutputFolder.replace(merged, beside.resolve("saved_model"));
    OutputFolder.replace(
        folder.staging().resolve(SavedModelCompressor.TABLE),
        beside.resolve(SavedModelCompressor.TABLE));
    OutputFolder.remove(beside);
    return plan;
  }

  private static CsvTable table(
      ModelMerger merger, Map<Layer, LayerOverlap> overlaps, Map<String, Integer> truncated) {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer",
            "rows",
            "cols",
            "cosine",
            "largest_cosine",
            "interference_a",
            "interference_b",
            "rank_a",
            "rank_b",
            "rank_sum",
            "rank");
    Map<Layer, ModelMerger.Ranks> ranks = merger.ranks();
    for (Layer layer : merger.layers()) {
      Optional<LayerOverlap> overlap = Optional.ofNullable(overlaps.get(layer));
      ModelMerger.Ranks found = Objects.requireNonNull(ranks.get(layer));
      table.row(
          layer.name(),
          layer.rows(),
          layer.cols(),
          overlap.map(LayerOverlap::cosine),
          overlap.map(LayerOverlap::largestCosine),
          overlap.map(LayerOverlap::interferenceA),
          overlap.map(LayerOverlap::interferenceB),
          found.a(),
          found.b(),
          found.sum(),
          truncated.getOrDefault(layer.name(), layer.fullRank()));
    }
    return table.build();
  }

  /** An output of the sum can stand for one class only. */
  private static Optional<List<String>> agreedClassNames(LiveModel a, LiveModel b) {
    Optional<List<String>> namesA = Manifest.classNames(a.files());
    Optional<List<String>> namesB = Manifest.classNames(b.files());
    if (namesA.isPresent() && namesB.isPresent() && !namesA.equals(namesB)) {
      throw new InvalidInputException(
          "%s: expected the classes of %s, %s, found %s"
              .formatted(b.files().folder(), a.files().folder(), namesA.get(), namesB.get()));
    }
    return namesA.filter(names -> namesB.isPresent());
  }

  private Manifest manifest(
      LiveModel a,
      LiveModel b,
      ModelMerger merger,
      Map<String, Integer> ranks,
      Optional<List<String>> classNames) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("other_sha256", b.files().sha256());
    settings.put("biases", biases.toString().toLowerCase(Locale.ROOT));
    settings.put("summed_biases", merger.biases());
    settings.put("rule", rule.orElse("none"));
    settings.put("ranks", ranks);
    classNames.ifPresent(names -> settings.put(Manifest.CLASS_NAMES, names));
    return new Manifest(
        "merging", Instant.now(), Optional.of(a.files().sha256()), settings, Map.of());
  }

  private void tell(
      Console console,
      ModelMerger merger,
      Map<Layer, LayerOverlap> overlaps,
      CsvTable table,
      CsvTable evaluation) {
    TextTable shown =
        TextTable.headed("layer", "cosine", "largest", "b's in a", "a's in b", "rank");
    overlaps.forEach(
        (layer, overlap) ->
            shown.row(
                layer.name(),
                TextTable.number(overlap.cosine()),
                TextTable.number(overlap.largestCosine()),
                TextTable.number(overlap.interferenceA()),
                TextTable.number(overlap.interferenceB()),
                table.cell(merger.layers().indexOf(layer), "rank")));
    console.say(shown.text());
    console.note(
        """

        cosine: of the tasks' inputs at the layer, 0 where all are orthogonal; largest:
        of any two directions of their spans; b's in a: what b's kernel adds to a's
        product, by its size. Merging needs 0.
        """);
    List<String> warnings =
        overlaps.entrySet().stream()
            .filter(
                e ->
                    Math.max(e.getValue().interferenceA(), e.getValue().interferenceB())
                        > INTERFERES)
            .map(e -> e.getKey().name())
            .toList();
    if (!warnings.isEmpty()) {
      console.say(
          "Warning: the tasks are not orthogonal at %s: each network disturbs the other there.%n"
              .formatted(String.join(", ", warnings)));
    }
    console.say(ForReading.evaluation(evaluation));
    console.say("Written to %s".formatted(out.path()));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("layers", TextTable.rows(table));
    document.put("evaluation", TextTable.rows(evaluation));
    document.put("not_orthogonal", warnings);
    console.result(document);
  }
}
