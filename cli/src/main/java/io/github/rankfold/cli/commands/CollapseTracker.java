package io.github.rankfold.cli.commands;

import io.github.rankfold.collapse.probe.AnalysisOptions;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.EpochSummary;
import io.github.rankfold.training.TrainingRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Measures collapse on the training data while a network is trained: rows of collapse.csv with
 * their epoch, one a layer.
 *
 * <p>Each time the weights are written as a SavedModel and analysed as any other is, so that a row
 * is what {@code analyze} would have said of the network at that epoch.
 */
final class CollapseTracker implements EpochListener {
  private final NetworkSpec spec;
  private final LabeledData data;
  private final int every;
  private final Path scratch;
  private int lastMeasured = -1;
  private final List<CsvTable> tables = new ArrayList<>();

  /**
   * @param every epochs between two measurements
   * @param scratch an existing folder for the models that are analysed, empty again afterwards
   */
  CollapseTracker(NetworkSpec spec, LabeledData data, int every, Path scratch) {
    data.requireEveryClass();
    this.spec = spec;
    this.data = data;
    this.every = every;
    this.scratch = scratch;
  }

  @Override
  public Response epochEnded(EpochSummary summary, Supplier<NetworkWeights> weights) {
    if (summary.epoch() % every == 0) {
      measure(summary.epoch(), weights.get());
    }
    return new Response.Continue();
  }

  /** The initial weights are epoch 0. */
  void measure(int epoch, NetworkWeights weights) {
    lastMeasured = epoch;
    Path model = scratch.resolve("tracked-" + epoch);
    try {
      NetworkExport.write(spec, weights, model);
      try (LiveModel live = LiveModel.open(model)) {
        CollapseAnalysis found =
            CollapseAnalysis.of(
                live, data, Penalties.none(), AnalysisOptions.labelsOnly(), share -> {});
        tables.add(found.collapseTable(OptionalInt.of(epoch)));
      } finally {
        delete(model);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The end of the training, unless its last epoch was measured. */
  void ended(TrainingRun run) {
    int epochs = run.history().epochs().size();
    if (epochs != lastMeasured) {
      measure(epochs, run.weights());
    }
  }

  /** The table of collapse.csv. */
  CsvTable table() {
    return CsvTable.stacked(tables);
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
