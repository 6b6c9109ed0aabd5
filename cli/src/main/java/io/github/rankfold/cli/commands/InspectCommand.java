package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
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
    mixinStandardHelpOptions = true,
    description =
        "Shows a model's layers, their ranks, and what would be left alone. Needs no data.",
    footerHeading = "%nExamples:%n",
    footer = {"  rankfold inspect my_saved_model", "  rankfold inspect my_saved_model --json"})
public final class InspectCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();
  @Mixin private ModelSelection selection = new ModelSelection();

  @Override
  public Integer call() {
    Console console = common.console();
    try (LiveModel model = selection.open(common);
        Progress progress = console.progress("Singular values", model.layers().size())) {
      KernelSpectra spectra =
          KernelSpectra.of(
              model,
              layer -> {
                progress.on(layer.name());
                progress.reached(model.layers().indexOf(layer));
              });
      progress.close();
      CsvTable table = spectra.layersTable();
      console.say(
          "%s: signatures %s; %,d parameters, %,d bytes",
          model.files().folder(),
          model.files().signatureKeys(),
          model.size().parameters(),
          model.size().bytes());
      console.say("%s", TextTable.of(table));
      console.say(
          "%d layers, %d kernels left alone. A layer gets smaller at its break-even rank or below.",
          spectra.byLayer().size(), spectra.skipped().size());
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
