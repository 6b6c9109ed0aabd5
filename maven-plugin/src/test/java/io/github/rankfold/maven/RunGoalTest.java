package io.github.rankfold.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugin.logging.SystemStreamLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunGoalTest {
  private static final String MODEL =
      Path.of(System.getProperty("rankfold.fixtures")).resolve("saved-models/mlp").toString();

  @TempDir Path temporary;

  private final RecordingLog log = new RecordingLog();

  /** What Maven's log was told, by level. */
  private static final class RecordingLog extends SystemStreamLog {
    private final List<String> infos = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    @Override
    public void info(CharSequence content) {
      infos.add(content.toString());
    }

    @Override
    public void warn(CharSequence content) {
      warnings.add(content.toString());
    }
  }

  private void run(String missedGuarantee, boolean skip, String... arguments)
      throws MojoExecutionException, MojoFailureException {
    RunGoal goal = new RunGoal(List.of(arguments), missedGuarantee, skip);
    goal.setLog(log);
    goal.execute();
  }

  @Test
  void aCommandWritesItsFilesAndTellsTheLog() throws Exception {
    Path out = temporary.resolve("out");
    run("fail", false, "compress", MODEL, "--rule", "fraction:0.25", "--out", out.toString());
    assertTrue(Files.isRegularFile(out.resolve("saved_model/saved_model.pb")));
    assertTrue(
        log.infos.stream().anyMatch(line -> line.contains("layers factored")), log.infos::toString);
  }

  @Test
  void badInputIsAnErrorOfTheBuildInOneLine() {
    MojoExecutionException error =
        assertThrows(MojoExecutionException.class, () -> run("fail", false, "inspect", "nowhere"));
    String message = String.valueOf(error.getMessage());
    assertTrue(message.startsWith("rankfold: nowhere"), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aMissedGuaranteeFailsTheBuildOrWarns() throws Exception {
    Path out = temporary.resolve("out");
    Path data = temporary.resolve("data.csv");
    Files.writeString(data, header() + row(0) + row(1) + row(2) + row(3));
    String[] impossible = {
      "compress",
      MODEL,
      "--ratio",
      "100000",
      "--data",
      "csv:" + data + "?label=label",
      "--out",
      out.toString()
    };
    MojoFailureException failure =
        assertThrows(MojoFailureException.class, () -> run("fail", false, impossible));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains("ratio:100000"), message);
    run("warn", false, impossible);
    assertTrue(log.warnings.stream().anyMatch(line -> line.contains("ratio:100000")));
    assertFalse(Files.exists(out), "nothing was written");
  }

  private static String header() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 784; i++) {
      text.append('x').append(i).append(',');
    }
    return text.append("label\n").toString();
  }

  private static String row(int label) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 784; i++) {
      text.append((i * (label + 3)) % 7).append(',');
    }
    return text.append(label).append('\n').toString();
  }

  @Test
  void settingsThatAreNoneAndSkipping() throws Exception {
    assertEquals(
        "missedGuarantee: expected fail or warn, found ignore",
        assertThrows(MojoExecutionException.class, () -> run("ignore", false, "demo"))
            .getMessage());
    run("fail", true, "inspect", "nowhere");
    assertEquals(List.of("rankfold: skipped"), log.infos);
  }

  /** The descriptor is what Maven reads; without it the plugin has no goals. */
  @Test
  void thePluginDeclaresItsGoal() throws IOException {
    try (InputStream descriptor = RunGoal.class.getResourceAsStream("/META-INF/maven/plugin.xml")) {
      String text = new String(descriptor.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(text.contains("<goalPrefix>rankfold</goalPrefix>"));
      assertTrue(text.contains("<goal>run</goal>"));
    }
  }
}
