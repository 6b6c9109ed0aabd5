package io.github.rankfold.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far weights are from a critical point: the gradient {@code R = G + lambda W} of the whole
 * objective over the full training set, {@code lambda} 0 for what is not penalized.
 *
 * @param residual the global L2 norm, {@code sqrt(sum over variables ||R_l||_F^2)}
 * @param byVariable {@code ||R_l||_F} by variable name
 */
public record Stationarity(double residual, Map<String, Double> byVariable) {
  public Stationarity {
    byVariable = Collections.unmodifiableMap(new LinkedHashMap<>(byVariable));
  }
}
