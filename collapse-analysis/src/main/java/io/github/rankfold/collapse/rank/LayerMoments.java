package io.github.rankfold.collapse.rank;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Subspace;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import java.util.Arrays;

/**
 * Cluster statistics of a layer's inputs z and output gradients delta, in one partition.
 *
 * @param inputs of z: width m, means zbar_c
 * @param gradients of delta: width n, means dbar_c
 * @param inputCount N, the number of inputs of the network: fewer than rows where a kernel is
 *     applied at several positions of an input
 */
public record LayerMoments(ClusterStatistics inputs, ClusterStatistics gradients, long inputCount) {
  /** Singular values of the means below this share of the first are no direction of their span. */
  static final double SPAN_TOLERANCE = 1e-10;

  public LayerMoments {
    if (inputs.clusters() != gradients.clusters()) {
      throw new IllegalArgumentException(
          "expected one partition, found %d clusters of inputs and %d of gradients"
              .formatted(inputs.clusters(), gradients.clusters()));
    }
    for (int c = 0; c < inputs.clusters(); c++) {
      if (inputs.count(c) != gradients.count(c)) {
        throw new IllegalArgumentException(
            "expected one partition, found %d inputs and %d gradients in cluster %d"
                .formatted(inputs.count(c), gradients.count(c), c));
      }
    }
    if (inputCount <= 0 || inputs.samples() % inputCount != 0) {
      throw new IllegalArgumentException(
          "expected a number of inputs that divides %d rows, found %d"
              .formatted(inputs.samples(), inputCount));
    }
  }

  /** C. */
  public int clusters() {
    return inputs.clusters();
  }

  /** {@code TCV(z) = (1/N) sum ||z_i - zbar_c||^2}, N the number of inputs. */
  public double tcvOfInputs() {
    return inputs.withinSumOfSquares() / inputCount;
  }

  /** {@code TCV(delta) = (1/N) sum ||delta_i - dbar_c||^2}, N the number of inputs. */
  public double tcvOfGradients() {
    return gradients.withinSumOfSquares() / inputCount;
  }

  /** {@code sum_c (n_c/N) zbar_c^T dbar_c} [m x n]: the part of G that has rank at most C. */
  public Matrix clusterGradient() {
    double[] weights = new double[clusters()];
    for (int c = 0; c < weights.length; c++) {
      weights[c] = (double) inputs.count(c) / inputCount;
    }
    return inputs.means().transposedTimes(gradients.means().rowsScaled(weights));
  }

  /**
   * The singular values of {@link #clusterGradient}, of which all but C are 0: with the thin {@code
   * zbar = U diag(s) V^T} they are those of {@code diag(s) U^T diag(n_c/N) dbar} [C x n].
   */
  public Spectrum clusterGradientSpectrum() {
    double[] weights = new double[clusters()];
    for (int c = 0; c < weights.length; c++) {
      weights[c] = (double) inputs.count(c) / inputCount;
    }
    Svd left = Svd.of(inputs.means(), Precision.FLOAT64);
    double[] found =
        Spectrum.of(
                left.u()
                    .transposedTimes(gradients.means().rowsScaled(weights))
                    .rowsScaled(left.spectrum().toArray()),
                Precision.FLOAT64)
            .toArray();
    int rows = inputs.width();
    int cols = gradients.width();
    return Spectrum.ofValues(rows, cols, Arrays.copyOf(found, Math.min(rows, cols)));
  }

  /** The span of the means zbar_c; P projects on it. */
  public Subspace inputSpan() {
    return Subspace.spannedBy(inputs.means(), SPAN_TOLERANCE);
  }

  /** The span of the means dbar_c; Q projects on it. */
  public Subspace gradientSpan() {
    return Subspace.spannedBy(gradients.means(), SPAN_TOLERANCE);
  }
}
