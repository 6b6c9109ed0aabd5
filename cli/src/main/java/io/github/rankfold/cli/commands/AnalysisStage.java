package io.github.rankfold.cli.commands;

import static io.github.rankfold.collapse.probe.AnalysisTables.TEST;
import static io.github.rankfold.collapse.probe.AnalysisTables.TRAIN;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.collapse.probe.AnalysisOptions;
import io.github.rankfold.collapse.probe.AnalysisTables;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/** Collapse, spectra and certificates of one model, as the tables of an analysis folder. */
final class AnalysisStage {
  private AnalysisStage() {}

  /**
   * What an analysis found.
   *
   * @param collapse on the data that the model was trained on
   * @param tables of that, and of the data held out from it where there is some
   * @param forward the table of bounds by features and predictions
   * @param epoch after which the model was analysed, where known
   */
  record Result(
      CollapseAnalysis collapse,
      AnalysisTables tables,
      KernelSpectra spectra,
      CsvTable forward,
      OptionalInt epoch) {
    void write(Path folder) throws IOException {
      spectra.layersTable().write(folder.resolve("layers.csv"));
      spectra.spectraTable().write(folder.resolve("spectra.csv"));
      tables.collapse(epoch).write(folder.resolve("collapse.csv"));
      tables.classes().write(folder.resolve("class_collapse.csv"));
      tables.pairs().write(folder.resolve("class_pairs.csv"));
      tables.ranks().write(folder.resolve("feature_ranks.csv"));
      tables.imbalance().write(folder.resolve("imbalance.csv"));
      collapse.certificatesTable().write(folder.resolve("certificates.csv"));
      forward.write(folder.resolve("forward_bounds.csv"));
      collapse.certificateSpectrumTable().write(folder.resolve("certificate_spectrum.csv"));
      tables.notes().write(folder.resolve("analysis_notes.csv"));
    }
  }

  static Result run(
      LiveModel model,
      DataSplit data,
      Penalties penalties,
      AnalysisOptions options,
      OptionalInt epoch,
      Console console) {
    KernelSpectra spectra = spectra(model, console);
    String first = DataSource.choosesTestPart(data.primary().name()) ? TEST : TRAIN;
    CollapseAnalysis collapse =
        part(model, data.primary(), penalties, options, "Collapse", console);
    Map<String, CollapseAnalysis> parts = new LinkedHashMap<>();
    parts.put(first, collapse);
    data.test()
        .filter(held -> hasClasses(held, console))
        .ifPresent(
            held -> {
              AnalysisOptions metrics =
                  new AnalysisOptions(List.of(), List.of(), options.featureRanks(), options.seed());
              parts.put(
                  TEST,
                  part(model, held, Penalties.none(), metrics, "Collapse, held out", console));
            });
    return new Result(
        collapse,
        new AnalysisTables(parts),
        spectra,
        ForwardBoundsTable.of(model, collapse),
        epoch);
  }

  /** Held-out data is measured besides: where that cannot be, the rest is still worth having. */
  private static boolean hasClasses(LabeledData held, Console console) {
    try {
      held.requireTwoClasses();
      return true;
    } catch (InvalidInputException e) {
      console.note("Held-out data left out: " + e.getMessage());
      return false;
    }
  }

  private static CollapseAnalysis part(
      LiveModel model,
      LabeledData data,
      Penalties penalties,
      AnalysisOptions options,
      String title,
      Console console) {
    try (Progress progress = console.progress(title, 100)) {
      return CollapseAnalysis.of(
          model, data, penalties, options, share -> progress.reached(Math.round(100 * share)));
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
