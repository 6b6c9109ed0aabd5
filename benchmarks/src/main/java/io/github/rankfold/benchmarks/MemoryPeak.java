package io.github.rankfold.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The most memory that this process takes from a moment on, beyond what it took at that moment.
 *
 * <p>Heap: the peak of all heap pools beyond what a full collection had left; garbage that nobody
 * collected counts. Native: the peak resident size beyond the one before, which holds no heap where
 * the heap was touched at the start: run with {@code -Xms} equal to {@code -Xmx} and {@code
 * -XX:+AlwaysPreTouch}. Linux only.
 */
final class MemoryPeak {
  private final long heapBefore;
  private final long residentBefore;

  private MemoryPeak(long heapBefore, long residentBefore) {
    this.heapBefore = heapBefore;
    this.residentBefore = residentBefore;
  }

  static MemoryPeak start() throws IOException {
    System.gc();
    long heap = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        heap += pool.getUsage().getUsed();
        pool.resetPeakUsage();
      }
    }
    Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // resets VmHWM
    return new MemoryPeak(heap, status("VmRSS"));
  }

  /** Bytes of heap and native memory since the start. */
  long bytes() throws IOException {
    return heapBytes() + nativeBytes();
  }

  /** Bytes of heap, garbage included. */
  long heapBytes() {
    long heap = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        heap += pool.getPeakUsage().getUsed();
      }
    }
    return heap - heapBefore;
  }

  /** Bytes of native memory. */
  long nativeBytes() throws IOException {
    return status("VmHWM") - residentBefore;
  }

  private static long status(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D+", "")))
        .findFirst()
        .orElseThrow();
  }
}
