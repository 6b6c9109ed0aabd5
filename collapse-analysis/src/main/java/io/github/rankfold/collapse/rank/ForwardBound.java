package io.github.rankfold.collapse.rank;

import java.util.OptionalDouble;

/**
 * Bounds on a kernel's distance to rank C that look at features, predictions and weights, and at no
 * gradient but R, which is 0 at a critical point.
 *
 * <p>With {@code g_i = softmax(logits_i) - onehot(label_i)} and c the Lipschitz constant of the
 * network from the kernel's products to the logits, {@code ||delta_i|| <= c ||g_i||}, so that
 * {@code TCV(delta) <= (1/N) sum ||delta_i||^2 <= c^2 S}, {@code S = (1/N) sum ||g_i||^2}. In the
 * bounds of {@link RankCertificate} this gives
 *
 * <pre>
 *   features             dist(W, rank C) &lt;= (c sqrt(TCV(z) S) + ||R||_F) / lambda
 *   projected features   dist(W, rank C) &lt;= (c sqrt(TCV_P(z) S) + ||R||_F) / lambda
 *   data                 dist(W, rank C) &lt;= (c b sqrt(TCV(x) S) + ||R||_F) / lambda
 * </pre>
 *
 * where P projects on the means of the features, {@code (1/N) sum ((z_i - zbar)(I-P))^T delta_i}
 * being all that (I-P) leaves of G; and b is the Lipschitz constant from the data x to z, as {@code
 * TCV(z) <= b^2 TCV(x)}. c and b are products of norms: the bounds are looser than those by
 * measured gradients by what these lose.
 *
 * @param layer the name of the layer
 * @param clusters C
 * @param lambda the penalty of this kernel, > 0
 * @param measuredDistance of W to rank C
 * @param stationarity {@code ||R||_F / lambda}
 * @param predictionGradient S
 * @param after c
 * @param variation TCV(z), summed over the positions of a sample
 * @param variationOutsideMeans TCV_P(z)
 * @param before b; empty where z is not one vector a sample
 * @param dataVariation TCV(x), where the first layer reads the data as it is
 */
public record ForwardBound(
    String layer,
    int clusters,
    double lambda,
    double measuredDistance,
    double stationarity,
    double predictionGradient,
    double after,
    double variation,
    OptionalDouble variationOutsideMeans,
    OptionalDouble before,
    OptionalDouble dataVariation) {
  public ForwardBound {
    if (!(lambda > 0)) {
      throw new IllegalArgumentException("lambda must be > 0, was " + lambda);
    }
  }

  /**
   * Of the certificate by the labels.
   *
   * @param predictionGradient S
   * @param after c
   */
  public static ForwardBound of(
      RankCertificate certificate,
      double predictionGradient,
      double after,
      OptionalDouble before,
      OptionalDouble dataVariation) {
    return new ForwardBound(
        certificate.layer(),
        certificate.clusters(),
        certificate.lambda(),
        certificate.measuredDistance(),
        certificate.stationarity(),
        predictionGradient,
        after,
        certificate.tcvOfInputs(),
        certificate.tcvOutsideInputMeans(),
        before,
        dataVariation);
  }

  /** By the variation of the features. */
  public double ofFeatures() {
    return bound(variation);
  }

  /** By the variation of the features outside the span of their means. */
  public OptionalDouble ofProjectedFeatures() {
    return variationOutsideMeans.isPresent()
        ? OptionalDouble.of(bound(variationOutsideMeans.getAsDouble()))
        : OptionalDouble.empty();
  }

  /** By the variation of the data. */
  public OptionalDouble ofData() {
    if (before.isEmpty() || dataVariation.isEmpty()) {
      return OptionalDouble.empty();
    }
    double factor = before.getAsDouble();
    return OptionalDouble.of(bound(factor * factor * dataVariation.getAsDouble()));
  }

  private double bound(double inputs) {
    return after * Math.sqrt(inputs * predictionGradient) / lambda + stationarity;
  }
}
