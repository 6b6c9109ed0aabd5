package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Comparison;
import io.github.rankfold.models.evaluation.Evaluation;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
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
        "Measures accuracy, loss, size and latency of a model on labelled data. Writes nothing.",
    customSynopsis = "rankfold evaluate MODEL --data URI [--against MODEL] [OPTIONS]",
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

  @Mixin private ModelSelection selection = new ModelSelection();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    Console console = common.console();
    LabeledData samples = heldOut(DataSource.open(data));
    Evaluation evaluated = evaluate(selection.path(), samples);
    CsvTable table =
        against
            .map(original -> new Comparison(evaluate(original, samples), evaluated).table())
            .orElseGet(() -> Evaluation.table(Map.of(selection.path().toString(), evaluated)));
    console.say("%,d samples of %s:".formatted(samples.size(), samples.name()));
    console.say(ForReading.evaluation(table));
    console.result(TextTable.rows(table));
    return 0;
  }

  private Evaluation evaluate(Path path, LabeledData samples) {
    try (LiveModel model = selection.open(path, common)) {
      return Evaluator.evaluate(model, samples);
    }
  }

  /** Data that a model was trained on would flatter it. */
  static LabeledData heldOut(DataSplit split) {
    return split.test().orElse(split.primary());
  }
}
