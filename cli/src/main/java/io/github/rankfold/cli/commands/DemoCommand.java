package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.report.ReportInputs;
import io.github.rankfold.cli.report.ReportPage;
import io.github.rankfold.collapse.probe.AnalysisOptions;
import io.github.rankfold.collapse.probe.LayerReport;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Comparison;
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
import org.tensorflow.TensorFlow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    description = {
      "The main job on the bundled digits, in under a minute: trains a network with an L2 penalty,"
          + " tests its collapse, cuts its kernels down to the rank of the classes, evaluates both"
          + " on held-out digits, and writes a page about it."
    },
    customSynopsis = "rankfold demo [--out DIR] [OPTIONS]",
    footerHeading = "%nWrites:%n",
    footer = {
      "  DIR/report.html   the page: open it in a browser",
      "  DIR/run           the trained model and the tables of its analysis",
      "  DIR/compressed    the smaller model, compression.csv and evaluation.csv",
      "",
      "Examples:",
      "  rankfold demo",
      "  rankfold demo --out elsewhere --seed 7"
    })
public final class DemoCommand implements Callable<Integer> {
  private static final double LAMBDA = 3e-3;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      defaultValue = "rankfold-demo",
      description = "The folder to write (default: ${DEFAULT-VALUE}); refused if not empty.")
  private Path out = Path.of("rankfold-demo");

  @Option(
      names = "--overwrite",
      description = "Replace the output folder if rankfold wrote all that is in it.")
  private boolean overwrite;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "Draws initial weights and order of samples (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    try (OutputFolder folder = OutputFolder.create(out, overwrite)) {
      Path runFolder = folder.staging().resolve("run");
      Path compressedFolder = folder.staging().resolve("compressed");
      DataSplit digits = Digits.load();
      TrainingRun run = TrainingStage.run(network(digits), digits, config(), console);
      TrainingFolder.write(run, digits.train(), runFolder);
      try (LiveModel model = LiveModel.open(runFolder, common.modelOptions())) {
        AnalysisStage.Result analysis =
            AnalysisStage.run(
                model,
                digits,
                run.penalty(),
                AnalysisOptions.full(digits.train().classes()),
                OptionalInt.of(run.history().epochs().size()),
                console);
        analysis.write(runFolder);
        CompressionPlan plan =
            CompressionPlanner.plan(model, new RankRule.Classes(digits.train().classes()));
        SavedModelCompressor.apply(model, plan, compressedFolder);
        Comparison comparison = compare(model, compressedFolder, digits.test().orElseThrow());
        comparison.table().write(compressedFolder.resolve("evaluation.csv"));
        Map<String, Object> summary = summary(run, digits, plan, comparison);
        Json.write(runFolder.resolve("summary.json"), summary);
        ReportPage.of(ReportInputs.read(runFolder, Optional.of(compressedFolder)))
            .write(folder.staging().resolve("report.html"));
        folder.commit();
        tell(console, run, analysis, plan, comparison);
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
        .withEpochs(10)
        .withBatchSize(32)
        .withFinish(new Finish(20, 100))
        .withStationarityTolerance(3e-4)
        .withSeed(seed)
        .withDevice(common.device());
  }

  private Comparison compare(LiveModel model, Path compressed, LabeledData heldOut) {
    return new Comparison(
        Evaluator.evaluate(model, heldOut),
        Evaluator.evaluate(compressed, common.modelOptions(), heldOut));
  }

  private static Map<String, Object> summary(
      TrainingRun run, DataSplit digits, CompressionPlan plan, Comparison comparison) {
    Evaluation before = comparison.original();
    Evaluation after = comparison.compressed();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("data", digits.train().name());
    summary.put("data_sha256", digits.train().sha256());
    summary.put("network", run.network().text());
    summary.put("lambda", run.penalty().lambda());
    summary.put("seed", run.config().seed());
    summary.put("rule", plan.rule());
    summary.put("parameters_before", before.size().parameters());
    summary.put("parameters_after", after.size().parameters());
    summary.put("ratio", comparison.ratio());
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
      Comparison comparison) {
    Evaluation before = comparison.original();
    Evaluation after = comparison.compressed();
    console.say(TrainingStage.summary(run));
    int classes = analysis.collapse().layers().get(0).collapse().classes();
    console.say("%nCollapse at the input of each layer, and the rank of its kernel:%n".formatted());
    console.say(layers(analysis, plan, classes));
    console.note(
        """

        within: share of the input's variation that is inside the classes, 0 at full
        collapse; distance: of the kernel to the nearest of rank %d; bound: what the
        collapse guarantees that distance to be at most."""
            .formatted(classes));
    console.say(
        "%nParameters: %,d -> %,d (%.2f times fewer)"
            .formatted(before.size().parameters(), after.size().parameters(), comparison.ratio()));
    console.say(
        "Accuracy on %d held-out digits: %.2f%% -> %.2f%%"
            .formatted(
                before.accuracy().samples(),
                100 * before.accuracy().value(),
                100 * after.accuracy().value()));
    console.say("Page: %s".formatted(out.resolve("report.html")));
  }

  private static String layers(AnalysisStage.Result analysis, CompressionPlan plan, int classes) {
    TextTable table = TextTable.headed("layer", "within", "distance", "bound", "rank");
    for (LayerDecision decision : plan.decisions()) {
      String name = decision.layer().name();
      LayerReport report =
          analysis.collapse().layers().stream()
              .filter(candidate -> candidate.layer().equals(name))
              .findFirst()
              .orElseThrow();
      // A kernel with no more than K rows or columns is of rank K anyway.
      Optional<RankCertificate> certificate =
          report.certificate().filter(c -> decision.layer().fullRank() > classes);
      table.row(
          name,
          TextTable.number(report.collapse().normalizedTcv()),
          certificate.map(c -> TextTable.number(c.measuredDistance())).orElse(""),
          certificate.map(c -> TextTable.number(c.twoSidedBound())).orElse(""),
          decision.factors().isPresent()
              ? decision.layer().fullRank() + " -> " + decision.rank()
              : decision.layer().fullRank() + " kept");
    }
    return table.text();
  }
}
