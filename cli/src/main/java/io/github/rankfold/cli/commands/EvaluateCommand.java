package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluation;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "evaluate",
    description =
        "Measures accuracy, loss, size and latency of a model on labelled data; with a second model"
            + " also how far the outputs are apart, for which labels are not needed.",
    customSynopsis = "rankfold evaluate MODEL --data URI [--against MODEL] [--out DIR]",
    footerHeading = "%n",
    footer = {
      DataHelp.URIS,
      "Examples:",
      "  rankfold evaluate run --data digits",
      "  rankfold evaluate smaller --against my_saved_model \\",
      "      --data idx:fashion-mnist"
    })
public final class EvaluateCommand implements Callable<Integer> {

  @Option(
      names = "--data",
      paramLabel = "URI",
      required = true,
      description = "What to measure on: the test part of it if there is one.")
  private String data = "";

  @Option(
      names = "--against",
      paramLabel = "MODEL",
      description = "A second model, for comparison: the original of a compressed one.")
  private Optional<Path> against = Optional.empty();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "A folder for evaluation.csv; refused if it exists and is not empty.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--overwrite",
      description = "Replace the output folder if rankfold wrote all that is in it.")
  private boolean overwrite;

  @Mixin private ModelSelection selection = new ModelSelection();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    if (out.isPresent()) {
      selection.requireApartFrom(out.get());
      against.ifPresent(other -> ModelSelection.requireApartFrom(other, out.get()));
      try (OutputFolder folder = OutputFolder.create(out.get(), overwrite)) {
        Measured measured = measure(console);
        measured.table().write(folder.staging().resolve("evaluation.csv"));
        folder.commit();
        tell(measured, console);
      }
      console.say("Table in %s".formatted(out.get()));
    } else {
      tell(measure(console), console);
    }
    return 0;
  }

  /** What was found on which samples. */
  private record Measured(CsvTable table, LabeledData samples) {}

  private Measured measure(Console console) {
    DataSplit opened = DataSource.open(data, console::hint);
    CsvTable table =
        against
            .map(original -> compare(original, selection.path(), opened, console))
            .orElseGet(() -> alone(opened, console));
    return new Measured(table, heldOut(opened));
  }

  private static void tell(Measured measured, Console console) {
    LabeledData samples = measured.samples();
    console.say("%,d samples of %s:".formatted(samples.size(), samples.name()));
    console.say(ForReading.evaluation(measured.table()));
    console.result(TextTable.rows(measured.table()));
  }

  private CsvTable alone(DataSplit data, Console console) {
    data.primary().requireLabels("accuracy (--against MODEL compares outputs without)");
    try (LiveModel model = selection.open(selection.path(), common)) {
      LabeledData samples = heldOut(ModelSelection.inClassesOf(data, console, model));
      return Evaluation.table(
          Map.of(selection.path().toString(), Evaluator.evaluate(model, samples)));
    }
  }

  private CsvTable compare(Path original, Path compressed, DataSplit data, Console console) {
    try (LiveModel before = selection.open(original, common);
        LiveModel after = selection.open(compressed, common)) {
      LabeledData samples = heldOut(ModelSelection.inClassesOf(data, console, before, after));
      ModelSelection.hintAtLeftOutLabels(samples, console);
      return Evaluator.compare(before, after, samples);
    }
  }

  /** Data that a model was trained on would flatter it. */
  static LabeledData heldOut(DataSplit split) {
    return split.test().orElse(split.primary());
  }
}
