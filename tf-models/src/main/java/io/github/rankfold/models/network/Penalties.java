package io.github.rankfold.models.network;

import java.util.Map;

/**
 * The L2 penalty of every variable: lambda in {@code (lambda/2) ||W||_F^2}, 0 where it has none.
 */
@FunctionalInterface
public interface Penalties {
  /** The penalty of the variable with this shared name. */
  double lambdaOf(String variable);

  /** The same penalty for every kernel. */
  static Penalties everywhere(double lambda) {
    if (!(lambda >= 0) || Double.isInfinite(lambda)) {
      throw new IllegalArgumentException("lambda must be >= 0, was " + lambda);
    }
    return variable -> lambda;
  }

  /** As a manifest records them; variables that are missing have none. */
  static Penalties of(Map<String, Double> byVariable) {
    Map<String, Double> copy = Map.copyOf(byVariable);
    return variable -> copy.getOrDefault(variable, 0.0);
  }

  /** No penalty at all, as in a model of which it is not known. */
  static Penalties none() {
    return variable -> 0;
  }
}
