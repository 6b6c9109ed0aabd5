package io.github.rankfold.collapse.rank;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Subspace;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;

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
 * <p>{@link TwoSidedBound} is the tightest here, and {@link #spectralBound} refines the last line
 * by the spectrum of the middle term. docs/certificates.md has the proofs.
 *
 * @param layer the name of the layer
 * @param partition what the clusters are: {@link #LABELS}, or a name that says how they were made
 * @param clusters C
 * @param lambda the penalty of this kernel, > 0
 * @param measuredDistance {@code sqrt(sum_{i>C} s_i(W)^2)}
 * @param projectedTcvBound empty where the partition had no second pass of its own
 * @param stationarity {@code ||R||_F / lambda}: 0 at a critical point
 * @param tcvOfInputs TCV(z)
 * @param tcvOfGradients TCV(delta)
 * @param rankOfInputMeans dimension of the span P
 * @param rankOfGradientMeans dimension of the span Q
 * @param kernelSpectrum of W
 * @param withinSpectrum of E
 * @param largestOfResidual {@code s_1(R)}
 * @param meansSpectrum of the middle term M
 * @param twoSidedBound at most the projected bound
 * @param classes K
 * @param classesDistance of W to rank K
 * @param classesBound on that, by this partition, whatever its number of clusters
 * @param tcvOutsideInputMeans TCV_P(z); empty where the partition had no second pass of its own
 */
public record RankCertificate(
    String layer,
    String partition,
    int clusters,
    double lambda,
    double measuredDistance,
    double exactBound,
    double tcvBound,
    double projectedBound,
    OptionalDouble projectedTcvBound,
    double stationarity,
    double tcvOfInputs,
    double tcvOfGradients,
    int rankOfInputMeans,
    int rankOfGradientMeans,
    Spectrum kernelSpectrum,
    Spectrum withinSpectrum,
    double largestOfResidual,
    Spectrum meansSpectrum,
    double twoSidedBound,
    int classes,
    double classesDistance,
    double classesBound,
    OptionalDouble tcvOutsideInputMeans) {
  /** The partition of the paper: a cluster for each class. */
  public static final String LABELS = "labels";

  public RankCertificate {
    if (!(lambda > 0)) {
      throw new IllegalArgumentException("lambda must be > 0, was " + lambda);
    }
  }

  /**
   * The certificate of one kernel by the labels, or empty where {@code lambda == 0}: without a
   * penalty collapse implies nothing about the rank.
   *
   * @param kernel W [m x n]
   * @param dataGradient G [m x n], of the data loss alone, at the same W and over the same samples
   * @param variation both passes over the inputs and output gradients
   */
  public static Optional<RankCertificate> of(
      String layer, Matrix kernel, Matrix dataGradient, double lambda, OutsideVariation variation) {
    if (!(lambda >= 0)) {
      throw new IllegalArgumentException(
          "layer %s: lambda must be >= 0, was %s".formatted(layer, lambda));
    }
    CertifiedKernel.requireShape(layer, "kernel", kernel, variation.moments());
    CertifiedKernel.requireShape(layer, "gradient", dataGradient, variation.moments());
    if (lambda == 0) {
      return Optional.empty();
    }
    return Optional.of(
        of(
            CertifiedKernel.of(layer, kernel, dataGradient, lambda, Precision.FLOAT64),
            LABELS,
            variation.moments().clusters(),
            variation.moments(),
            Optional.of(variation)));
  }

  /**
   * The certificate by any partition.
   *
   * @param partition its name
   * @param classes K
   * @param moments the first pass over inputs and gradients, in this partition
   * @param variation the second pass, where there was one
   */
  public static RankCertificate of(
      CertifiedKernel kernel,
      String partition,
      int classes,
      LayerMoments moments,
      Optional<OutsideVariation> variation) {
    kernel.requireShape(moments);
    double lambda = kernel.lambda();
    int clusters = moments.clusters();
    Subspace p = variation.map(OutsideVariation::inputSpan).orElseGet(moments::inputSpan);
    Subspace q = variation.map(OutsideVariation::gradientSpan).orElseGet(moments::gradientSpan);
    Matrix r = kernel.residual();
    Matrix m = moments.clusterGradient();
    Matrix e = kernel.dataGradient().minus(m);
    double tcvZ = moments.tcvOfInputs();
    double tcvDelta = moments.tcvOfGradients();
    double normR = r.frobeniusNorm();
    double leftR = p.residualOfColumns(r).frobeniusNorm();
    double rightR = q.residual(r).frobeniusNorm();
    double projected =
        Math.min(
                p.residualOfColumns(e).frobeniusNorm() + leftR,
                q.residual(e).frobeniusNorm() + rightR)
            / lambda;
    OptionalDouble projectedTcv =
        variation.isEmpty()
            ? OptionalDouble.empty()
            : OptionalDouble.of(
                Math.min(
                        Math.sqrt(variation.get().ofInputs() * tcvDelta) + leftR,
                        Math.sqrt(tcvZ * variation.get().ofGradients()) + rightR)
                    / lambda);
    double twoSided =
        Math.min(projected, TwoSidedBound.timesLambda(m, e, r, clusters, clusters) / lambda);
    double ofClasses =
        clusters == classes
            ? twoSided
            : TwoSidedBound.timesLambda(m, e, r, classes, clusters) / lambda;
    return new RankCertificate(
        kernel.layer(),
        partition,
        clusters,
        lambda,
        kernel.spectrum().distanceToRank(clusters),
        (e.frobeniusNorm() + normR) / lambda,
        (Math.sqrt(tcvZ * tcvDelta) + normR) / lambda,
        projected,
        projectedTcv,
        normR / lambda,
        tcvZ,
        tcvDelta,
        p.dimension(),
        q.dimension(),
        kernel.spectrum(),
        Spectrum.of(e, kernel.precision()),
        kernel.largestOfResidual(),
        moments.clusterGradientSpectrum(),
        twoSided,
        classes,
        kernel.spectrum().distanceToRank(classes),
        clusters < classes ? Math.min(ofClasses, twoSided) : ofClasses,
        variation.isPresent()
            ? OptionalDouble.of(variation.get().ofInputs())
            : OptionalDouble.empty());
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
    return (valueOrZero(withinSpectrum, r) + largestOfResidual) / lambda;
  }

  /**
   * {@code min_{i+j=t} (s_{i+1}(M) + s_{j+1}(E) + s_1(R)) / lambda >= s_{t+1}(W)}, for every {@code
   * t >= 0}: Weyl's inequality for the sum {@code -lambda W = M + E - R}. i = C is the bound of
   * {@link #spectralBound}; where the means span less than C directions a smaller i is better.
   */
  public double refinedSpectralBound(int t) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i <= Math.min(t, clusters); i++) {
      least = Math.min(least, valueOrZero(meansSpectrum, i) + valueOrZero(withinSpectrum, t - i));
    }
    return (least + largestOfResidual) / lambda;
  }

  /**
   * A bound on the distance of W to rank r, the least that this certificate has: the two-sided one
   * of rank C where {@code r >= C}, the one of rank K where {@code r >= K}, and {@code
   * sqrt(sum_{t>=r} b_t^2)} with {@code b_t >= s_{t+1}(W)} of {@link #refinedSpectralBound}.
   */
  public double distanceBound(int r) {
    return distanceBounds().applyAsDouble(r);
  }

  /** As {@link #distanceBound}, for many ranks: what they share is computed once. */
  public IntToDoubleFunction distanceBounds() {
    double[] squares = new double[kernelSpectrum.size()];
    for (int t = 0; t < squares.length; t++) {
      double bound = refinedSpectralBound(t);
      squares[t] = bound * bound;
    }
    return r -> {
      if (r < 0) {
        throw new IllegalArgumentException("r must be >= 0, was " + r);
      }
      double sum = 0;
      for (int t = r; t < squares.length; t++) {
        sum += squares[t];
      }
      double least = Math.sqrt(sum);
      least = r >= clusters ? Math.min(least, twoSidedBound) : least;
      return r >= classes ? Math.min(least, classesBound) : least;
    };
  }

  private static double valueOrZero(Spectrum spectrum, int index) {
    return index < spectrum.size() ? spectrum.value(index) : 0;
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
