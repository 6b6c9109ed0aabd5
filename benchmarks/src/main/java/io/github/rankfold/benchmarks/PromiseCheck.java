package io.github.rankfold.benchmarks;

import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.search.Budget;
import io.github.rankfold.compression.search.Drop;
import io.github.rankfold.compression.search.Metric;
import io.github.rankfold.compression.search.RankSearch;
import io.github.rankfold.compression.search.SearchListener;
import io.github.rankfold.compression.search.SearchResult;
import io.github.rankfold.compression.search.SearchSettings;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How often a search's promise holds: ranks are searched for on one half of the held-out samples
 * and judged on the other half, over many random halves.
 *
 * <p>Two promises: the drop that a search states with 95% confidence, for a search that keeps to
 * the measured drop; and the budget itself, for one that keeps to it with that confidence ({@code
 * --strict}). Each search tries several ranks and takes the smallest that is allowed, so that what
 * it measured is a little too good: that is part of what is checked.
 *
 * <p>Arguments: {@code --model FOLDER}, {@code --splits 50}, {@code --max-drop 0.5}, {@code
 * --calibration-samples 2000}, {@code --document FILE}.
 */
public final class PromiseCheck {
  private PromiseCheck() {}

  /** One split. */
  private record Split(Drop found, double onOther, double ratio) {
    boolean promiseHolds() {
      return onOther <= found.promised().orElseThrow();
    }
  }

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    Path folder = Path.of(options.text("--model", "lenet300"));
    double maxDrop = Double.parseDouble(options.text("--max-drop", "0.5"));
    int splits = options.number("--splits", 50);
    int samples = options.number("--calibration-samples", 2000);
    List<String> lines = new ArrayList<>();
    lines.add(
        ("%s: %d random splits of the search and test samples in two halves; ranks searched for on"
                + " one, judged on the other. At most %s points, without fitting and fine-tuning.\n")
            .formatted(folder.getFileName(), splits, Double.toString(maxDrop)));
    lines.add(
        "| budget | times fewer, median | drop found, mean | drop promised, mean | drop on the"
            + " other half, mean | promise held | budget held on the other half |");
    lines.add("| --- | --- | --- | --- | --- | --- | --- |");
    LabeledData calibration = open(folder, "calibration.npz").head(samples);
    LabeledData pool = joined(open(folder, "search.npz"), open(folder, "test.npz"));
    for (boolean strict : new boolean[] {false, true}) {
      List<Split> all = run(folder, calibration, pool, budget(maxDrop, strict), splits);
      lines.add(row(strict ? "strict" : "measured", all, maxDrop));
      System.out.println(lines.get(lines.size() - 1));
    }
    lines.add("\nLoad " + Timings.load() + ".");
    System.out.println(String.join("\n", lines));
    if (options.has("--document")) {
      new GeneratedSection(
              folder.getFileName().toString().equals("lenet300")
                  ? "promise"
                  : "promise-" + folder.getFileName())
          .write(Path.of(options.text("--document", "")), String.join("\n", lines));
    }
  }

  private static LabeledData open(Path folder, String file) {
    return DataSource.open("npz:" + folder.resolve(file)).primary();
  }

  private static Budget budget(double maxDrop, boolean strict) {
    return new Budget(
        OptionalDouble.of(maxDrop),
        strict,
        OptionalDouble.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty());
  }

  private static List<Split> run(
      Path folder, LabeledData calibration, LabeledData pool, Budget budget, int splits)
      throws IOException {
    SearchSettings settings =
        new SearchSettings(
            budget,
            Metric.ACCURACY,
            Weighting.OUTPUTS,
            false,
            0,
            0,
            LayerSelection.all(),
            OptionalInt.empty(),
            0,
            WeightStorage.unchanged());
    List<Split> all = new ArrayList<>();
    Path written = Files.createTempDirectory("rankfold-promise").resolve("compressed");
    try (LiveModel model = LiveModel.open(folder.resolve("saved_model"))) {
      for (int seed = 0; seed < splits; seed++) {
        int[] order = shuffled(pool.size(), seed);
        LabeledData half = pool.select(Arrays.copyOf(order, order.length / 2));
        LabeledData other = pool.select(Arrays.copyOfRange(order, order.length / 2, order.length));
        try (LiveModel searched = LiveModel.open(folder.resolve("saved_model"))) {
          SearchResult result =
              RankSearch.run(searched, calibration, half, settings, new SearchListener() {});
          SavedModelCompressor.apply(searched, result.plan(), written);
          double drop;
          try (LiveModel compressed = LiveModel.open(written.resolve("saved_model"))) {
            drop = 100 * (accuracy(model, other) - accuracy(compressed, other));
          }
          OutputFolder.remove(written);
          double ratio =
              (double) result.original().parameters() / result.chosen().size().parameters();
          all.add(new Split(result.chosen().drop(), drop, ratio));
          System.err.printf(
              Locale.ROOT,
              "split %d: %.2f worse, promised %.2f, %.2f on the other half%n",
              seed,
              result.chosen().drop().measured(),
              result.chosen().drop().promised().orElseThrow(),
              drop);
        }
      }
    } finally {
      Files.delete(written.getParent());
    }
    return all;
  }

  private static double accuracy(LiveModel model, LabeledData data) {
    return Evaluator.evaluate(model, data).accuracy().value();
  }

  private static String row(String name, List<Split> all, double maxDrop) {
    long kept = all.stream().filter(Split::promiseHolds).count();
    long within = all.stream().filter(split -> split.onOther() <= maxDrop).count();
    return String.format(
        Locale.ROOT,
        "| %s | %.2f | %.2f | %.2f | %.2f | %d of %d | %d of %d |",
        name,
        Timings.median(all.stream().map(Split::ratio).toList()),
        mean(all.stream().map(split -> split.found().measured()).toList()),
        mean(all.stream().map(split -> split.found().promised().orElseThrow()).toList()),
        mean(all.stream().map(Split::onOther).toList()),
        kept,
        all.size(),
        within,
        all.size());
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  private static int[] shuffled(int count, int seed) {
    int[] order = IntStream.range(0, count).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int value = order[i];
      order[i] = order[j];
      order[j] = value;
    }
    return order;
  }

  private static LabeledData joined(LabeledData first, LabeledData second) {
    int width = first.featureWidth();
    float[] values = new float[(first.size() + second.size()) * width];
    first.copyFeatures(0, first.size(), FloatBuffer.wrap(values, 0, first.size() * width));
    second.copyFeatures(
        0, second.size(), FloatBuffer.wrap(values, first.size() * width, second.size() * width));
    int[] labels =
        IntStream.concat(
                IntStream.range(0, first.size()).map(first::label),
                IntStream.range(0, second.size()).map(second::label))
            .toArray();
    return new LabeledData(
        first.name() + " and " + second.name(),
        Features.ofFloats(values, width),
        first.featureShape(),
        labels,
        first.classNames());
  }
}
