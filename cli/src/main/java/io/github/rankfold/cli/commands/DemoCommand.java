package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.report.ReportInputs;
import io.github.rankfold.cli.report.ReportPage;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.LayerDecision;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.evaluation.Evaluation;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.savedmodel.Manifest;
import io.github.rankfold.training.Finish;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingFolder;
import io.github.rankfold.training.TrainingRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.tensorflow.TensorFlow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "The main job on the bundled digits, in under a minute: trains a network with an L2 penalty,"
          + " tests its collapse, truncates its kernels to the number of classes, evaluates both on"
          + " held-out digits, and writes a page about it."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  rankfold demo", "  rankfold demo --out somewhere-else"})
public final class DemoCommand implements Callable<Integer> {
  private static final double LAMBDA = 1e-3;

  @Mixin private CommonOptions common = new CommonOptions();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      defaultValue = "rankfold-demo",
      description = "The folder to write (default: ${DEFAULT-VALUE}); refused if it is not empty.")
  private Path out = Path.of("rankfold-demo");

  @Option(names = "--overwrite", description = "Replace the output folder if it exists.")
  private boolean overwrite;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "Of the initial weights and the order of samples (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    try (OutputFolder folder = OutputFolder.create(out, overwrite)) {
      Path runFolder = folder.staging().resolve("run");
      Path compressedFolder = folder.staging().resolve("compressed");
      DataSplit digits = Digits.load();
      TrainingRun run = TrainingStage.run(network(digits), digits, config(), console);
      TrainingFolder.write(run, digits.train(), runFolder);
      try (LiveModel model = LiveModel.open(runFolder)) {
        AnalysisStage.Result analysis =
            AnalysisStage.run(
                model,
                digits.train(),
                run.penalty(),
                OptionalInt.of(run.history().epochs().size()),
                console);
        analysis.write(runFolder);
        CompressionPlan plan =
            CompressionPlanner.plan(model, new RankRule.Classes(digits.train().classes()));
        SavedModelCompressor.apply(model, plan, compressedFolder);
        Map<String, Evaluation> evaluations = evaluate(model, compressedFolder, digits);
        Evaluation.table(evaluations).write(compressedFolder.resolve("evaluation.csv"));
        Map<String, Object> summary = summary(run, digits, plan, evaluations);
        Json.write(runFolder.resolve("summary.json"), summary);
        ReportPage.of(ReportInputs.read(runFolder, Optional.of(compressedFolder)))
            .write(folder.staging().resolve("report.html"));
        folder.commit();
        tell(console, run, analysis, plan, evaluations);
        console.result(summary);
      }
    }
    return 0;
  }

  private static NetworkSpec network(DataSplit digits) {
    return NetworkSpec.mlp(digits.train().featureWidth(), 100, 100, 100, digits.train().classes())
        .withActivation(Activation.TANH);
  }

  /**
   * Batches find a good region; L-BFGS goes on to a critical point, where certificates are best.
   */
  private TrainingConfig config() {
    return TrainingConfig.defaults()
        .withL2(LAMBDA)
        .withEpochs(60)
        .withBatchSize(32)
        .withFinish(new Finish(20, 20))
        .withStationarityTolerance(1e-4)
        .withSeed(seed);
  }

  private static Map<String, Evaluation> evaluate(
      LiveModel model, Path compressedFolder, DataSplit digits) {
    Map<String, Evaluation> rows = new LinkedHashMap<>();
    rows.put("original", Evaluator.evaluate(model, digits.test().orElseThrow()));
    rows.put("compressed", Evaluator.evaluate(compressedFolder, digits.test().orElseThrow()));
    return rows;
  }

  private static Map<String, Object> summary(
      TrainingRun run,
      DataSplit digits,
      CompressionPlan plan,
      Map<String, Evaluation> evaluations) {
    Evaluation before = evaluations.get("original");
    Evaluation after = evaluations.get("compressed");
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("data", digits.train().name());
    summary.put("data_sha256", digits.train().sha256());
    summary.put("network", run.network().text());
    summary.put("lambda", run.penalty().lambda());
    summary.put("seed", run.config().seed());
    summary.put("rule", plan.rule().text());
    summary.put("parameters_before", before.size().parameters());
    summary.put("parameters_after", after.size().parameters());
    summary.put("ratio", (double) before.size().parameters() / after.size().parameters());
    summary.put("bytes_before", before.size().bytes());
    summary.put("bytes_after", after.size().bytes());
    summary.put("test_samples", before.accuracy().samples());
    summary.put("accuracy_before", before.accuracy().value());
    summary.put("accuracy_after", after.accuracy().value());
    summary.put("threads", Runtime.getRuntime().availableProcessors());
    summary.put("rankfold", Manifest.TOOL_VERSION);
    summary.put("tensorflow", TensorFlow.version());
    summary.put("java", System.getProperty("java.version"));
    return summary;
  }

  private void tell(
      Console console,
      TrainingRun run,
      AnalysisStage.Result analysis,
      CompressionPlan plan,
      Map<String, Evaluation> evaluations) {
    Evaluation before = evaluations.get("original");
    Evaluation after = evaluations.get("compressed");
    console.say("%s", TrainingStage.summary(run));
    console.say(
        "Collapse (variation within classes by total): %s",
        analysis.collapse().layers().stream()
            .map(
                report ->
                    report.layer() + " " + TextTable.number(report.collapse().normalizedTcv()))
            .collect(Collectors.joining(", ")));
    console.say(
        "Distance of each kernel to rank %d, measured <= projected bound: %s",
        analysis.collapse().layers().get(0).collapse().classes(),
        analysis.collapse().layers().stream()
            .flatMap(report -> report.certificate().stream())
            .map(
                c ->
                    c.layer()
                        + " "
                        + TextTable.number(c.measuredDistance())
                        + " <= "
                        + TextTable.number(c.projectedBound()))
            .collect(Collectors.joining(", ")));
    console.say(
        "Ranks: %s",
        plan.decisions().stream().map(DemoCommand::ranks).collect(Collectors.joining(", ")));
    console.say(
        "Parameters: %,d -> %,d (%.2f times fewer)",
        before.size().parameters(),
        after.size().parameters(),
        (double) before.size().parameters() / after.size().parameters());
    console.say(
        "Accuracy on %d held-out digits: %.2f%% -> %.2f%%",
        before.accuracy().samples(),
        100 * before.accuracy().value(),
        100 * after.accuracy().value());
    console.say("Page: %s", out.resolve("report.html"));
  }

  private static String ranks(LayerDecision decision) {
    String name = decision.layer().name();
    return decision.factors().isPresent()
        ? "%s %d -> %d".formatted(name, decision.layer().fullRank(), decision.rank())
        : "%s %d kept".formatted(name, decision.layer().fullRank());
  }
}
