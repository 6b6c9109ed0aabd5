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
}
