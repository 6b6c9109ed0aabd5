package io.github.rankfold.benchmarks;

import static java.util.Objects.requireNonNull;

import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.search.Budget;
import io.github.rankfold.compression.search.Metric;
import io.github.rankfold.compression.search.RankSearch;
import io.github.rankfold.compression.search.SearchListener;
import io.github.rankfold.compression.search.SearchPoint;
import io.github.rankfold.compression.search.SearchResult;
import io.github.rankfold.compression.search.SearchSettings;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * One model compressed by several schemes, all at the same drop of accuracy allowed on the same
 * samples, and judged on others: the tables of docs/compression.md.
 *
 * <p>Arguments: {@code --model FOLDER} of make_compression_models.py, {@code --max-drop 0.5},
 * {@code --fine-tune 10} epochs, {@code --document FILE} whose section of the folder's name is
 * replaced.
 */
public final class CompressionTable {
  private static final int BATCH = 100;
  private static final int ROUNDS = 21;
  private static final int GENERATED = 1000;

  private final Path folder;
  private final LabeledData calibration;
  private final LabeledData training;
  private final LabeledData search;
  private final LabeledData test;
  private final double maxDrop;
  private final Optional<Path> document;
  private final List<String> lines = new ArrayList<>();

  private CompressionTable(Path folder, double maxDrop, Optional<Path> document) {
    this.document = document;
    this.folder = folder;
    this.maxDrop = maxDrop;
    this.calibration = samples("calibration.npz");
    this.training = Files.exists(folder.resolve("train.npz")) ? samples("train.npz") : calibration;
    this.search = samples("search.npz");
    this.test = samples("test.npz");
  }

  private LabeledData samples(String file) {
    return DataSource.open("npz:" + folder.resolve(file)).primary();
  }

  /** What a scheme found, and what that took. */
  private record Found(CompressionPlan plan, double evaluations, double passes) {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    Path folder = Path.of(options.text("--model", "lenet300"));
    double maxDrop = Double.parseDouble(options.text("--max-drop", "0.5"));
    Optional<Path> document = Optional.ofNullable(options.values().get("--document")).map(Path::of);
    new CompressionTable(folder, maxDrop, document)
        .run(
            options.number("--fine-tune", 10),
            options.text("--peers", "yes").equals("yes"),
            Arrays.stream(options.text("--ratios", "").split(","))
                .filter(ratio -> !ratio.isEmpty())
                .toList());
  }

  /** A run takes long: what is known is in the document while it goes on. */
  private void say(String line) throws IOException {
    lines.add(line);
    System.out.println(line);
    if (document.isPresent()) {
      new GeneratedSection(folder.getFileName().toString())
          .write(document.get(), String.join("\n", lines));
    }
  }

  private void run(int epochs, boolean peers, List<String> ratios) throws IOException {
    try (LiveModel original = LiveModel.open(folder.resolve("saved_model"))) {
      ModelSize size = original.size();
      long adds = original.layers().stream().mapToLong(Layer::multiplyAdds).sum();
      double accuracy = 100 * Evaluator.evaluate(original, test).accuracy().value();
      say(
          String.format(
              Locale.ROOT,
              "%s: %,d parameters, %,d bytes, %,d multiply-adds, %.2f%% right on %,d test samples;"
                  + " at most %s points worse on %,d others.%n",
              folder.getFileName(),
              size.parameters(),
              size.bytes(),
              adds,
              accuracy,
              test.size(),
              Double.toString(maxDrop),
              search.size()));
      say(
          "| scheme | parameters | times fewer | multiply-adds | times fewer | bytes | latency of"
              + " the original's | points lost on test | evaluations |"
              + " forward passes | search, s |");
      say("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
      if (peers) {
        peer("uniform energy", original, accuracy, PeerSchemes::uniformEnergy);
        peer("fixed rank, as tfmot", original, accuracy, PeerSchemes::fixedRank);
        peer("greedy, as AIMET", original, accuracy, PeerSchemes::greedy);
      }
      SearchSettings full = SearchSettings.of(Budget.maxDrop(maxDrop), Metric.ACCURACY);
      SearchSettings blind =
          new SearchSettings(
              full.budget(),
              full.metric(),
              Weighting.NONE,
              false,
              0,
              0,
              LayerSelection.all(),
              OptionalInt.of(1000),
              0,
              WeightStorage.unchanged());
      ours("ours, without data", original, accuracy, blind, generated(original));
      ours("ours, with data", original, accuracy, full, calibration);
      SearchSettings interpolative =
          full.storing(new WeightStorage(Optional.empty(), Optional.empty(), true));
      ours("ours, interpolative factors", original, accuracy, interpolative, calibration);
      if (epochs > 0) {
        ours("ours, fine-tuned", original, accuracy, full.withFineTuning(epochs), training);
      }
      for (String times : ratios) {
        boolean tuned = times.endsWith("t");
        double ratio = Double.parseDouble(times.replace("t", ""));
        SearchSettings wanted =
            SearchSettings.of(Budget.ratio(ratio), Metric.ACCURACY)
                .withFineTuning(tuned ? epochs : 0);
        ours(
            String.format(Locale.ROOT, "ours, %.0f times%s", ratio, tuned ? ", fine-tuned" : ""),
            original,
            accuracy,
            wanted,
            tuned ? training : calibration);
      }
    }
    say("");
    say("Load " + Timings.load() + ".");
  }

  private void peer(
      String name,
      LiveModel original,
      double accuracy,
      Function<PeerSchemes, CompressionPlan> scheme)
      throws IOException {
    row(
        name,
        original,
        accuracy,
        model -> {
          try (PeerSchemes schemes = new PeerSchemes(model, search, maxDrop)) {
            CompressionPlan plan = scheme.apply(schemes);
            return new Found(plan, schemes.evaluations(), schemes.evaluations());
          }
        });
  }

  private void ours(
      String name,
      LiveModel original,
      double accuracy,
      SearchSettings settings,
      LabeledData calibratedOn)
      throws IOException {
    row(
        name,
        original,
        accuracy,
        model -> {
          SearchResult result = RankSearch.run(model, calibratedOn, search, settings, new Trace());
          return new Found(result.plan(), result.evaluations(), result.passes());
        });
  }

  /** Tells each trial on the error output. */
  private static final class Trace implements SearchListener {
    @Override
    public void tried(SearchPoint point) {
      System.err.printf(
          Locale.ROOT,
          "  %,d parameters, %s: %.2f worse on %d samples%s %s%n",
          point.size().parameters(),
          point.refinement(),
          point.drop().measured(),
          point.drop().samples(),
          point.drop().promised().isPresent()
              ? String.format(Locale.ROOT, ", promised %.2f", point.drop().promised().getAsDouble())
              : "",
          point.ranks().values());
    }
  }

  private void row(
      String name, LiveModel original, double accuracy, Function<LiveModel, Found> scheme)
      throws IOException {
    try (LiveModel model = LiveModel.open(folder.resolve("saved_model"))) {
      Timings timings = new Timings();
      List<Found> found = new ArrayList<>();
      timings.time(() -> found.add(scheme.apply(model)));
      CompressionPlan plan = found.get(0).plan();
      Path written = Files.createTempDirectory("rankfold-table").resolve("compressed");
      SavedModelCompressor.apply(model, plan, written);
      try (LiveModel compressed = LiveModel.open(written.resolve("saved_model"))) {
        ModelSize before = original.size();
        ModelSize after = compressed.size();
        long addsBefore = original.layers().stream().mapToLong(Layer::multiplyAdds).sum();
        long adds = plan.decisions().stream().mapToLong(LayerDecision::multiplyAddsAfter).sum();
        double lost = accuracy - 100 * Evaluator.evaluate(compressed, test).accuracy().value();
        say(
            String.format(
                Locale.ROOT,
                "| %s | %,d | %.2f | %,d | %.2f | %,d | %.2f | %.2f | %.1f | %.1f | %.1f (%.1f of"
                    + " processor time) |",
                name,
                after.parameters(),
                (double) before.parameters() / after.parameters(),
                adds,
                (double) addsBefore / adds,
                after.bytes(),
                latency(original, compressed),
                lost,
                found.get(0).evaluations(),
                found.get(0).passes(),
                timings.seconds(),
                timings.processorSeconds()));
      } finally {
        OutputFolder.remove(requireNonNull(written.getParent()));
      }
    }
  }

  /** The median, over turns, of the time of a batch relative to the original's. */
  private double latency(LiveModel original, LiveModel compressed) {
    LabeledData few = test.head(BATCH);
    Timings before = new Timings();
    Timings after = new Timings();
    for (int round = -3; round < ROUNDS; round++) {
      Timings ofOriginal = round < 0 ? new Timings() : before;
      Timings ofCompressed = round < 0 ? new Timings() : after;
      ofOriginal.time(() -> batches(original, few));
      ofCompressed.time(() -> batches(compressed, few));
    }
    return after.perRound(before);
  }

  private static void batches(LiveModel model, LabeledData data) {
    try (InputBatch input = model.inputOf(data, 0, data.size())) {
      for (int i = 0; i < 10; i++) {
        model.feeding(input).fetch(model.tensor(model.logits())).run().close();
      }
    }
  }

  /**
   * Uniform inputs, for those who have no data: values from 0 to 1, or any of an embedding's ids.
   */
  private LabeledData generated(LiveModel model) {
    int ids =
        model.layers().stream()
            .filter(layer -> layer.kind() == LayerKind.EMBEDDING)
            .mapToInt(Layer::rows)
            .min()
            .orElse(0);
    SplittableRandom random = new SplittableRandom(0);
    float[] values = new float[GENERATED * test.featureWidth()];
    for (int i = 0; i < values.length; i++) {
      values[i] = ids > 0 ? random.nextInt(ids) : (float) random.nextDouble();
    }
    return new LabeledData(
        "generated",
        Features.ofFloats(values, test.featureWidth()),
        test.featureShape(),
        new int[GENERATED],
        test.classNames());
  }
}
