package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.EpochSummary;
import io.github.rankfold.training.Finish;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingRun;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** A training as a user watches it. */
final class TrainingStage {
  private TrainingStage() {}

  static TrainingRun run(
      NetworkSpec spec, DataSplit split, TrainingConfig config, Console console) {
    return run(spec, split, config, EpochListener.NONE, console);
  }

  /**
   * @param listener told of every epoch; its answer decides how training goes on
   */
  static TrainingRun run(
      NetworkSpec spec,
      DataSplit split,
      TrainingConfig config,
      EpochListener listener,
      Console console) {
    int epochs = config.epochs() + config.finish().map(Finish::epochs).orElse(0);
    try (Progress progress = console.progress("Training", epochs)) {
      return Trainer.train(
          spec, split.train(), split.test(), config, new Watched(progress, listener));
    }
  }

  private record Watched(Progress progress, EpochListener listener) implements EpochListener {
    @Override
    public Response epochEnded(EpochSummary summary, Supplier<NetworkWeights> weights) {
      progress.reached(summary.epoch());
      progress.on(inShort(summary));
      return listener.epochEnded(summary, weights);
    }

    @Override
    public Optional<NetworkWeights> trainingEnded(int epochs, Supplier<NetworkWeights> weights) {
      return listener.trainingEnded(epochs, weights);
    }
  }

  private static String inShort(EpochSummary summary) {
    String objective = String.format(Locale.ROOT, "objective %.4f", summary.objective());
    return summary.testAccuracy().isPresent()
        ? objective
            + String.format(
                Locale.ROOT, ", test accuracy %.2f%%", 100 * summary.testAccuracy().getAsDouble())
        : objective;
  }

  /** Three lines: what was trained, and how it came out. */
  static String summary(TrainingRun run) {
    EpochSummary last = run.history().last();
    int epochs = run.history().epochs().size();
    return String.format(
        Locale.ROOT,
        "Trained %s, %,d parameters, lambda %s.%n"
            + "%s in %.1f s, %,.0f samples/s; norm of the objective's gradient %.1e.%n"
            + "Accuracy %.2f%% in training%s.",
        run.network().text(),
        run.network().parameters(),
        run.penalty().lambda(),
        TextTable.count(epochs, "epoch"),
        run.seconds(),
        run.imagesPerSecond(),
        run.stationarity().residual(),
        100 * last.accuracy(),
        last.testAccuracy().isPresent()
            ? String.format(
                Locale.ROOT, ", %.2f%% on test data", 100 * last.testAccuracy().getAsDouble())
            : "");
  }
}
