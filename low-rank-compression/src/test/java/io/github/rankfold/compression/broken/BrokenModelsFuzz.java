package io.github.rankfold.compression.broken;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * As {@link BrokenModelsTest}, from fresh seeds for as long as is wanted: {@code mvn -Pfuzz}. The
 * models that do something else are kept.
 */
class BrokenModelsFuzz {
  private static final Path FIXTURES =
      Path.of(System.getProperty("rankfold.fixtures"), "saved-models");

  @TempDir Path temporary;

  @Test
  void brokenModelsAreWrittenWholeOrRefusedInOneLine() throws Exception {
    Instant end =
        Instant.now().plus(Duration.ofMinutes(Long.parseLong(System.getProperty("fuzz.minutes"))));
    Workers workers = new Workers(FIXTURES, temporary, Duration.ofSeconds(60));
    // Far from the seeds of the test, and from those of the last time.
    long seed = Instant.now().toEpochMilli() * 1_000;
    while (Instant.now().isBefore(end)) {
      workers.run(seed, seed + BrokenModel.wayCount());
      seed += BrokenModel.wayCount();
    }
    Path kept = Files.createDirectories(Path.of(System.getProperty("fuzz.findings")));
    for (long found : workers.found()) {
      Path folder = kept.resolve("seed-" + found);
      if (!Files.exists(folder)) {
        BrokenModel.write(found, FIXTURES, folder);
      }
    }
    Files.write(kept.resolve("findings.txt"), workers.findings());
    assertEquals(List.of(), workers.findings(), () -> "of " + workers.tried() + ", see " + kept);
  }
}
