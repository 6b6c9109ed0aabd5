package io.github.rankfold.training;

import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;
import java.util.Map;

/**
 * The penalty {@code lambda/2 * sum w^2}, over the kernels and, only where asked, the biases.
 *
 * <p>The half is part of the convention: its gradient is {@code lambda w}. Interfaces that lack the
 * half, such as Keras's {@code regularizers.L2(c)} with {@code c sum w^2}, take {@link
 * #withoutHalf()}.
 *
 * @param lambda at least 0; 0 is no penalty
 * @param biases whether biases are penalized too
 * @param factors of lambda, above 0, for variables to which not lambda itself applies
 */
public record L2Penalty(double lambda, boolean biases, Map<String, Double> factors)
    implements Penalties {
  /** No penalty. */
  public static final L2Penalty NONE = new L2Penalty(0);

  public L2Penalty {
    if (!(lambda >= 0) || Double.isInfinite(lambda)) {
      throw new IllegalArgumentException("lambda must be >= 0, was " + plain(lambda));
    }
    factors = Map.copyOf(factors);
    factors.forEach(
        (variable, factor) -> {
          if (!(factor > 0) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException(
                "%s: factor of lambda must be > 0, was %s".formatted(variable, factor));
          }
        });
  }

  /** The same lambda for all kernels and, if so, biases. */
  public L2Penalty(double lambda, boolean biases) {
    this(lambda, biases, Map.of());
  }

  /** Kernels only. */
  public L2Penalty(double lambda) {
    this(lambda, false);
  }

  /** The same lambda for kernels and biases. */
  public L2Penalty withBiases() {
    return new L2Penalty(lambda, true, factors);
  }

  /** With lambda times a factor for some variables. */
  public L2Penalty withFactors(Map<String, Double> newFactors) {
    return new L2Penalty(lambda, biases, newFactors);
  }

  /** The coefficient c that makes {@code c sum w^2} this penalty: {@code lambda / 2}. */
  public double withoutHalf() {
    return lambda / 2;
  }

  /** The lambda of one variable, {@code LAYER/kernel} or {@code LAYER/bias}; 0 if not penalized. */
  @Override
  public double lambdaOf(String variable) {
    return variable.endsWith("/kernel") || biases
        ? lambda * factors.getOrDefault(variable, 1.0)
        : 0;
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
