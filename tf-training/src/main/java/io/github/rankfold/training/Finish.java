package io.github.rankfold.training;

/**
 * Epochs at the end of training that go for a critical point: L-BFGS on the whole objective over
 * the full training set.
 *
 * <p>Mini-batches find a good region quickly but never come to rest; certificates want a small
 * stationarity residual. On scikit-learn's digits and a 64-100-100-100-10 network, 300 iterations
 * of L-BFGS reached a lower objective than 2,400 of full-batch momentum.
 *
 * <p>A kinked activation (ReLU) leaves the residual at some 1e-3, because minima sit on kinks;
 * smooth ones (tanh, GELU) fall until float32 ends it.
 *
 * @param epochs rows of the history, listener calls and tolerance checks
 * @param iterations L-BFGS iterations of each epoch
 * @param curvature what it starts from
 */
public record Finish(int epochs, int iterations, Curvature curvature) {
  /** What L-BFGS knows of the Hessian beside its last steps. */
  public enum Curvature {
    /** Nothing. */
    NONE,

    /**
     * A Kronecker-factored estimate, taken anew every few iterations: fewer passes over the data
     * for the same objective, for some eigenvalue decompositions as wide as the layers.
     */
    KRONECKER
  }

  /** Plain L-BFGS. */
  public Finish(int epochs, int iterations) {
    this(epochs, iterations, Curvature.NONE);
  }

  public Finish {
    if (epochs <= 0) {
      throw new IllegalArgumentException("finish epochs must be > 0, was " + epochs);
    }
    if (iterations <= 0) {
      throw new IllegalArgumentException("finish iterations must be > 0, was " + iterations);
    }
  }

  /**
   * What {@link Curvature#KRONECKER} adds to an iteration, in samples passed, of {@code samples}.
   */
  public static double curvatureCost(int samples) {
    return (double) KroneckerCurvature.rows(samples) / Trainer.CURVATURE_KEPT;
  }
}
