package io.github.rankfold.collapse.rank;

/**
 * What is known of a trained network before it is trained.
 *
 * <p>{@code sum_l ||W_l||_F^2 <= B = 2 L(start) / lambda} for every method that ends at an
 * objective not above L(start), since the loss is at least 0. And variation inside the classes
 * passes through a map of Lipschitz constant c at most {@code c^2} times as large, because it is
 * half the mean squared distance of two samples of a class: {@code TCV(z_l) <= TCV(x) prod_{j<l}
 * (Lip_j ||W_j||_2)^2}, a layer that adds its input counting with {@code 1 + Lip_j ||W_j||_2}.
 */
public final class AprioriBounds {
  private AprioriBounds() {}

  /**
   * B, the most that the squared norms of all penalized kernels sum to.
   *
   * @param startObjective L(start), loss and penalty
   */
  public static double squaredNorms(double startObjective, double lambda) {
    if (!(lambda > 0)) {
      throw new IllegalArgumentException("lambda must be > 0, was " + lambda);
    }
    if (!(startObjective >= 0)) {
      throw new IllegalArgumentException("objective must be >= 0, was " + startObjective);
    }
    return 2 * startObjective / lambda;
  }

  /**
   * The factor by which one layer can enlarge TCV: {@code (Lip ||W||_2)^2}.
   *
   * @param residual whether the layer adds its input
   */
  public static double tcvFactor(double lipschitz, double spectralNorm, boolean residual) {
    double constant = lipschitz * spectralNorm + (residual ? 1 : 0);
    return constant * constant;
  }

  /**
   * The most that {@code layers} equal layers can enlarge TCV where nothing but B is known of their
   * kernels: {@code (Lip^2 B / layers)^layers}, the spectral norm being at most the Frobenius norm,
   * and a product of layers largest where they share B equally ({@code log(c + Lip sqrt(u))} is
   * concave in u).
   */
  public static double tcvFactor(
      double lipschitz, double squaredNorms, boolean residual, int layers) {
    return layers == 0
        ? 1
        : Math.pow(
            tcvFactor(lipschitz, Math.sqrt(squaredNorms / layers), residual), (double) layers);
  }

  /**
   * The last steps of plain SGD that matter: {@code k = ceil(ln(2/eps) / (mu lambda))}.
   *
   * <p>A step is {@code W_t = (1 - mu lambda) W_{t-1} - mu G_t}, so that {@code W_T = (1 - mu
   * lambda)^k W_{T-k} - (a sum of the last k gradients)}, and {@code (1 - mu lambda)^k <= exp(-mu
   * lambda k) <= eps/2}.
   *
   * @param rate mu, the same at these steps; {@code mu lambda} below 1
   * @param eps between 0 and 1
   */
  public static long sgdSteps(double rate, double lambda, double eps) {
    if (!(rate > 0) || !(lambda > 0) || !(rate * lambda < 1)) {
      throw new IllegalArgumentException(
          "rate and lambda must be > 0 and their product < 1, were %s and %s"
              .formatted(rate, lambda));
    }
    if (!(eps > 0 && eps < 1)) {
      throw new IllegalArgumentException("eps must be > 0 and < 1, was " + eps);
    }
    return (long) Math.ceil(Math.log(2 / eps) / (rate * lambda));
  }

  /**
   * The rank {@code m B k} that a kernel is near to after plain SGD, k as {@link #sgdSteps}: the
   * gradient of a batch has rank at most {@code m B}, so that
   *
   * <pre>dist_F(W_T, rank m B k) &lt;= (1 - mu lambda)^k ||W_{T-k}||_F &lt;= eps/2 ||W_{T-k}||_F,
   * </pre>
   *
   * at most {@code eps ||W_T||_F} unless the norm has more than halved in those k steps.
   *
   * <p>A bound of the kind of Galanti, Siegel, Gupte and Poggio, arXiv 2206.05794, derived here
   * from the recursion alone, because the text of their theorem was not at hand to be checked:
   * their constants may differ. It does not speak of momentum, nor of a rate that changes.
   *
   * @param positions m: rows that one sample gives the kernel; 1 for a dense layer
   * @param batch B
   */
  public static long sgdRank(int positions, int batch, double rate, double lambda, double eps) {
    if (positions <= 0 || batch <= 0) {
      throw new IllegalArgumentException(
          "positions and batch must be > 0, were %d and %d".formatted(positions, batch));
    }
    return Math.multiplyExact(
        Math.multiplyExact((long) positions, batch), sgdSteps(rate, lambda, eps));
  }
}
