package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.rewriting.SharedKernels;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "inspect",
    description =
        "Shows a model's inputs and outputs, its layers, their ranks, what two factors of each rank"
            + " would have, and what would be left alone and why. Needs no data.",
    customSynopsis = "rankfold inspect MODEL [OPTIONS]",
    footerHeading = "%n",
    footer = {
      "With --out, writes:",
      "  layers.csv   shapes and ranks",
      "  spectra.csv  singular values",
      "  ranks.csv    parameters, multiply-adds, bytes at every rank of every layer",
      "  manifest.json",
      "",
      "Examples:",
      "  rankfold inspect my_saved_model",
      "  rankfold inspect run --json",
      "  rankfold inspect my_saved_model --out inspected"
    })
public final class InspectCommand implements Callable<Integer> {

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "A folder for all tables; refused if it exists and is not empty.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--overwrite",
      description = "Replace the output folder if rankfold wrote all that is in it.")
  private boolean overwrite;

  @Mixin private ModelSelection selection = new ModelSelection();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    out.ifPresent(selection::requireApartFrom);
    try (LiveModel model = selection.openForReading(common)) {
      if (out.isEmpty()) {
        tell(model, AnalysisStage.spectra(model, console), console);
        return 0;
      }
      // Before the work: a folder in the way is told at once.
      try (OutputFolder folder = OutputFolder.create(out.get(), overwrite)) {
        KernelSpectra spectra = AnalysisStage.spectra(model, console);
        write(folder, model, spectra);
        tell(model, spectra, console);
      }
    }
    return 0;
  }

  private void tell(LiveModel model, KernelSpectra spectra, Console console) {
    CsvTable table = spectra.layersTable();
    console.say(
        "%s:%nsignatures %s; %,d parameters, %,d bytes%n"
            .formatted(
                model.files().folder(),
                model.files().signatureKeys(),
                model.size().parameters(),
                model.size().bytes()));
    SignatureTensors signatures = SignatureTensors.of(model.files());
    console.say("%s%n".formatted(signatures.text()));
    console.say(ForReading.layers(table));
    console.note(System.lineSeparator() + ForReading.ABOUT_LAYERS);
    console.say(
        "%s, %s left alone."
            .formatted(
                TextTable.count(spectra.byLayer().size(), "layer"),
                TextTable.count(spectra.skipped().size(), "kernel")));
    Map<Layer, String> shared = SharedKernels.among(model.flatGraph(), spectra.byLayer());
    RankGrid grid = new RankGrid(spectra, shared.keySet(), model.size());
    if (!shared.isEmpty()) {
      console.say("%n%s".formatted(whole(shared)));
    }
    if (!spectra.byLayer().isEmpty()) {
      console.say("%n%s".formatted(grid.model()));
      console.say(
          "%n%s"
              .formatted(
                  grid.fits() ? grid.layers() : "ranks.csv (--out) has each layer by itself."));
      console.note(System.lineSeparator() + RankGrid.ABOUT);
    }
    out.ifPresent(folder -> console.say("Tables in %s".formatted(folder)));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", model.files().folder().toString());
    document.put("signatures", model.files().signatureKeys());
    document.put("signature_tensors", signatures.document());
    document.put("parameters", model.size().parameters());
    document.put("bytes", model.size().bytes());
    document.put("layers", TextTable.rows(table));
    document.put("ranks", TextTable.rows(spectra.ranksTable()));
    document.put("kept_whole", byName(shared));
    console.result(document);
  }

  private static String whole(Map<Layer, String> shared) {
    TextTable table = TextTable.headed("stays whole at any rank", "because");
    shared.forEach((layer, because) -> table.row(layer.name(), because));
    return table.text();
  }

  private static Map<String, String> byName(Map<Layer, String> shared) {
    Map<String, String> named = new LinkedHashMap<>();
    shared.forEach((layer, because) -> named.put(layer.name(), because));
    return named;
  }

  private static void write(OutputFolder folder, LiveModel model, KernelSpectra spectra)
      throws IOException {
    spectra.layersTable().write(folder.staging().resolve("layers.csv"));
    spectra.spectraTable().write(folder.staging().resolve("spectra.csv"));
    spectra.ranksTable().write(folder.staging().resolve("ranks.csv"));
    new Manifest(
            "inspection",
            Instant.now(),
            Optional.of(model.files().sha256()),
            Map.of("model", model.files().folder().toString()),
            Map.of())
        .write(folder.staging());
    folder.commit();
  }
}
