package io.github.rankfold.compression.broken;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a model's files, it is compressed or refused in one line. */
class BrokenModelsTest {
  private static final Path FIXTURES =
      Path.of(System.getProperty("rankfold.fixtures"), "saved-models");

  private static final int MODELS = 1_100;
  private static final int PROCESSES = 2;

  /** Twice what was seen: the runtime with its heap of 512 MB, and no model that adds to it. */
  private static final long MOST_MEGABYTES = 1_200;

  @TempDir Path temporary;

  @Test
  void brokenModelsAreWrittenWholeOrRefusedInOneLine() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(PROCESSES);
    List<Future<Workers>> running = new ArrayList<>();
    for (int i = 0; i < PROCESSES; i++) {
      long first = (long) i * MODELS / PROCESSES;
      long end = (long) (i + 1) * MODELS / PROCESSES;
      Path work = Files.createDirectory(temporary.resolve("work-" + i));
      running.add(
          threads.submit(
              () -> {
                Workers workers = new Workers(FIXTURES, work, Duration.ofSeconds(60));
                workers.run(first, end);
                return workers;
              }));
    }
    threads.shutdown();
    List<String> findings = new ArrayList<>();
    int tried = 0;
    int refused = 0;
    long memory = 0;
    for (Future<Workers> one : running) {
      Workers workers = one.get();
      findings.addAll(workers.findings());
      tried += workers.tried();
      refused += workers.refused();
      memory = Math.max(memory, workers.memory());
    }
    int all = tried;
    int most = refused;
    long megabytes = memory;
    assertAll(
        () -> assertEquals(List.of(), findings),
        () -> assertEquals(MODELS, all),
        () -> assertTrue(most > MODELS / 2, () -> "refused only " + most),
        () -> assertTrue(megabytes < MOST_MEGABYTES, () -> "held " + megabytes + " MB"));
  }

  @Test
  void aSeedSaysWhichModel() throws Exception {
    BrokenModel first = BrokenModel.write(7, FIXTURES, temporary.resolve("first"));
    BrokenModel second = BrokenModel.write(7, FIXTURES, temporary.resolve("second"));
    assertEquals(first, second);
    assertEquals(-1, Files.mismatch(graphOf("first"), graphOf("second")));
  }

  private Path graphOf(String name) {
    return temporary.resolve(name).resolve(FileDamage.GRAPH);
  }
}
