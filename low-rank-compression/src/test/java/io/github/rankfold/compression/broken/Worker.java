package io.github.rankfold.compression.broken;

import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.CompressionPlanner;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.compression.SavedModelCompressor;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.LiveModel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Tries the models of some seeds, in a process of its own: what native code does to the process is
 * seen from outside. One line before each model and one after, on standard output.
 */
final class Worker {
  private Worker() {}

  /** Arguments: fixtures, a folder to work in, the first seed, the seed after the last. */
  public static void main(String[] arguments) throws IOException {
    Path fixtures = Path.of(arguments[0]);
    Path work = Path.of(arguments[1]);
    PrintStream out = System.out;
    for (long seed = Long.parseLong(arguments[2]); seed < Long.parseLong(arguments[3]); seed++) {
      Path folder = work.resolve("seed-" + seed);
      Files.createDirectories(folder);
      BrokenModel broken = BrokenModel.write(seed, fixtures, folder.resolve("model"));
      out.println("try " + seed + " " + broken);
      out.flush();
      String outcome = attempt(folder);
      out.println(outcome.replace("\n", "\\n"));
      out.println("memory " + residentMegabytes());
      out.flush();
      delete(folder);
    }
  }

  /** {@code done}, {@code refused MESSAGE}, or {@code wrong} and what is. */
  private static String attempt(Path folder) throws IOException {
    Path model = folder.resolve("model");
    Map<String, Integer> before = contents(model);
    String outcome;
    boolean written = false;
    try (LiveModel live = LiveModel.open(model)) {
      CompressionPlan plan = CompressionPlanner.plan(live, new RankRule.Fraction(0.5));
      SavedModelCompressor.apply(live, plan, folder.resolve("out"));
      written = true;
      outcome = "done";
    } catch (InvalidInputException e) {
      String message = String.valueOf(e.getMessage());
      boolean clear = !message.isBlank() && message.lines().count() == 1 && message.length() < 2000;
      outcome = clear ? "refused " + message : "wrong message: " + message;
    } catch (Throwable e) {
      outcome =
          "wrong exception: "
              + e
              + " at "
              + Arrays.stream(e.getStackTrace())
                  .filter(frame -> frame.getClassName().contains("rankfold"))
                  .limit(5)
                  .toList();
    }
    List<String> expected = written ? List.of("model", "out") : List.of("model");
    try (Stream<Path> files = Files.list(folder)) {
      List<String> found = files.map(file -> file.getFileName().toString()).sorted().toList();
      if (!found.equals(expected)) {
        outcome = "wrong files: expected " + expected + ", found " + found + "; " + outcome;
      }
    }
    return contents(model).equals(before) ? outcome : "wrong: the model was changed; " + outcome;
  }

  private static Map<String, Integer> contents(Path folder) throws IOException {
    Map<String, Integer> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        contents.put(
            folder.relativize(file).toString(),
            Files.isRegularFile(file) ? Arrays.hashCode(Files.readAllBytes(file)) : 0);
      }
    }
    return contents;
  }

  /** What the process holds in memory; 0 where the system does not tell. */
  private static long residentMegabytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(0);
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
