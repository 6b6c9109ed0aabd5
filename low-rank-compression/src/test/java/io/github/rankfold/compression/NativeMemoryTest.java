package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.evaluation.Evaluator;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Sessions, graphs and tensors live outside the Java heap: whoever opens one must close it. */
@EnabledOnOs(OS.LINUX)
class NativeMemoryTest {
  private static final Path MODEL =
      Path.of(System.getProperty("rankfold.fixtures"), "digits-tanh", "savedmodel_f32");

  private static final int WARM_UP = 40;
  private static final int CYCLES = 100;

  /**
   * A model that stays open costs over a megabyte, a batch of features half of one, so that either
   * would show as more than 50 MiB. The drift of the allocator was seen to stay below 10. The
   * module's tests run with a Java heap of fixed size, which would drown both.
   */
  private static final long ALLOWED_BYTES = 32L << 20;

  private static final long PAGE = 4096;

  @TempDir Path folder;

  @Test
  void openAnalyzeCompressCloseKeepsTheResidentSizeFlat() throws IOException {
    LabeledData data = Digits.load().test().orElseThrow();
    for (int i = 0; i < WARM_UP; i++) {
      cycle(data, i);
    }
    long before = residentBytes();
    for (int i = 0; i < CYCLES; i++) {
      cycle(data, WARM_UP + i);
    }
    long grown = residentBytes() - before;
    assertTrue(
        grown < ALLOWED_BYTES, () -> "%d cycles left %d MiB behind".formatted(CYCLES, grown >> 20));
  }

  private void cycle(LabeledData data, int number) throws IOException {
    Path out = folder.resolve("smaller-" + number);
    try (LiveModel model = LiveModel.open(MODEL)) {
      CollapseAnalysis.of(model, data, Penalties.everywhere(1e-3));
      CompressionPlan plan = CompressionPlanner.plan(model, new RankRule.Classes(10));
      SavedModelCompressor.apply(model, plan, out);
    }
    Evaluator.evaluate(out, data);
  }

  /** After a collection: what the Java heap holds of native memory is freed with it. */
  private static long residentBytes() throws IOException {
    System.gc();
    String resident =
        Files.readString(Path.of("/proc/self/statm")).replaceAll("^\\d+ (\\d+).*\\s*", "$1");
    return Long.parseLong(resident.strip()) * PAGE;
  }
}
