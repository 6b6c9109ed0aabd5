package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;

/** Rows minus the mean of their cluster, in blocks that suit BLAS. */
final class CentredBlocks {
  /** Enough rows for a product to pay, few enough for the block to stay in the cache. */
  static final int ROWS = 32;

  /** A larger array is far from the cache, and fragments the heap. */
  private static final int BLOCK = 1 << 15;

  /** For a product to pay, whatever the width. */
  private static final int FEWEST = 8;

  /** A block of very wide rows holds at most this many values, but always one row. */
  private static final int VALUES = 1 << 22;

  /** Takes one block: rows [start, start + centred.rows()) of the batch. */
  interface Consumer {
    void accept(int start, Matrix centred);
  }

  private CentredBlocks() {}

  /** Feeds rows [from, to) to {@code consumer}, which must not keep a block. */
  static void forEach(
      ClusterStatistics statistics,
      FeatureBatch batch,
      int[] labels,
      int from,
      int to,
      long firstSample,
      Consumer consumer) {
    int width = statistics.width();
    Labels.requireMatch(batch, width, labels, from, to);
    int blockRows = Math.max(FEWEST, Math.min(ROWS, BLOCK / width));
    blockRows = Math.max(1, Math.min(blockRows, VALUES / width));
    double[] block = new double[0];
    for (int start = from; start < to; start += blockRows) {
      int rows = Math.min(blockRows, to - start);
      if (block.length != rows * width) { // the first block, and a shorter last one
        block = new double[rows * width];
      }
      for (int i = 0; i < rows; i++) {
        int label =
            Labels.require(
                labels[start + i], statistics.clusters(), firstSample + (start - from) + i);
        batch.copyRow(start + i, block, i * width);
        statistics.subtractMean(label, block, i * width);
      }
      consumer.accept(start, Matrix.owning(rows, width, block));
    }
  }
}
