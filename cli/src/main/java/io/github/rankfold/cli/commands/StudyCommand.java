package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.cli.studies.Study;
import io.github.rankfold.cli.studies.StudyName;
import io.github.rankfold.cli.studies.StudyPage;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "study",
    description =
        "Repeats an experiment of the theory on the bundled digits: what was expected,"
            + " what was seen, a table and plots.",
    customSynopsis = "rankfold study NAME --out DIR [OPTIONS]",
    footerHeading = "%nStudies:%n",
    footer = {
      "  lambda      rank and variation inside the classes against the penalty",
      "  depth       against depth and width",
      "  time        against training time",
      "  residual    with and without skip connections",
      "  truncation  accuracy against the rank that kernels are cut to",
      "  barrier     the loss on the way from an interpolating to a collapsed network",
      "  parallel    a path without a barrier that is built, beside its theorem",
      "  forecast    forecasts of spectra beside early stopping and less data",
      "  all         every one of them",
      "",
      "Writes:",
      "  DIR/NAME.csv, DIR/NAME.md, DIR/NAME-*.svg, DIR/manifest.json",
      "",
      "Examples:",
      "  rankfold study lambda --out study-lambda",
      "  rankfold study all --out studies"
    })
public final class StudyCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME", description = "Which study, see below.")
  private String name = "";

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "The first of the seeds of its trainings (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    common.requireNoGpu(
        "a study, which computes on one thread so that a seed gives the same table");
    List<StudyName> names = WrongUsageException.check(() -> StudyName.named(name));
    List<Map<String, Object>> documents = new ArrayList<>();
    try (OutputFolder out = output.create()) {
      DataSplit digits = DataSource.open("digits");
      for (StudyName each : names) {
        documents.add(run(each, digits, out, console));
      }
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("studies", names.stream().map(StudyName::text).toList());
      settings.put("seed", seed);
      settings.put("data", digits.train().name());
      new Manifest("study", Instant.now(), Optional.empty(), settings, Map.of())
          .write(out.staging());
      out.commit();
    }
    console.say("Tables, pages and plots in %s".formatted(output.path()));
    console.result(documents.size() == 1 ? documents.get(0) : Map.of("studies", documents));
    return 0;
  }

  private Map<String, Object> run(
      StudyName each, DataSplit digits, OutputFolder out, Console console) throws IOException {
    Study study = each.on(digits, seed);
    CsvTable table;
    try (Progress progress = console.progress("Study " + each.text(), study.steps())) {
      table = study.run(progress);
    }
    StudyPage page = new StudyPage(each.text(), study, table);
    page.write(out.staging());
    console.say(study.title());
    console.say("Expected: " + study.expectation());
    console.say("Seen:");
    page.seen().forEach(sentence -> console.say("- " + sentence));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("study", each.text());
    document.put("expectation", study.expectation());
    document.put("recipe", study.recipe());
    document.put("seen", page.seen());
    document.put("rows", TextTable.rows(table));
    return document;
  }
}
