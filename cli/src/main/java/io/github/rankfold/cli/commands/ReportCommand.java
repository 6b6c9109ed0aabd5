package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.report.ReportInputs;
import io.github.rankfold.cli.report.ReportPage;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.files.FileFailure;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.files.ParentFolders;
import io.github.rankfold.models.savedmodel.SavedModelFolder;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "report",
    description = "Makes one self-contained page of a run, its analysis and its compression.",
    customSynopsis = "rankfold report RUN [--analysis DIR] [--compressed DIR] --out FILE",
    footerHeading = "%nExamples:%n",
    footer = {
      "  rankfold report run-analysis --out report.html",
      "  rankfold report smaller --out report.html",
      "  rankfold report run --analysis run-analysis --compressed smaller \\",
      "      --out report.html"
    })
public final class ReportCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      paramLabel = "RUN",
      description = "A folder that train, analyze or compress wrote.")
  private Path run = Path.of(".");

  @Option(
      names = "--analysis",
      paramLabel = "DIR",
      description = "A folder that analyze wrote, if its tables are not in RUN.")
  private Optional<Path> analysis = Optional.empty();

  @Option(names = "--compressed", paramLabel = "DIR", description = "A folder that compress wrote.")
  private Optional<Path> compressed = Optional.empty();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      required = true,
      description = "The page to write; refused if it exists.")
  private Path out = Path.of("report.html");

  @Option(names = "--overwrite", description = "Replace the page if it exists.")
  private boolean overwrite;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Console console = common.console();
    if (Files.isDirectory(out)) {
      throw new InvalidInputException(out + ": expected a file to write, found a folder");
    }
    if (Files.exists(out) && !overwrite) {
      throw new InvalidInputException(
          out + ": expected a new file, found one that exists (--overwrite replaces it)");
    }
    ReportInputs inputs = ReportInputs.read(run, analysis, compressed);
    Optional<Path> ofAnother = compressed.filter(folder -> isOfAnother(folder, run));
    write(ReportPage.of(inputs), out, overwrite);
    ofAnother.ifPresent(
        folder ->
            console.say(
                "%s was not made from the model in %s: the page shows two models."
                    .formatted(folder, run)));
    console.say("Report: %s".formatted(out));
    console.result(Map.of("report", out.toString()));
    return 0;
  }

  /** Whether a compressed model's manifest names another model than that of a run. */
  private static boolean isOfAnother(Path compressed, Path run) {
    Path manifest = compressed.resolve("manifest.json");
    Path model = run.resolve("saved_model");
    if (!Files.exists(manifest) || !Files.isDirectory(model)) {
      return false; // nothing is known of one of them
    }
    String parent = Json.read(manifest).path("parent_sha256").asText();
    return !parent.isEmpty() && !parent.equals(SavedModelFolder.sha256(model));
  }

  /** Writes the page beside its place and moves it there; not onto one that came meanwhile. */
  private static void write(ReportPage page, Path file, boolean overwrite) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new InvalidInputException(file + ": expected a file to write, found a root");
    }
    ParentFolders parents = ParentFolders.create(folder, file);
    // Not createTempFile, whose files only their owner can read.
    Path staged = folder.resolve("." + file.getFileName() + ".partial-" + UUID.randomUUID());
    boolean written = false;
    try {
      page.write(staged);
      if (overwrite) {
        Files.move(staged, file, StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.move(staged, file);
      }
      written = true;
    } catch (FileSystemException e) { // which names the file beside
      throw new InvalidInputException(file + ": cannot be written: " + FileFailure.reason(e), e);
    } finally {
      Files.deleteIfExists(staged);
      if (!written) {
        parents.remove();
      }
    }
  }
}
