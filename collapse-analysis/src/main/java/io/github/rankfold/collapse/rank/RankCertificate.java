package io.github.rankfold.collapse.rank;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Subspace;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How far a kernel is from rank C, measured, beside what collapse implies for it.
 *
 * <p>Objective {@code data loss + (lambda/2) ||W||_F^2}; G [m x n] the gradient of the data loss
 * with respect to W [m x n], {@code R = G + lambda W} the stationarity residual. For any partition
 * into C clusters with means zbar_c [1 x m] of the inputs and dbar_c [1 x n] of the output
 * gradients,
 *
 * <pre>
 *   G        = sum_c (n_c/N) zbar_c^T dbar_c + E
 *   E        = (1/N) sum_c sum_{i in c} (z_i - zbar_c)^T (delta_i - dbar_c)
 *   lambda W = R - sum_c (n_c/N) zbar_c^T dbar_c - E
 * </pre>
 *
 * The middle term has rank at most C, so at every point, critical or not,
 *
 * <pre>
 *   exact          dist_F(W, rank <= C) <= (||E||_F + ||R||_F) / lambda
 *   TCV                                 <= (sqrt(TCV(z) TCV(delta)) + ||R||_F) / lambda
 *   projected      min( (||(I-P) E||_F + ||(I-P) R||_F) / lambda,
 *                       (||E (I-Q)||_F + ||R (I-Q)||_F) / lambda )
 *   projected TCV  min( (sqrt(TCV_P(z) TCV(delta)) + ||(I-P) R||_F) / lambda,
 *                       (sqrt(TCV(z) TCV_Q(delta)) + ||R (I-Q)||_F) / lambda )
 *   spectral       s_{C+r+1}(W) <= (s_{r+1}(E) + s_1(R)) / lambda,   r >= 0
 * </pre>
 *
 * with P and Q the projectors on the spans of the means. Zangrando et al., arXiv 2402.03991; its
 * form {@code const TCV(z) / lambda} is the second line with {@code const =
 * sqrt(TCV(delta)/TCV(z))}. The projected lines are our own.
 *
 * <p>E is computed as G minus the middle term, so it carries the rounding of G: bounds are good to
 * about {@code epsilon ||G||_F / lambda}, epsilon of the precision that G was computed in.
 *
 * @param layer the name of the layer
 * @param clusters C
 * @param lambda the penalty of this kernel, > 0
 * @param measuredDistance {@code sqrt(sum_{i>C} s_i(W)^2)}
 * @param stationarity {@code ||R||_F / lambda}: 0 at a critical point
 * @param tcvOfInputs TCV(z)
 * @param tcvOfGradients TCV(delta)
 * @param rankOfInputMeans dimension of the span P
 * @param rankOfGradientMeans dimension of the span Q
 * @param kernelSpectrum of W
 * @param withinSpectrum of E
 * @param largestOfResidual {@code s_1(R)}
 */
public record RankCertificate(
    String layer,
    int clusters,
    double lambda,
    double measuredDistance,
    double exactBound,
    double tcvBound,
    double projectedBound,
    double projectedTcvBound,
    double stationarity,
    double tcvOfInputs,
    double tcvOfGradients,
    int rankOfInputMeans,
    int rankOfGradientMeans,
    Spectrum kernelSpectrum,
    Spectrum withinSpectrum,
    double largestOfResidual) {

  public RankCertificate {
    if (!(lambda > 0)) {
      throw new IllegalArgumentException("lambda must be > 0, was " + lambda);
    }
  }

  /**
   * The certificate of one kernel, or empty where {@code lambda == 0}: without a penalty collapse
   * implies nothing about the rank.
   *
   * @param kernel W [m x n]
   * @param dataGradient G [m x n], of the data loss alone, at the same W and over the same samples
   * @param variation both passes over the inputs and output gradients
   */
  public static Optional<RankCertificate> of(
      String layer, Matrix kernel, Matrix dataGradient, double lambda, OutsideVariation variation) {
    return of(layer, kernel, dataGradient, lambda, variation, Precision.FLOAT64);
  }

  /**
   * As above, for a gradient that was computed in less than double precision.
   *
   * @param precision of G: the spectra of E and R are taken in it, as they hold no more digits
   */
  public static Optional<RankCertificate> of(
      String layer,
      Matrix kernel,
      Matrix dataGradient,
      double lambda,
      OutsideVariation variation,
      Precision precision) {
    if (!(lambda >= 0)) {
      throw new IllegalArgumentException(
          "layer %s: lambda must be >= 0, was %s".formatted(layer, lambda));
    }
    LayerMoments moments = variation.moments();
    requireShape(layer, "kernel", kernel, moments);
    requireShape(layer, "gradient", dataGradient, moments);
    return lambda == 0
        ? Optional.empty()
        : Optional.of(certify(layer, kernel, dataGradient, lambda, variation, precision));
  }

  private static void requireShape(String layer, String name, Matrix matrix, LayerMoments moments) {
    int rows = moments.inputs().width();
    int cols = moments.gradients().width();
    if (matrix.rows() != rows || matrix.cols() != cols) {
      throw new IllegalArgumentException(
          "layer %s: expected a %s of %d x %d for these inputs and gradients, found %d x %d"
              .formatted(layer, name, rows, cols, matrix.rows(), matrix.cols()));
    }
  }

  private static RankCertificate certify(
      String layer,
      Matrix kernel,
      Matrix dataGradient,
      double lambda,
      OutsideVariation variation,
      Precision precision) {
    LayerMoments moments = variation.moments();
    Subspace p = variation.inputSpan();
    Subspace q = variation.gradientSpan();
    Matrix r = dataGradient.plusScaled(lambda, kernel);
    Matrix e = dataGradient.minus(moments.clusterGradient());
    double tcvZ = moments.tcvOfInputs();
    double tcvDelta = moments.tcvOfGradients();
    double normR = r.frobeniusNorm();
    double leftR = p.residualOfColumns(r).frobeniusNorm();
    double rightR = q.residual(r).frobeniusNorm();
    double leftE = p.residualOfColumns(e).frobeniusNorm();
    double rightE = q.residual(e).frobeniusNorm();
    double leftTcv = Math.sqrt(variation.ofInputs() * tcvDelta);
    double rightTcv = Math.sqrt(tcvZ * variation.ofGradients());
    Spectrum kernelSpectrum = Spectrum.of(kernel, Precision.FLOAT64);
    return new RankCertificate(
        layer,
        moments.clusters(),
        lambda,
        kernelSpectrum.distanceToRank(moments.clusters()),
        (e.frobeniusNorm() + normR) / lambda,
        (Math.sqrt(tcvZ * tcvDelta) + normR) / lambda,
        Math.min(leftE + leftR, rightE + rightR) / lambda,
        Math.min(leftTcv + leftR, rightTcv + rightR) / lambda,
        normR / lambda,
        tcvZ,
        tcvDelta,
        p.dimension(),
        q.dimension(),
        kernelSpectrum,
        Spectrum.of(e, precision),
        Spectrum.of(r, precision).largest());
  }

  /** {@code s_{C+r+1}(W)}; 0 beyond the last singular value. */
  public double singularValueAfter(int r) {
    int index = Math.addExact(clusters, r);
    return index < kernelSpectrum.size() ? kernelSpectrum.value(index) : 0;
  }

  /** {@code (s_{r+1}(E) + s_1(R)) / lambda >= s_{C+r+1}(W)}, for every {@code r >= 0}. */
  public double spectralBound(int r) {
    if (r < 0) {
      throw new IllegalArgumentException("r must be >= 0, was " + r);
    }
    double within = r < withinSpectrum.size() ? withinSpectrum.value(r) : 0;
    return (within + largestOfResidual) / lambda;
  }

  /**
   * {@code sqrt(TCV(delta)/TCV(z))}: the constant of the paper's form of the TCV bound, measured.
   * Empty where TCV(z) = 0, where no constant is needed.
   */
  public OptionalDouble tcvConstant() {
    return tcvOfInputs == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.sqrt(tcvOfGradients / tcvOfInputs));
  }
}
