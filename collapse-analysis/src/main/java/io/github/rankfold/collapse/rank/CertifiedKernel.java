package io.github.rankfold.collapse.rank;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;

/**
 * A penalized kernel and the gradient of the data loss there: what the certificates of all
 * partitions of one layer share.
 *
 * @param layer the name of the layer
 * @param kernel W [m x n]
 * @param dataGradient G [m x n], of the data loss alone
 * @param lambda > 0, the penalty of this kernel
 * @param precision that W and G were computed in; no spectrum holds more digits
 * @param residual {@code R = G + lambda W}
 * @param spectrum of W
 * @param largestOfResidual {@code s_1(R)}
 */
public record CertifiedKernel(
    String layer,
    Matrix kernel,
    Matrix dataGradient,
    double lambda,
    Precision precision,
    Matrix residual,
    Spectrum spectrum,
    double largestOfResidual) {
  public CertifiedKernel {
    if (!(lambda > 0)) {
      throw new IllegalArgumentException(
          "layer %s: lambda must be > 0, was %s".formatted(layer, lambda));
    }
  }

  /** With the residual and the spectra that follow. */
  public static CertifiedKernel of(
      String layer, Matrix kernel, Matrix dataGradient, double lambda, Precision precision) {
    Matrix residual = dataGradient.plusScaled(lambda, kernel);
    return new CertifiedKernel(
        layer,
        kernel,
        dataGradient,
        lambda,
        precision,
        residual,
        Spectrum.of(kernel, precision),
        Spectrum.of(residual, precision).largest());
  }

  void requireShape(LayerMoments moments) {
    requireShape(layer, "kernel", kernel, moments);
    requireShape(layer, "gradient", dataGradient, moments);
  }

  static void requireShape(String layer, String name, Matrix matrix, LayerMoments moments) {
    int rows = moments.inputs().width();
    int cols = moments.gradients().width();
    if (matrix.rows() != rows || matrix.cols() != cols) {
      throw new IllegalArgumentException(
          "layer %s: expected a %s of %d x %d for these inputs and gradients, found %d x %d"
              .formatted(layer, name, rows, cols, matrix.rows(), matrix.cols()));
    }
  }
}
