package io.github.rankfold.collapse.rank;

import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.FeatureBatch;

/**
 * First pass for a certificate: cluster moments of what enters a kernel and of the gradients of
 * what leaves it, fed batch by batch.
 *
 * <p>For a kernel W [m x n] every row is a pair of z [1 x m], the input, and {@code delta = N
 * d(data loss)/d(z W + b)} [1 x n], with one cluster for both. A convolution, or a dense layer on
 * [batch, time, m], has several positions per input: every position is a row, and N stays the
 * number of inputs.
 */
public final class CertificateMoments {
  private final int positionsPerInput;
  private final ClassMoments inputs;
  private final ClassMoments gradients;

  /** For a kernel [rows x cols] that is applied once per input. */
  public CertificateMoments(int rows, int cols, int clusters) {
    this(rows, cols, clusters, 1);
  }

  /** For a kernel [rows x cols] that is applied at {@code positionsPerInput} positions. */
  public CertificateMoments(int rows, int cols, int clusters, int positionsPerInput) {
    if (positionsPerInput <= 0) {
      throw new IllegalArgumentException(
          "positions per input must be > 0, was " + positionsPerInput);
    }
    this.positionsPerInput = positionsPerInput;
    this.inputs = new ClassMoments(rows, clusters);
    this.gradients = new ClassMoments(cols, clusters);
  }

  /** Adds rows of z and of delta; {@code clusters[row]} is the cluster of both. */
  public void add(FeatureBatch z, FeatureBatch delta, int[] clusters) {
    if (z.rows() != delta.rows()) {
      throw new IllegalArgumentException(
          "expected as many inputs as gradients, found %d and %d"
              .formatted(z.rows(), delta.rows()));
    }
    inputs.addInParallel(z, clusters);
    gradients.addInParallel(delta, clusters);
  }

  /** Adds the samples of {@code other}: exact for disjoint parts of the data. */
  public void merge(CertificateMoments other) {
    if (other.positionsPerInput != positionsPerInput) {
      throw new IllegalArgumentException(
          "cannot merge moments of %d and %d positions per input"
              .formatted(positionsPerInput, other.positionsPerInput));
    }
    inputs.merge(other.inputs);
    gradients.merge(other.gradients);
  }

  /**
   * What was measured so far.
   *
   * @throws io.github.rankfold.models.InvalidInputException where a cluster has no samples
   */
  public LayerMoments moments() {
    if (inputs.samples() % positionsPerInput != 0) {
      throw new IllegalStateException(
          "%d rows are no whole number of inputs of %d positions"
              .formatted(inputs.samples(), positionsPerInput));
    }
    return new LayerMoments(
        inputs.statistics(), gradients.statistics(), inputs.samples() / positionsPerInput);
  }

  /** One cluster per position from one label per input: each repeated {@code positions} times. */
  public static int[] perPosition(int[] labels, int positions) {
    int[] repeated = new int[Math.multiplyExact(labels.length, positions)];
    for (int i = 0; i < repeated.length; i++) {
      repeated[i] = labels[i / positions];
    }
    return repeated;
  }
}
