package io.github.rankfold.cli.forecast;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.Finish;
import io.github.rankfold.training.L2Penalty;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import io.github.rankfold.training.TrainingRun;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * A forecast beside what else could be done for as much: train for a tenth as long, train on a
 * tenth of the data. The outcome is {@code train} with {@code --finish 25}: epochs of mini-batches,
 * then 500 iterations of L-BFGS.
 */
public final class ForecastRivals {
  /** The rows, from the first on, that are whole trainings. */
  public static final int TRAININGS = 3;

  private static final int ITERATIONS = 20;
  private static final int FINISH = 25;

  private final NetworkSpec spec;
  private final LabeledData data;
  private final L2Penalty penalty;
  private final long seed;

  /**
   * One way to know early.
   *
   * @param passes its cost, in passes over all data
   * @param processorSeconds its cost, of this process on all its threads
   * @param found its spectra
   * @param scores by the outcome of the training with the same seed
   */
  public record Row(
      String method,
      int samples,
      double passes,
      double processorSeconds,
      SpectrumForecast found,
      List<SpectrumForecast.Score> scores) {
    public Row {
      scores = List.copyOf(scores);
    }

    /** The error of the kernel that it missed most, by the spectra of another row. */
    public double worst(Row outcome) {
      return SpectrumForecast.worst(found.score(outcome.found.byLayer()));
    }
  }

  /** What a method found, before it is scored. */
  private record Found(Map<String, Spectrum> spectra, int samples, double passes) {}

  public ForecastRivals(NetworkSpec spec, LabeledData data, L2Penalty penalty, long seed) {
    this.spec = spec;
    this.data = data;
    this.penalty = penalty;
    this.seed = seed;
  }

  /** Told of each row as it is there. */
  public interface Listener {
    void found(Row row);
  }

  /** All rows, the training itself first, then trainings with two other seeds. */
  public List<Row> run(Listener listener) {
    List<Row> rows = new ArrayList<>();
    Scored scored = new Scored(rows, listener);
    Found outcome = scored.outcome(() -> trained(data, whole(seed)));
    double budget = outcome.passes() / 10;
    scored.row("another seed", () -> trained(data, whole(seed + 1)));
    scored.row("a third seed", () -> trained(data, whole(seed + 2)));
    ForecastSettings settings = ForecastSettings.of(penalty, seed);
    scored.row("forecast", () -> forecast(settings));
    scored.row("forecast, another seed", () -> forecast(ForecastSettings.of(penalty, seed + 1)));
    scored.row(
        "forecast at half the cost",
        () -> forecast(settings.withPasses(ForecastSettings.PASSES / 2)));
    int widest = spec.hidden().stream().reduce(1, Math::max);
    scored.row("forecast, full width", () -> forecast(settings.withWidth(widest)));
    scored.row("a tenth of the training", () -> trained(data, tenth()));
    scored.row(
        "a tenth, mini-batches alone",
        () -> trained(data, config(seed).withEpochs((int) Math.max(1, budget))));
    LabeledData some = data.select(drawn());
    scored.row("a tenth of the data", () -> trained(some, whole(seed)));
    return rows;
  }

  /** What the training comes to from the initial weights of another seed. */
  public SpectrumForecast outcome(long from) {
    return new SpectrumForecast(trained(data, whole(from)).spectra());
  }

  /** What is forecast from the initial weights of another seed. */
  public SpectrumForecast forecast(long from) {
    return new SpectrumForecast(forecast(ForecastSettings.of(penalty, from)).spectra());
  }

  private TrainingConfig config(long from) {
    return TrainingConfig.defaults().withL2(penalty).withEpochs(15).withSeed(from);
  }

  private TrainingConfig whole(long from) {
    return config(from).withFinish(new Finish(FINISH, ITERATIONS));
  }

  private TrainingConfig tenth() {
    return config(seed).withEpochs(2).withFinish(new Finish(1, FINISH * ITERATIONS / 10));
  }

  private Found trained(LabeledData samples, TrainingConfig config) {
    TrainingRun run = Trainer.train(spec, samples, config);
    return new Found(
        ForecastStage.spectra(spec, run.weights()),
        samples.size(),
        (double) run.samplesPassed() / data.size());
  }

  private Found forecast(ForecastSettings settings) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    Console quiet = new Console(nowhere, nowhere, false, true);
    ForecastResult result = ForecastStage.run(spec, data, settings, quiet);
    return new Found(result.forecast().byLayer(), data.size(), result.passes());
  }

  private int[] drawn() {
    return new SplittableRandom(seed)
        .ints(0, data.size())
        .distinct()
        .limit(Math.max(1, data.size() / 10))
        .toArray();
  }

  /** Runs methods, times them and scores them by the first. */
  private static final class Scored {
    private final List<Row> rows;
    private final Listener listener;
    private Map<String, Spectrum> outcome = Map.of();

    Scored(List<Row> rows, Listener listener) {
      this.rows = rows;
      this.listener = listener;
    }

    Found outcome(Supplier<Found> method) {
      long before = processorNanos();
      Found found = method.get();
      outcome = found.spectra();
      add("the training", found, processorNanos() - before);
      return found;
    }

    void row(String name, Supplier<Found> method) {
      long before = processorNanos();
      Found found = method.get();
      add(name, found, processorNanos() - before);
    }

    private void add(String name, Found found, long nanos) {
      SpectrumForecast spectra = new SpectrumForecast(found.spectra());
      Row row =
          new Row(
              name, found.samples(), found.passes(), nanos * 1e-9, spectra, spectra.score(outcome));
      rows.add(row);
      listener.found(row);
    }
  }

  private static long processorNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : System.nanoTime();
  }
}
