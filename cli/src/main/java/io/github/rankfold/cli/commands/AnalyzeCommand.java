package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "analyze",
    mixinStandardHelpOptions = true,
    description =
        "Tests neural collapse at every layer and relates it to the rank of every kernel.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  rankfold analyze run --data digits --out run-analysis",
      "  rankfold analyze my_saved_model --data npz:train.npz --l2 5e-4 --out analysis"
    })
public final class AnalyzeCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();
  @Mixin private ModelSelection selection = new ModelSelection();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--data",
      paramLabel = "URI",
      required = true,
      description =
          "What the model was trained on, where certificates are wanted: " + DataHelp.URIS)
  private String data = "";

  @Option(
      names = "--l2",
      paramLabel = "LAMBDA",
      description =
          "The penalty lambda/2 ||W||^2 of every kernel, for a model without a manifest that says so."
              + " Without a penalty there are no certificates.")
  private Optional<Double> lambda = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    Optional<Penalties> given = WrongUsageException.check(() -> lambda.map(Penalties::everywhere));
    selection.requireApartFrom(output.path());
    try (OutputFolder out = output.create();
        LiveModel model = selection.open(common)) {
      LabeledData samples = DataSource.open(data).primary();
      AnalysisStage.Result result =
          AnalysisStage.run(model, samples, penalties(model, given), OptionalInt.empty(), console);
      result.write(out.staging());
      out.commit();
      tell(console, result, model);
      console.say("Tables in %s".formatted(output.path()));
    }
    return 0;
  }

  private static Penalties penalties(LiveModel model, Optional<Penalties> given) {
    return given
        .or(() -> Manifest.penalties(model.files()).map(Penalties::of))
        .orElse(Penalties.none());
  }

  private static void tell(Console console, AnalysisStage.Result result, LiveModel model) {
    CollapseAnalysis collapse = result.collapse();
    KernelSpectra spectra = result.spectra();
    CsvTable collapseTable = collapse.collapseTable(OptionalInt.empty());
    CsvTable certificates = collapse.certificatesTable();
    console.say("Collapse at the input of each layer, %,d samples:".formatted(collapse.samples()));
    console.say("%s%n".formatted(TextTable.of(collapseTable)));
    console.say("Kernels:");
    console.say("%s%n".formatted(TextTable.of(spectra.layersTable())));
    if (certificates.rows().isEmpty()) {
      console.say("No certificates: no kernel is known to have a penalty (--l2 gives one).");
    } else {
      console.say("Distance to rank K of each kernel, measured and bounded:");
      console.say("%s%n".formatted(TextTable.of(certificates)));
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", model.files().folder().toString());
    document.put("samples", collapse.samples());
    document.put("collapse", TextTable.rows(collapseTable));
    document.put("layers", TextTable.rows(spectra.layersTable()));
    document.put("certificates", TextTable.rows(certificates));
    console.result(document);
  }
}
