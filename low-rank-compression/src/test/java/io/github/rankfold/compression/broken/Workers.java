package io.github.rankfold.compression.broken;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link Worker}s over seeds: one that ends or hangs is started again behind the seed that did
 * it, which is then a finding.
 */
final class Workers {
  private static final String END = "end";

  private final Path fixtures;
  private final Path work;
  private final Duration patience;
  private final List<String> findings = new ArrayList<>();
  private final List<Long> found = new ArrayList<>();
  private int tried;
  private int refused;
  private long memory;

  /**
   * @param fixtures the folder of real models
   * @param work an empty folder
   * @param patience how long one model may take
   */
  Workers(Path fixtures, Path work, Duration patience) {
    this.fixtures = fixtures;
    this.work = work;
    this.patience = patience;
  }

  /** What is wrong, one text for each seed. */
  List<String> findings() {
    return findings;
  }

  /** The seeds of the findings. */
  List<Long> found() {
    return found;
  }

  /** How many models were tried. */
  int tried() {
    return tried;
  }

  /** How many of them ended in a clear message. */
  int refused() {
    return refused;
  }

  /** The most memory that a worker held, in MB; 0 where the system does not tell. */
  long memory() {
    return memory;
  }

  /** Tries the seeds from {@code first} to the one before {@code end}. */
  void run(long first, long end) throws IOException, InterruptedException {
    long next = first;
    while (next < end) {
      next = runOne(next, end);
    }
  }

  /** The seed to go on with. */
  private long runOne(long first, long end) throws IOException, InterruptedException {
    Path errors = Files.createTempFile(work, "errors", ".txt");
    Process process = start(first, end, errors);
    BlockingQueue<String> lines = new ArrayBlockingQueue<>(1000);
    Thread reader = new Thread(() -> read(process, lines));
    reader.setDaemon(true);
    reader.start();
    long seed = first - 1;
    String model = "the start";
    boolean open = false;
    while (true) {
      @Nullable String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null || line.equals(END)) {
        process.destroyForcibly().waitFor();
        if (line == null || open || seed < end - 1) {
          String what = line == null ? "hangs" : "ends the process";
          note(Math.max(seed, first), model, what + ": " + tail(errors));
          return Math.max(seed, first) + 1;
        }
        return end;
      }
      if (line.startsWith("try ")) {
        seed = Long.parseLong(line.split(" ", 3)[1]);
        model = line;
        open = true;
        tried++;
      } else if (line.startsWith("refused ")) {
        open = false;
        refused++;
      } else if (line.startsWith("done")) {
        open = false;
      } else if (line.startsWith("wrong")) {
        open = false;
        note(seed, model, line);
      } else if (line.startsWith("memory ")) {
        memory = Math.max(memory, Long.parseLong(line.substring("memory ".length())));
      }
    }
  }

  private void note(long seed, String model, String what) {
    findings.add(model.replaceFirst("^try ", "seed ") + " " + what);
    found.add(seed);
  }

  private Process start(long first, long end, Path errors) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + work.resolve("crash.log"),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Worker.class.getName(),
            fixtures.toString(),
            work.toString(),
            Long.toString(first),
            Long.toString(end))
        .redirectError(errors.toFile())
        .start();
  }

  private static void read(Process process, BlockingQueue<String> lines) {
    try (BufferedReader in = process.inputReader()) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.put(line);
      }
    } catch (IOException | InterruptedException e) {
      // The process was ended: nothing more comes.
    } finally {
      lines.offer(END);
    }
  }

  /** The last lines that a process wrote: why it ended. */
  private static String tail(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int from = Math.max(0, bytes.length - 1500);
    return new String(bytes, from, bytes.length - from, java.nio.charset.StandardCharsets.UTF_8)
        .replace('\n', ' ');
  }
}
