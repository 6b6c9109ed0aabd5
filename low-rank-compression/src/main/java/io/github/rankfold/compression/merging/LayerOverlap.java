package io.github.rankfold.compression.merging;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;

/**
 * How far the inputs that a layer gets in two tasks are from orthogonal.
 *
 * <p>Z_A, Z_B: what the layer is given in its own network on its own task; {@code M = Z^T Z}.
 *
 * @param cosine {@code ||Z_A Z_B^T||_F^2 / (||Z_A Z_A^T||_F ||Z_B Z_B^T||_F) = tr(M_A M_B) /
 *     (||M_A||_F ||M_B||_F)}: 0 where all pairs are orthogonal, 1 where the moments agree
 * @param largestCosine of the principal angles between the spans that hold 99% of each task's
 *     energy
 * @param interferenceA {@code ||Z_A W_B||_F / ||Z_A W_A||_F}: what the other network's kernel adds
 *     to a's own product, by its size; 0 is what merging needs
 * @param interferenceB the same with a and b exchanged
 */
public record LayerOverlap(
    double cosine, double largestCosine, double interferenceA, double interferenceB) {
  private static final double ENERGY = 0.99;

  static LayerOverlap of(Matrix momentA, Matrix momentB, Matrix kernelA, Matrix kernelB) {
    double sizes = momentA.frobeniusNorm() * momentB.frobeniusNorm();
    return new LayerOverlap(
        sizes == 0 ? 0 : inner(momentA, momentB) / sizes,
        largestCosine(span(momentA), span(momentB)),
        interference(momentA, kernelA, kernelB),
        interference(momentB, kernelB, kernelA));
  }

  /** {@code tr(A B)} of symmetric matrices. */
  private static double inner(Matrix a, Matrix b) {
    double sum = 0;
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < a.cols(); j++) {
        sum += a.get(i, j) * b.get(i, j);
      }
    }
    return sum;
  }

  /** The leading eigenvectors, as rows. */
  private static Matrix span(Matrix moment) {
    Svd svd = Svd.of(moment, Precision.FLOAT64);
    double[] energies = svd.spectrum().toArray();
    double total = 0;
    for (double energy : energies) {
      total += energy;
    }
    int dimension = 0;
    double held = 0;
    while (dimension < energies.length && held < ENERGY * total) {
      held += energies[dimension++];
    }
    return svd.vt().leadingRows(dimension);
  }

  private static double largestCosine(Matrix a, Matrix b) {
    return Math.min(1, Spectrum.of(a.timesTransposed(b), Precision.FLOAT64).largest());
  }

  /** {@code ||Z W_other||_F / ||Z W_own||_F}, by {@code ||Z W||_F^2 = tr(W^T M W)}. */
  private static double interference(Matrix moment, Matrix own, Matrix other) {
    double size = energy(moment, own);
    return size == 0 ? 0 : Math.sqrt(Math.max(0, energy(moment, other)) / size);
  }

  private static double energy(Matrix moment, Matrix kernel) {
    Matrix product = moment.times(kernel);
    double sum = 0;
    for (int i = 0; i < kernel.rows(); i++) {
      for (int j = 0; j < kernel.cols(); j++) {
        sum += kernel.get(i, j) * product.get(i, j);
      }
    }
    return sum;
  }
}
