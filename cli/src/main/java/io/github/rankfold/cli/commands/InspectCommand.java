package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "inspect",
    description =
        "Shows a model's layers, their ranks, and what would be left alone and why. Needs no data"
            + " and writes nothing.",
    customSynopsis = "rankfold inspect MODEL [OPTIONS]",
    footerHeading = "%nExamples:%n",
    footer = {"  rankfold inspect my_saved_model", "  rankfold inspect run --json"})
public final class InspectCommand implements Callable<Integer> {

  @Mixin private ModelSelection selection = new ModelSelection();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    Console console = common.console();
    try (LiveModel model = selection.openForReading(common)) {
      KernelSpectra spectra = AnalysisStage.spectra(model, console);
      CsvTable table = spectra.layersTable();
      console.say(
          "%s:%nsignatures %s; %,d parameters, %,d bytes%n"
              .formatted(
                  model.files().folder(),
                  model.files().signatureKeys(),
                  model.size().parameters(),
                  model.size().bytes()));
      console.say(ForReading.layers(table));
      console.note(System.lineSeparator() + ForReading.ABOUT_LAYERS);
      console.say(
          "%d layers, %d kernels left alone."
              .formatted(spectra.byLayer().size(), spectra.skipped().size()));
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("model", model.files().folder().toString());
      document.put("signatures", model.files().signatureKeys());
      document.put("parameters", model.size().parameters());
      document.put("bytes", model.size().bytes());
      document.put("layers", TextTable.rows(table));
      console.result(document);
    }
    return 0;
  }
}
