package io.github.rankfold.collapse.linalg;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.CblasUpper;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_dsyrk;

import io.github.rankfold.models.InvalidInputException;
import java.nio.DoubleBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Products with a matrix that is read some rows at a time: of it, about a megabyte is in memory at
 * once, on the heap and for BLAS.
 */
public final class RowBlocks {
  /** A block's values: enough for BLAS to be fast, few enough to stay in the cache. */
  private static final int VALUES = 1 << 17;

  /**
   * What each thread reads blocks into, again and again: arrays of a megabyte that are made anew
   * leave the young generation before they are done with, and fill the old one.
   */
  private static final ThreadLocal<Block> BLOCK = ThreadLocal.withInitial(() -> new Block(0));

  private RowBlocks() {}

  private static final class Block {
    final double[] values;
    final DoublePointer forBlas;

    Block(int size) {
      values = new double[size];
      forBlas = new DoublePointer(size);
    }

    static Block ofAtLeast(int size) {
      Block block = BLOCK.get();
      if (block.values.length < size) {
        BLOCK.remove(); // or a failure here would leave a closed one
        block.forBlas.close();
        block = new Block(size);
        BLOCK.set(block);
      }
      return block;
    }
  }

  @FunctionalInterface
  private interface Work {
    void with(int from, int to, DoublePointer block);
  }

  /** {@code A B^T} [m x r], rounded to single precision: A [m x n] in rows, B [r x n]. */
  public static CompactMatrix timesTransposed(MatrixRows a, Matrix b) {
    requireFit(a.cols(), b.cols());
    int rank = b.rows();
    float[] product = new float[Math.multiplyExact(a.rows(), rank)];
    if (product.length > 0 && a.cols() > 0) {
      BlasThreads.use(Matrix.isLargeProduct(a.rows(), rank, a.cols()));
      try (DoublePointer right = new DoublePointer(b.values());
          DoublePointer part = new DoublePointer((long) blockRows(a) * rank)) {
        forEach(
            a,
            1,
            (from, to, block) -> {
              int rows = to - from;
              gemm(CblasNoTrans, CblasTrans, rows, rank, a.cols(), block, right, 0, part);
              round(part, rows * rank, product, from * rank);
            });
      }
    }
    return CompactMatrix.owning(a.rows(), rank, product);
  }

  /** {@code B^T A} [r x n], rounded to single precision: A [m x n] in rows, B [m x r]. */
  public static CompactMatrix transposedTimes(Matrix b, MatrixRows a) {
    requireFit(a.rows(), b.rows());
    int rank = b.cols();
    float[] product = new float[Math.multiplyExact(rank, a.cols())];
    if (product.length > 0 && a.rows() > 0) {
      BlasThreads.use(Matrix.isLargeProduct(a.rows(), rank, a.cols()));
      try (DoublePointer left = new DoublePointer(b.values());
          DoublePointer sum = new DoublePointer(product.length)) {
        forEach(
            a,
            1,
            (from, to, block) -> {
              DoublePointer part = left.getPointer((long) from * rank);
              int added = from == 0 ? 0 : 1;
              gemm(CblasTrans, CblasNoTrans, rank, a.cols(), to - from, part, block, added, sum);
            });
        round(sum, product.length, product, 0);
      }
    }
    return CompactMatrix.owning(rank, a.cols(), product);
  }

  /**
   * The upper triangle of the Gram matrix of the shorter side, {@code A^T A} where {@code m >= n},
   * else {@code A A^T}, of values that are multiplied by {@code scale} first. The caller frees it.
   */
  static DoublePointer gram(MatrixRows a, double scale) {
    int side = Math.min(a.rows(), a.cols());
    int cols = a.cols();
    DoublePointer gram = new DoublePointer((long) side * side);
    if (a.rows() >= cols) {
      forEach(
          a,
          scale,
          (from, to, block) ->
              syrk(CblasTrans, side, to - from, block, cols, from == 0 ? 0 : 1, gram));
      return gram;
    }
    // Each row meets each other one.
    try (DoublePointer all = new DoublePointer((long) side * cols)) {
      forEach(
          a,
          scale,
          (from, to, block) ->
              Pointer.memcpy(
                  all.getPointer((long) from * cols),
                  block,
                  (long) (to - from) * cols * Double.BYTES));
      syrk(CblasNoTrans, side, cols, all, cols, 0, gram);
    }
    return gram;
  }

  /** The exponent of the power of two that is taken out of a matrix; refuses NaN and infinity. */
  static int exponentOfLargest(MatrixRows a) {
    double[] values = Block.ofAtLeast(blockRows(a) * a.cols()).values;
    double max = 0;
    for (int from = 0, to; from < a.rows(); from = to) {
      to = Math.min(a.rows(), from + blockRows(a));
      a.read(from, to, values);
      int count = (to - from) * a.cols();
      for (int i = 0; i < count; i++) {
        double size = Math.abs(values[i]);
        if (!(size < Double.POSITIVE_INFINITY)) { // NaN or infinite
          throw new InvalidInputException(
              "no singular values: a %d x %d matrix holds %s at row %d, column %d"
                  .formatted(a.rows(), a.cols(), values[i], from + i / a.cols(), i % a.cols()));
        }
        max = Math.max(max, size);
      }
    }
    return max == 0 ? 0 : Math.getExponent(max);
  }

  private static void forEach(MatrixRows a, double scale, Work work) {
    int rows = blockRows(a);
    Block block = Block.ofAtLeast(rows * a.cols());
    double[] values = block.values;
    for (int from = 0, to; from < a.rows(); from = to) {
      to = Math.min(a.rows(), from + rows);
      a.read(from, to, values);
      int count = (to - from) * a.cols();
      if (scale != 1) {
        for (int i = 0; i < count; i++) {
          values[i] *= scale;
        }
      }
      block.forBlas.put(values, 0, count);
      work.with(from, to, block.forBlas);
    }
  }

  private static void round(DoublePointer from, int count, float[] to, int place) {
    DoubleBuffer source = from.asBuffer();
    for (int i = 0; i < count; i++) {
      to[place + i] = (float) source.get(i);
    }
  }

  private static int blockRows(MatrixRows a) {
    return Math.min(a.rows(), 1 + VALUES / Math.max(1, a.cols()));
  }

  private static void requireFit(int inner, int other) {
    if (inner != other) {
      throw new IllegalArgumentException(
          "cannot multiply: the inner sizes %d and %d differ".formatted(inner, other));
    }
  }

  /** {@code C = A B + added C}, C [m x n], all without gaps between rows. */
  private static void gemm(
      int transposeA,
      int transposeB,
      int m,
      int n,
      int k,
      DoublePointer a,
      DoublePointer b,
      double added,
      DoublePointer c) {
    int aCols = transposeA == CblasTrans ? m : k;
    int bCols = transposeB == CblasTrans ? k : n;
    cblas_dgemm(CblasRowMajor, transposeA, transposeB, m, n, k, 1, a, aCols, b, bCols, added, c, n);
  }

  private static void syrk(
      int transpose,
      int side,
      int other,
      DoublePointer a,
      int cols,
      double added,
      DoublePointer c) {
    cblas_dsyrk(CblasRowMajor, CblasUpper, transpose, side, other, 1, a, cols, added, c, side);
  }
}
