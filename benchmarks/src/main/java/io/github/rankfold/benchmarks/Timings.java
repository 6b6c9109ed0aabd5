package io.github.rankfold.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Times of one kind of work over the rounds of a comparison, and their medians.
 *
 * <p>Processor time is that of this process, all threads. On a machine that others use it says more
 * than the clock.
 */
final class Timings {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final List<Double> seconds = new ArrayList<>();
  private final List<Double> processorSeconds = new ArrayList<>();

  void time(Runnable work) {
    long clock = System.nanoTime();
    long processor = SYSTEM.getProcessCpuTime();
    work.run();
    add((System.nanoTime() - clock) * 1e-9, (SYSTEM.getProcessCpuTime() - processor) * 1e-9);
  }

  void add(double clock, double processor) {
    seconds.add(clock);
    processorSeconds.add(processor);
  }

  /** Median by the clock. */
  double seconds() {
    return median(seconds);
  }

  /** Sum by the clock. */
  double totalSeconds() {
    return seconds.stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Mean of processor time: right for calls that are shorter than the steps it is counted in. */
  double meanProcessorSeconds() {
    return processorSeconds.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  /** Median of processor time. */
  double processorSeconds() {
    return median(processorSeconds);
  }

  /** Median over the rounds of this time over the other's of the same round. */
  double perRound(Timings other) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < seconds.size(); i++) {
      ratios.add(seconds.get(i) / other.seconds.get(i));
    }
    return median(ratios);
  }

  /** How many processes wanted a core over the last minute. */
  static String load() {
    return "%.1f on %d cores"
        .formatted(SYSTEM.getSystemLoadAverage(), SYSTEM.getAvailableProcessors());
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
