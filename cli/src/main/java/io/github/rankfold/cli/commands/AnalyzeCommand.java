package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.collapse.probe.AnalysisOptions;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "analyze",
    description =
        "Tests neural collapse at every layer and bounds by it how far each kernel is from low"
            + " rank.",
    customSynopsis = "rankfold analyze MODEL --data URI --out DIR [OPTIONS]",
    footerHeading = "%n",
    footer = {
      DataHelp.URIS,
      "Writes:",
      "  layers.csv        shapes and ranks",
      "  spectra.csv       singular values",
      "  collapse.csv      TCV, NC1-NC4 and CDNV at the input of each layer",
      "  class_collapse.csv, class_pairs.csv, imbalance.csv, feature_ranks.csv",
      "                    each class, the worst separated pairs, minorities, ranks",
      "  certificates.csv, certificate_spectrum.csv",
      "                    distance to low rank and singular values, with bounds",
      "  forward_bounds.csv  the same by features, predictions and weights alone",
      "  analysis_notes.csv  what could not be measured, and why",
      "",
      "Examples:",
      "  rankfold analyze run --data digits --out run-analysis",
      "  rankfold analyze my_saved_model --data npz:train.npz --l2 5e-4 \\",
      "      --out analysis"
    })
public final class AnalyzeCommand implements Callable<Integer> {

  @Option(
      names = "--data",
      paramLabel = "URI",
      required = true,
      description = "The data that the model was trained on: the bounds are about its training.")
  private String data = "";

  @Option(
      names = "--l2",
      paramLabel = "LAMBDA",
      description =
          "The penalty lambda/2 ||W||^2 that every kernel was trained with, twice the number that"
              + " Keras's L2 takes (default: what the model's manifest says; without a penalty there"
              + " are no bounds).")
  private Optional<Double> lambda = Optional.empty();

  @Option(
      names = "--clusters",
      paramLabel = "N",
      split = ",",
      description =
          "Numbers of clusters of k-means, for certificates by other partitions than the labels"
              + " (default: half, once and twice the number of classes).")
  private List<Integer> clusters = List.of();

  @Option(
      names = "--labels-only",
      description = "Certificates by the labels alone, and no ranks of features: faster.")
  private boolean labelsOnly;

  @Option(
      names = "--no-test",
      description = "Leaves out the data that the source holds out from training.")
  private boolean noTest;

  @Mixin private ModelSelection selection = new ModelSelection();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    Optional<Penalties> given = WrongUsageException.check(() -> lambda.map(Penalties::everywhere));
    Optional<AnalysisOptions> chosen = WrongUsageException.check(this::chosen);
    selection.requireApartFrom(output.path());
    try (OutputFolder out = output.create();
        LiveModel model = selection.open(common)) {
      DataSplit opened =
          ModelSelection.inClassesOf(DataSource.open(data, console::hint), console, model);
      opened.primary().requireLabels("class statistics");
      DataSplit samples = noTest ? DataSplit.only(opened.primary()) : opened;
      AnalysisOptions options =
          labelsOnly
              ? AnalysisOptions.labelsOnly()
              : chosen.orElseGet(() -> AnalysisOptions.full(present(opened.primary())));
      AnalysisStage.Result result =
          AnalysisStage.run(
              model,
              samples,
              RuleOptions.penalties(model, given),
              options,
              OptionalInt.empty(),
              console);
      result.write(out.staging());
      out.commit();
      tell(console, result, model);
      if (!result.collapse().certificatesTable().rows().isEmpty()) {
        Manifest.otherTrainingData(model.files(), samples.primary())
            .ifPresent(
                source ->
                    console.say(
                        "The bounds are about the data that the model was trained on, %s: of %s they say nothing."
                            .formatted(source, samples.primary().name())));
      }
      console.say("Tables in %s".formatted(output.path()));
    }
    return 0;
  }

  private static int present(LabeledData data) {
    return data.classes() - data.absentClasses().size();
  }

  /** What --clusters asks for; empty where the number of classes decides. */
  private Optional<AnalysisOptions> chosen() {
    if (clusters.isEmpty()) {
      return Optional.empty();
    }
    if (labelsOnly) {
      throw new IllegalArgumentException("--labels-only leaves out what --clusters asks for");
    }
    return Optional.of(new AnalysisOptions(clusters, List.of(2, 4), true, 1));
  }

  private static void tell(Console console, AnalysisStage.Result result, LiveModel model) {
    CollapseAnalysis collapse = result.collapse();
    KernelSpectra spectra = result.spectra();
    CsvTable collapseTable = result.tables().collapse(OptionalInt.empty());
    CsvTable pairs = result.tables().pairs();
    CsvTable notes = result.tables().notes();
    CsvTable certificates = collapse.certificatesTable();
    console.say("Collapse at the input of each layer, %,d samples:".formatted(collapse.samples()));
    console.say(ForReading.collapse(collapseTable) + System.lineSeparator());
    console.note(ForReading.ABOUT_COLLAPSE);
    console.say("The classes that are separated worst, as the classifier sees them:");
    console.say(ForReading.pairs(pairs) + System.lineSeparator());
    MinorityText minorities =
        new MinorityText(result.tables().imbalance(), result.tables().classes());
    if (!minorities.isEmpty()) {
      console.say(minorities.headline());
      console.say(minorities.tables() + System.lineSeparator());
      console.note(MinorityText.ABOUT);
    }
    console.say("Kernels:");
    console.say(ForReading.layers(spectra.layersTable()) + System.lineSeparator());
    console.note(ForReading.ABOUT_LAYERS);
    if (certificates.rows().isEmpty()) {
      console.say("No certificates: no kernel is known to have a penalty (--l2 gives one).");
    } else {
      console.say("How far each kernel is from the rank of the classes, measured and bounded:");
      console.say(ForReading.certificates(certificates) + System.lineSeparator());
      console.note(ForReading.ABOUT_CERTIFICATES);
    }
    if (!notes.rows().isEmpty()) {
      console.say("What was not measured, and why:");
      console.say(ForReading.notes(notes) + System.lineSeparator());
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", model.files().folder().toString());
    document.put("samples", collapse.samples());
    document.put("collapse", TextTable.rows(collapseTable));
    document.put("layers", TextTable.rows(spectra.layersTable()));
    document.put("certificates", TextTable.rows(certificates));
    document.put("classes", TextTable.rows(result.tables().classes()));
    document.put("class_pairs", TextTable.rows(pairs));
    document.put("imbalance", TextTable.rows(result.tables().imbalance()));
    document.put("feature_ranks", TextTable.rows(result.tables().ranks()));
    document.put("notes", TextTable.rows(notes));
    console.result(document);
  }
}
