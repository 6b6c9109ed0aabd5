package io.github.rankfold.cli.commands;

import io.github.rankfold.collapse.probe.AnalysisOptions;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.EpochSummary;
import io.github.rankfold.training.TrainingRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
  /** For {@link #interval}: an interval by the length of the training. */
  static final String USUAL = "usual";

  /** A measurement costs about half of an epoch or more: every epoch would be dear. */
  private static final int LEAST_USUAL = 2;

  private static final int MOST_TIMES = 20;

  private final NetworkSpec spec;
  private final LabeledData data;
  private final int every;
  private final Path scratch;
  private final ModelOptions options;
  private int lastMeasured = -1;
  private long nanosWhileTraining;
  private final List<CsvTable> tables = new ArrayList<>();

  /**
   * @param every epochs between two measurements
   * @param scratch an existing folder for the models that are analysed, empty again afterwards
   * @param options how they are opened
   */
  CollapseTracker(
      NetworkSpec spec, LabeledData data, int every, Path scratch, ModelOptions options) {
    data.requireTwoClasses();
    this.spec = spec;
    this.data = data;
    this.every = every;
    this.scratch = scratch;
    this.options = options;
  }

  /**
   * Epochs between two measurements.
   *
   * @param text as the user wrote it, or {@link #USUAL}
   * @param epochs of the training
   */
  static int interval(String text, int epochs) {
    if (text.equals(USUAL)) {
      return Math.max(LEAST_USUAL, (epochs + MOST_TIMES - 1) / MOST_TIMES);
    }
    int every;
    try {
      every = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "epochs between measurements must be a number, was " + text, e);
    }
    if (every <= 0) {
      throw new IllegalArgumentException("epochs between measurements must be > 0, was " + every);
    }
    return every;
  }

  @Override
  public Response epochEnded(EpochSummary summary, Supplier<NetworkWeights> weights) {
    if (summary.epoch() % every == 0) {
      long start = System.nanoTime();
      measure(summary.epoch(), weights.get());
      nanosWhileTraining += System.nanoTime() - start;
    }
    return new Response.Continue();
  }

  /** The initial weights are epoch 0. */
  void measure(int epoch, NetworkWeights weights) {
    lastMeasured = epoch;
    Path model = scratch.resolve("tracked-" + epoch);
    try {
      NetworkExport.write(spec, weights, model);
      try (LiveModel live = LiveModel.open(model, options)) {
        CollapseAnalysis found =
            CollapseAnalysis.of(
                live, data, Penalties.none(), AnalysisOptions.labelsOnly(), share -> {});
        tables.add(found.collapseTable(OptionalInt.of(epoch)));
      } finally {
        OutputFolder.remove(model);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The end of the training, unless its last epoch was measured.
   *
   * @param changed whether the weights may be others than they were at the last epoch's end
   */
  void ended(TrainingRun run, boolean changed) {
    int epochs = run.history().epochs().size();
    if (epochs == lastMeasured && !changed) {
      return;
    }
    if (epochs == lastMeasured) {
      tables.remove(tables.size() - 1);
    }
    measure(epochs, run.weights());
  }

  /** What it cost, in a sentence. */
  String cost() {
    List<String> absent = data.absentClasses();
    return String.format(
        Locale.ROOT,
        "Collapse was measured %d times, which took %.1f s of that time%s.",
        tables.size(),
        nanosWhileTraining / 1e9,
        absent.isEmpty() ? "" : "; not of class " + String.join(", ", absent));
  }

  /** The table of collapse.csv. */
  CsvTable table() {
    return CsvTable.stacked(tables);
  }
}
