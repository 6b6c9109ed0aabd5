package io.github.rankfold.benchmarks;

import static java.util.Objects.requireNonNull;

import io.github.rankfold.compression.CodedSize;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.compression.search.Budget;
import io.github.rankfold.compression.search.Metric;
import io.github.rankfold.compression.search.RankSearch;
import io.github.rankfold.compression.search.SearchListener;
import io.github.rankfold.compression.search.SearchSettings;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The bytes of models with and without low rank, in every format that weights are stored in,
 * uncoded and coded, with what that costs on test samples: a table of docs/compression.md.
 *
 * <p>Arguments: {@code --models FOLDER,FOLDER} of make_compression_models.py, {@code --max-drop
 * 0.5}, {@code --document FILE} whose section {@code storage} is replaced.
 */
public final class StorageTable {
  private final double maxDrop;
  private final List<String> lines = new ArrayList<>();

  private StorageTable(double maxDrop) {
    this.maxDrop = maxDrop;
  }

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    double maxDrop = Double.parseDouble(options.text("--max-drop", "0.5"));
    StorageTable table = new StorageTable(maxDrop);
    table.say(
        "| model | weights | bytes | times fewer | by deflate | times fewer | by entropy | points"
            + " lost on test |");
    table.say("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (String folder : options.text("--models", "lenet300").split(",", -1)) {
      table.rows(Path.of(folder));
    }
    if (options.has("--document")) {
      new GeneratedSection("storage")
          .write(Path.of(options.text("--document", "")), String.join("\n", table.lines));
    }
  }

  private void say(String line) {
    lines.add(line);
    System.out.println(line);
  }

  private void rows(Path folder) throws IOException {
    LabeledData test = samples(folder, "test.npz");
    try (LiveModel model = LiveModel.open(folder.resolve("saved_model"))) {
      CodedSize whole = CodedSize.of(model);
      double accuracy = 100 * Evaluator.evaluate(model, test).accuracy().value();
      say(row(folder, "original, float32", whole, whole, 0));
      CompressionPlan untouched = CompressionPlanner.plan(model, new RankRule.Fraction(1));
      for (WeightFormat format : WeightFormat.values()) {
        WeightStorage storage = new WeightStorage(Optional.empty(), Optional.of(format));
        written(
            folder, "original, " + format, storage.appliedTo(model, untouched), whole, accuracy);
      }
    }
    lowRank(folder, "low rank, float32", WeightStorage.unchanged());
    for (WeightFormat format : WeightFormat.values()) {
      lowRank(
          folder,
          "low rank, " + format,
          new WeightStorage(Optional.of(format), Optional.of(format)));
    }
  }

  /** Ranks are searched for anew: what rounding loses is part of the budget. */
  private void lowRank(Path folder, String name, WeightStorage storage) throws IOException {
    try (LiveModel model = LiveModel.open(folder.resolve("saved_model"))) {
      SearchSettings settings =
          SearchSettings.of(Budget.maxDrop(maxDrop), Metric.ACCURACY).storing(storage);
      CompressionPlan plan =
          RankSearch.run(
                  model,
                  samples(folder, "calibration.npz"),
                  samples(folder, "search.npz"),
                  settings,
                  new SearchListener() {})
              .plan();
      double accuracy =
          100 * Evaluator.evaluate(model, samples(folder, "test.npz")).accuracy().value();
      written(folder, name, storage.appliedTo(model, plan), CodedSize.of(model), accuracy);
    }
  }

  private void written(
      Path folder, String name, CompressionPlan plan, CodedSize whole, double accuracy)
      throws IOException {
    Path out = Files.createTempDirectory("rankfold-storage").resolve("written");
    try (LiveModel model = LiveModel.open(folder.resolve("saved_model"))) {
      SavedModelCompressor.apply(model, plan, out);
      try (LiveModel stored = LiveModel.open(out.resolve("saved_model"))) {
        LabeledData test = samples(folder, "test.npz");
        double lost = accuracy - 100 * Evaluator.evaluate(stored, test).accuracy().value();
        say(row(folder, name, CodedSize.of(stored), whole, lost));
      }
    } finally {
      OutputFolder.remove(requireNonNull(out.getParent()));
    }
  }

  private static String row(
      Path folder, String name, CodedSize size, CodedSize whole, double lost) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %,d | %.2f | %,d | %.2f | %,d | %.2f |",
        folder.getFileName(),
        name,
        size.bytes(),
        (double) whole.bytes() / size.bytes(),
        size.deflated(),
        (double) whole.bytes() / size.deflated(),
        size.entropy(),
        lost);
  }

  private static LabeledData samples(Path folder, String file) {
    return DataSource.open("npz:" + folder.resolve(file)).primary();
  }
}
