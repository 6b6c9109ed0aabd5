package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.cli.studies.Study;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.savedmodel.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "study",
    description = "Repeats an experiment of the theory on the bundled digits: a table and a plot.",
    customSynopsis = "rankfold study NAME --out DIR [OPTIONS]",
    footerHeading = "%nStudies:%n",
    footer = {
      "  lambda      rank and variation inside the classes against the penalty",
      "  depth       against depth and width",
      "  time        against training time",
      "  truncation  accuracy against the rank that kernels are cut to",
      "  forecast    forecasts of spectra beside early stopping and less data",
      "",
      "Writes:",
      "  DIR/NAME.csv, DIR/NAME.svg, DIR/manifest.json",
      "",
      "Example:",
      "  rankfold study lambda --out study-lambda"
    })
public final class StudyCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME", description = "Which study, see below.")
  private String name = "";

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "Of all its trainings (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    Study study = WrongUsageException.check(() -> Study.named(name));
    try (OutputFolder out = output.create()) {
      DataSplit digits = DataSource.open("digits");
      CsvTable table;
      try (Progress progress = console.progress("Study " + study.text(), study.steps())) {
        table = study.run(digits, seed, progress);
      }
      table.write(out.staging().resolve(study.text() + ".csv"));
      Files.writeString(out.staging().resolve(study.text() + ".svg"), study.svg(table));
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("study", study.text());
      settings.put("seed", seed);
      settings.put("expectation", study.expectation());
      new Manifest("study", Instant.now(), Optional.empty(), settings, Map.of())
          .write(out.staging());
      out.commit();
      console.say("Expected: " + study.expectation());
      console.say("Seen: %s".formatted(output.path().resolve(study.text() + ".csv")));
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("study", study.text());
      document.put("expectation", study.expectation());
      document.put("rows", TextTable.rows(table));
      console.result(document);
    }
    return 0;
  }
}
