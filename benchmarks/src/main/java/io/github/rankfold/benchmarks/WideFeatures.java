package io.github.rankfold.benchmarks;

import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.collapse.statistics.LayerCollapse;
import io.github.rankfold.collapse.statistics.WithinProjections;
import java.io.IOException;
import java.util.Random;

/**
 * TCV, NC1, NC2, CDNV and NC4 of features of 100,000 columns, streamed: memory is O(width x
 * classes), however many rows there are.
 *
 * <p>Rows are made as they are needed, twice the same, and their making is timed apart. Arguments:
 * {@code --width M} (100,000), {@code --rows N} (20,000), {@code --classes K} (10), {@code --batch
 * B} (100).
 */
public final class WideFeatures {
  private static final int NOISE = 1 << 20;

  private final int width;
  private final int rows;
  private final int classes;
  private final int batch;
  private final float[] noise = new float[NOISE];
  private final float[] means;

  private WideFeatures(Options options) {
    this.width = options.number("--width", 100_000);
    this.rows = options.number("--rows", 20_000);
    this.classes = options.number("--classes", 10);
    this.batch = options.number("--batch", 100);
    Random random = new Random(1);
    for (int i = 0; i < NOISE; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    this.means = new float[Math.multiplyExact(width, classes)];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) (0.3 * random.nextGaussian());
    }
  }

  public static void main(String[] args) throws IOException {
    new WideFeatures(Options.of(args)).run();
  }

  private void run() throws IOException {
    float[] values = new float[Math.multiplyExact(batch, width)];
    int[] labels = new int[batch];
    MemoryPeak memory = MemoryPeak.start();
    Timings making = new Timings();
    Timings first = new Timings();
    Timings second = new Timings();
    ClassMoments moments = new ClassMoments(width, classes);
    pass(values, labels, making, first, batches -> moments.addInParallel(batches, labels));
    WithinProjections projections = new WithinProjections(moments.statistics());
    pass(
        values,
        labels,
        making,
        second,
        batches -> projections.addInParallel(batches, labels, labels));
    LayerCollapse found = LayerCollapse.of(projections);
    System.out.printf(
        "%,d x %,d, %d classes; load average %s; heap of %,d MiB%n",
        found.samples(),
        found.width(),
        found.classes(),
        Timings.load(),
        Runtime.getRuntime().maxMemory() >> 20);
    System.out.printf("TCV %.6g, NC1 %.6g%n", found.tcv(), found.nc1Pinv().orElse(0));
    print("moments", first);
    print("projections", second);
    System.out.printf(
        "memory beyond the batch %.1f MiB; the class means are %.1f MiB, the features %.1f MiB%n",
        memory.bytes() / 1048576.0,
        8.0 * width * classes / 1048576,
        4.0 * found.samples() * width / 1048576);
  }

  /** Takes a batch. */
  private interface Taker {
    void take(FeatureBatch batch);
  }

  private void pass(float[] values, int[] labels, Timings making, Timings taking, Taker taker) {
    Random random = new Random(2);
    FeatureBatch all = FeatureBatch.of(width, values);
    for (int from = 0; from + batch <= rows; from += batch) {
      making.time(() -> fill(values, labels, random));
      taking.time(() -> taker.take(all));
    }
  }

  private void fill(float[] values, int[] labels, Random random) {
    for (int i = 0; i < batch; i++) {
      labels[i] = random.nextInt(classes);
      int start = random.nextInt(NOISE);
      for (int j = 0; j < width; j++) {
        values[i * width + j] = means[labels[i] * width + j] + noise[(start + j) & (NOISE - 1)];
      }
    }
  }

  /** Totals by the clock: a batch is shorter than the processor time's resolution. */
  private static void print(String what, Timings timings) {
    System.out.printf("%-12s %8.2f s%n", what, timings.totalSeconds());
  }
}
