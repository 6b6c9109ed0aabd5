package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/** Collapse, spectra and certificates of one model, as the tables of an analysis folder. */
final class AnalysisStage {
  private AnalysisStage() {}

  /**
   * What an analysis found.
   *
   * @param epoch after which the model was analysed, where known
   */
  record Result(CollapseAnalysis collapse, KernelSpectra spectra, OptionalInt epoch) {
    void write(Path folder) throws IOException {
      spectra.layersTable().write(folder.resolve("layers.csv"));
      spectra.spectraTable().write(folder.resolve("spectra.csv"));
      collapse.collapseTable(epoch).write(folder.resolve("collapse.csv"));
      collapse.certificatesTable().write(folder.resolve("certificates.csv"));
    }
  }

  static Result run(
      LiveModel model, LabeledData data, Penalties penalties, OptionalInt epoch, Console console) {
    KernelSpectra spectra = spectra(model, console);
    try (Progress progress = console.progress("Collapse", 100)) {
      CollapseAnalysis collapse =
          CollapseAnalysis.of(
              model, data, penalties, share -> progress.reached(Math.round(100 * share)));
      return new Result(collapse, spectra, epoch);
    }
  }

  /** The singular values of every kernel, which is what takes time in a large model. */
  static KernelSpectra spectra(LiveModel model, Console console) {
    try (Progress progress = console.progress("Singular values", model.layers().size())) {
      AtomicInteger begun = new AtomicInteger();
      return KernelSpectra.of(
          model,
          layer -> {
            progress.on(layer.name());
            progress.reached(begun.getAndIncrement());
          });
    }
  }
}
