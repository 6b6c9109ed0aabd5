package io.github.rankfold.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What a browser makes of the page; skipped where there is no chromium that starts. */
class ReportInBrowserTest {
  private static final int SPECTRA = 5;
  private static final int COLLAPSE_METRICS = 6;
  private static final int TRAINING_CHARTS = 3;
  private static final int SEARCH_CHARTS = 1;

  // A browser that is still closing may write to its profile while the folder is removed.
  @TempDir(cleanup = CleanupMode.NEVER)
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  @Test
  void everyChartIsDrawnAndNothingFails() throws IOException, InterruptedException {
    Path page = folder.resolve("report.html");
    ReportPage.of(SampleRun.inputs()).write(page);
    Path dom = folder.resolve("dom.html");
    Path log = folder.resolve("log.txt");
    assumeTrue(browse(page, dom, log), "no chromium that starts");

    String drawn = Files.readString(dom);
    int canvases = drawn.split(Pattern.quote("<canvas"), -1).length - 1;
    assertEquals(SPECTRA + COLLAPSE_METRICS + TRAINING_CHARTS + SEARCH_CHARTS, canvases);
    assertEquals(SPECTRA, drawn.split("class=\"slack\"", -1).length - 1);
    assertFalse(
        Files.readString(log).contains("CONSOLE"), () -> "the console is quiet, see " + log);
  }

  /** Loads {@code page} and leaves the document that it became in {@code dom}. */
  private boolean browse(Path page, Path dom, Path log) throws IOException, InterruptedException {
    Optional<Path> chromium =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
            .map(directory -> Path.of(directory, "chromium"))
            .filter(Files::isExecutable)
            .findFirst();
    if (chromium.isEmpty()) {
      return false;
    }
    Process process =
        new ProcessBuilder(
                chromium.get().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--enable-logging=stderr",
                "--user-data-dir=" + folder.resolve("profile"),
                "--window-size=1200,6000",
                "--virtual-time-budget=4000",
                "--dump-dom",
                page.toUri().toString())
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly();
    }
    return ended && process.exitValue() == 0 && Files.size(dom) > 0;
  }
}
