package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluation;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Measures accuracy, loss, size and latency of a model on labelled data.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  rankfold evaluate run --data digits",
      "  rankfold evaluate smaller --against my_saved_model --data idx:fashion-mnist"
    })
public final class EvaluateCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();
  @Mixin private ModelSelection selection = new ModelSelection();

  @Option(
      names = "--data",
      paramLabel = "URI",
      required = true,
      description = "Held-out data of it where there is some: " + DataHelp.URIS)
  private String data = "";

  @Option(
      names = "--against",
      paramLabel = "MODEL",
      description = "A second model, for comparison: the original of a compressed one.")
  private Optional<Path> against = Optional.empty();

  @Override
  public Integer call() {
    Console console = common.console();
    LabeledData samples = heldOut(DataSource.open(data));
    Map<String, Evaluation> rows = new LinkedHashMap<>();
    if (against.isPresent()) {
      rows.put("original", evaluate(against.get(), samples));
      rows.put("compressed", evaluate(selection.path(), samples));
    } else {
      rows.put(selection.path().toString(), evaluate(selection.path(), samples));
    }
    CsvTable table = Evaluation.table(rows);
    console.say("%s", TextTable.of(table));
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
