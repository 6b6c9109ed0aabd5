package io.github.rankfold.compression.broken;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link Worker}s over seeds: one that ends or hangs is started again behind the seed that did
 * it, which is then a finding.
 */
final class Workers {
  private static final String END = "end";
  private static final Pattern FATAL =
      Pattern.compile(
          "Check failed|^F[0-9]| F |terminate called|what\\(\\)|StackOverflow|OutOfMemory");

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
    String frame = "";
    while (true) {
      @Nullable String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null || line.equals(END)) {
        process.destroyForcibly().waitFor();
        if (line == null || open || seed < end - 1) {
          String what = line == null ? "hangs" : "ends the process";
          note(Math.max(seed, first), model, what + ": " + frame + reason(errors));
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
      } else if (line.startsWith("# C ") || line.startsWith("# V ")) {
        frame = line + " ";
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

  /** The failed checks of native code, or else the last that a process wrote. */
  private static String reason(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    String fatal =
        text.lines()
            .filter(line -> FATAL.matcher(line).find())
            .limit(3)
            .collect(Collectors.joining(" "));
    return fatal.isEmpty()
        ? text.substring(Math.max(0, text.length() - 500)).replace('\n', ' ')
        : fatal;
  }
}
