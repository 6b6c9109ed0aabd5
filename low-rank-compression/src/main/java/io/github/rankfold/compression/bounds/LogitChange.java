package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Svd;

/**
 * What truncating the kernel {@code W = U S V^T} that gives the logits does to their differences:
 * {@code a - a V_r V_r^T} for its products a, and the norms of the columns' differences of {@code
 * W_r = U_r S_r V_r^T}.
 */
final class LogitChange {
  private final Matrix changes;
  private final PairNorms norms;

  private LogitChange(Matrix changes, PairNorms norms) {
    this.changes = changes;
    this.norms = norms;
  }

  /**
   * @param products a [samples x K]
   */
  static LogitChange of(Svd svd, int rank, Matrix products) {
    Matrix kept = svd.vt().leadingRows(rank);
    Matrix changes = products.minus(products.timesTransposed(kept).times(kept));
    return new LogitChange(changes, PairNorms.of(svd.truncated(rank)));
  }

  /** By how much the difference of two logits of a sample changes. */
  double change(int sample, int i, int j) {
    return Math.abs(changes.get(sample, i) - changes.get(sample, j));
  }

  /** {@code ||w'_i - w'_j||}. */
  double norm(int i, int j) {
    return norms.between(i, j);
  }
}
