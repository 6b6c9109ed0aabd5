package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.compression.CodedSize;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.Speed;
import io.github.rankfold.compression.Verification;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.rewriting.InterpolativeLayers;
import io.github.rankfold.compression.search.Drop;
import io.github.rankfold.compression.search.Metric;
import io.github.rankfold.compression.search.SearchResult;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Tells a user, or a program by {@code --json}, what was compressed; part by part, in order. */
final class CompressionTelling {
  private final Console console;
  private final LiveModel model;
  private final CompressionPlan plan;
  private final WeightStorage storage;
  private final Map<String, Object> document = new LinkedHashMap<>();

  CompressionTelling(
      Console console, LiveModel model, CompressionPlan plan, WeightStorage storage) {
    this.console = console;
    this.model = model;
    this.plan = plan;
    this.storage = storage;
  }

  void layers() {
    console.say(ForReading.compression(plan.table()));
    if (storage.equals(WeightStorage.unchanged()) && isKeptForItsRank()) {
      console.note("  (--interpolative makes some of them smaller at any rank below the full one)");
    }
    if (plan.factored().stream().anyMatch(decision -> decision.relativeError() > 1)) {
      console.note(
          "%nrelative error: of the kernel; factors that are fitted to what a layer gives on data may%n"
                  .formatted()
              + "be far from its kernel and near in that.");
    }
  }

  /**
   * How much smaller the model is.
   *
   * @param sizes of the files, where weights are stored in another way
   */
  void size(boolean dryRun, Map<String, CodedSize> sizes) {
    ModelSize before = model.size();
    ModelSize after = plan.size(model);
    console.say(
        "%n%s%s; %d of %s factored%s"
            .formatted(
                dryRun ? "Dry run: " : "",
                sizes.isEmpty()
                    ? ForReading.parameters(before.parameters(), after.parameters())
                    : StorageOptions.smaller(sizes),
                plan.factored().size(),
                TextTable.count(plan.decisions().size(), "layer"),
                leftAlone()));
    if (after.bytes() > before.bytes()) { // of 8-bit integers fewer numbers may take more
      console.say(
          "The weights take %,d bytes in place of %,d: --factors int8 stores factors in 8 bits, too."
              .formatted(after.bytes(), before.bytes()));
    }
    if (plan.factored().isEmpty()) {
      console.say(
          storage.isUnchanged()
              ? "Nothing was factored: the weights stay what they are."
              : "Nothing was factored: the weights are stored in another way, and that is all.");
    }
    document.put("model", model.files().folder().toString());
    document.put("rule", plan.rule());
    document.put("parameters_before", before.parameters());
    document.put("parameters_after", after.parameters());
    document.put("bytes_before", before.bytes());
    document.put("bytes_after", after.bytes());
    document.put("factored", plan.factored().size());
    document.put("layers", TextTable.rows(plan.table()));
  }

  /** Both models on the same samples. */
  void evaluation(LabeledData samples, CsvTable evaluation) {
    ModelSelection.hintAtLeftOutLabels(samples, console);
    console.say(
        "%nOn %s samples of %s:%n%s%n"
            .formatted(
                TextTable.forReading(evaluation.cell(0, "samples")),
                samples.name(),
                ForReading.evaluation(evaluation)));
    document.put("evaluation", TextTable.rows(evaluation));
  }

  void speed(Speed speed) {
    console.say(ForReading.speed(speed, plan) + System.lineSeparator());
    document.put("share_of_time", speed.share());
  }

  void bounds(BoundStage bounds) {
    bounds.tell(console);
    document.put("output_bounds", TextTable.rows(bounds.table()));
  }

  void weights(Map<String, CodedSize> sizes) {
    console.say(StorageOptions.table(sizes) + System.lineSeparator());
    document.put("weights", StorageOptions.document(sizes));
  }

  /** What may be expected of samples that the search has not seen. */
  void promise(SearchResult result, Metric metric) {
    Drop drop = result.chosen().drop();
    console.say(
        String.format(
            Locale.ROOT,
            "%d trials, %.1f evaluations of the data; the search as much as %.0f forward passes.%n"
                + "%.2f worse (%s) on %,d samples of %s;%n"
                + "with 95%% confidence at most %.2f on as many new ones of the same kind.",
            result.points().size(),
            result.evaluations(),
            result.passes(),
            drop.measured(),
            metric.unit(),
            drop.samples(),
            result.samples(),
            drop.promised().orElseThrow()));
    Map<String, Object> search = new LinkedHashMap<>();
    search.put("trials", result.points().size());
    search.put("evaluations", result.evaluations());
    search.put("forward_passes", result.passes());
    search.put("metric", metric.toString());
    search.put("measured_drop", drop.measured());
    search.put("promised_drop", drop.promised().orElseThrow());
    search.put("samples", drop.samples());
    search.put("tried", SearchDocument.tried(result.points(), Optional.of(result.chosen())));
    document.put("search", search);
  }

  /** Promises and bounds are about one output; the layers before others are compressed as well. */
  void otherOutputs() {
    Set<String> others = new TreeSet<>();
    model
        .signature()
        .getOutputsMap()
        .forEach(
            (key, info) -> {
              if (!TensorRef.parse(info.getName()).equals(model.output())) {
                others.add(key);
              }
            });
    if (!others.isEmpty()) {
      console.say(
          "Only one output was looked at: nothing is promised of %s."
              .formatted(String.join(", ", others)));
    }
  }

  /**
   * What was written, and what came of it when it was loaded again.
   *
   * @param onData whether the outputs of real inputs are known, beside which noise says nothing
   */
  void written(Path out, Verification verification, boolean onData) {
    document.put("out", out.toString());
    document.put("verification", verification.figures());
    console.say(verified(verification, onData));
    console.say("Written to %s".formatted(out));
  }

  /** The document, after all parts. */
  void end() {
    console.result(document);
  }

  private String leftAlone() {
    int skipped = model.skipped().size();
    return skipped == 0
        ? ""
        : ", %s left alone (inspect says why)".formatted(TextTable.count(skipped, "kernel"));
  }

  /** Whether a kernel is whole as two plain factors would be larger, where others would not. */
  private boolean isKeptForItsRank() {
    InterpolativeLayers others = new InterpolativeLayers(model);
    return plan.decisions().stream()
        .filter(decision -> decision.factors().isEmpty())
        .filter(decision -> decision.chosenRank() > decision.layer().breakEvenRank())
        .anyMatch(decision -> others.include(decision.layer(), decision.chosenRank()));
  }

  private static String verified(Verification verification, boolean onData) {
    if (verification.signatures() == 0) {
      return "Not verified: no signature takes inputs that can be made up and gives the same for them twice.";
    }
    String planned =
        verification.againstPlan() == 0
            ? "exactly as planned"
            : String.format(
                Locale.ROOT, "as planned to %.0e of the outputs' size", verification.againstPlan());
    String reloaded = "Reloaded and run on generated inputs: %s.".formatted(planned);
    return onData
        ? reloaded
        : reloaded
            + String.format(
                Locale.ROOT,
                "%nThese inputs are noise, on which outputs are %.1f%% from the original's: of real"
                    + " ones%n--data says more.",
                100 * verification.againstOriginal());
  }
}
