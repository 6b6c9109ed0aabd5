package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Subspace;

/**
 * The within-cluster variation outside a subspace, fed batch by batch in a second pass: {@code
 * sum_i ||(z_i - mu_k) (I - P)||^2}, P the projector on the subspace.
 *
 * <p>Every residual is formed and squared. Total minus projected variation would be cheaper, and
 * wrong where the subspace holds nearly all of it. arXiv 2402.03991's TCV is the case P = 0.
 */
public final class ResidualVariation {
  private final ClusterStatistics statistics;
  private final Subspace subspace;
  private double sumOfSquares;
  private long samples;

  /** Around the means {@code statistics} of the first pass; both of width m. */
  public ResidualVariation(ClusterStatistics statistics, Subspace subspace) {
    if (subspace.width() != statistics.width()) {
      throw new IllegalArgumentException(
          "expected a subspace of width %d, found %d"
              .formatted(statistics.width(), subspace.width()));
    }
    this.statistics = statistics;
    this.subspace = subspace;
  }

  /** Adds all rows of {@code batch}; {@code labels[row]} is the cluster of a row. */
  public void add(FeatureBatch batch, int[] labels) {
    add(batch, labels, 0, batch.rows());
  }

  /**
   * As {@link #add(FeatureBatch, int[])}, on several threads where that pays. The result depends on
   * the data and its order only, not on the number of threads.
   */
  public void addInParallel(FeatureBatch batch, int[] labels) {
    RowParts.accumulate(
            0,
            batch.rows(),
            statistics.width(),
            (long) CentredBlocks.ROWS * statistics.width(),
            (from, to) -> {
              ResidualVariation part = another();
              part.add(batch, labels, from, to);
              return part;
            })
        .forEach(this::merge);
  }

  private void add(FeatureBatch batch, int[] labels, int from, int to) {
    CentredBlocks.forEach(
        statistics, batch, labels, from, to, from, (start, centred) -> addBlock(centred));
  }

  private void addBlock(Matrix centred) {
    double norm = subspace.residual(centred).frobeniusNorm();
    sumOfSquares += norm * norm;
    samples += centred.rows();
  }

  /** Adds rows whose squared residuals were summed elsewhere. */
  public void addSquares(double squares, long rows) {
    sumOfSquares += squares;
    samples += rows;
  }

  /** Adds the samples of {@code other}, a pass over other data around the same means. */
  public void merge(ResidualVariation other) {
    if (other.statistics != statistics || other.subspace != subspace) {
      throw new IllegalArgumentException("cannot merge variations around different means");
    }
    sumOfSquares += other.sumOfSquares;
    samples += other.samples;
  }

  /** A new accumulator for the same means and subspace, to be merged into this one. */
  public ResidualVariation another() {
    return new ResidualVariation(statistics, subspace);
  }

  public long samples() {
    return samples;
  }

  /** {@code sum_i ||(z_i - mu_k) (I - P)||^2}. */
  public double sumOfSquares() {
    return sumOfSquares;
  }
}
