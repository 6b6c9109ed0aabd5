package io.github.rankfold.benchmarks;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.compression.factors.Factorization;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The two loops that everything else waits for: adding features, and making factors. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HotLoopsJmh {
  private static final int SAMPLES = 1000;
  private static final int CLASSES = 10;

  /** Width of the features, and both sizes of the kernel. */
  @Param({"512"})
  int width;

  private final int[] labels = new int[SAMPLES];
  private FeatureBatch features = FeatureBatch.of(1, new float[1]);
  private Matrix kernel = Matrix.zeros(1, 1);
  private Svd svd = Svd.of(kernel, Precision.FLOAT32);

  @Setup(Level.Trial)
  public void prepare() {
    Random random = new Random(1);
    float[] values = new float[SAMPLES * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < SAMPLES; i++) {
      labels[i] = i % CLASSES;
    }
    features = FeatureBatch.of(width, values);
    kernel = Matrix.owning(width, width, random.doubles((long) width * width, -1, 1).toArray());
    svd = Svd.of(kernel, Precision.FLOAT32);
  }

  /** A thousand samples, one thread. */
  @Benchmark
  public ClassMoments addFeatures() {
    ClassMoments moments = new ClassMoments(width, CLASSES);
    moments.add(features, labels);
    return moments;
  }

  /** Rank 20 factors of a kernel whose SVD is there. */
  @Benchmark
  public Factorization factorize() {
    return Factorization.of(kernel, svd, 20);
  }
}
