package io.github.rankfold.training;

import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;

/**
 * The penalty {@code lambda/2 * sum w^2}, over the kernels and, only where asked, the biases.
 *
 * <p>The half is part of the convention: its gradient is {@code lambda w}. Interfaces that lack the
 * half, such as Keras's {@code regularizers.L2(c)} with {@code c sum w^2}, take {@link
 * #withoutHalf()}.
 *
 * @param lambda at least 0; 0 is no penalty
 * @param biases whether biases are penalized too
 */
public record L2Penalty(double lambda, boolean biases) implements Penalties {
  /** No penalty. */
  public static final L2Penalty NONE = new L2Penalty(0);

  public L2Penalty {
    if (!(lambda >= 0) || Double.isInfinite(lambda)) {
      throw new IllegalArgumentException("lambda must be >= 0, was " + plain(lambda));
    }
  }

  /** Kernels only. */
  public L2Penalty(double lambda) {
    this(lambda, false);
  }

  /** The same lambda for kernels and biases. */
  public L2Penalty withBiases() {
    return new L2Penalty(lambda, true);
  }

  /** The coefficient c that makes {@code c sum w^2} this penalty: {@code lambda / 2}. */
  public double withoutHalf() {
    return lambda / 2;
  }

  /** The lambda of one variable, {@code LAYER/kernel} or {@code LAYER/bias}; 0 if not penalized. */
  @Override
  public double lambdaOf(String variable) {
    return variable.endsWith("/kernel") || biases ? lambda : 0;
  }

  /** {@code sum over variables of lambda/2 ||w||^2}, in double. */
  public double of(NetworkWeights weights) {
    return weights.arrays().entrySet().stream()
        .mapToDouble(entry -> lambdaOf(entry.getKey()) / 2 * entry.getValue().squaredNorm())
        .sum();
  }

  /** Whole numbers as users wrote them: -1, not -1.0. */
  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
