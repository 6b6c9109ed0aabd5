package io.github.rankfold.benchmarks;

import io.github.rankfold.cli.forecast.ForecastRivals;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.L2Penalty;

/**
 * A network to forecast.
 *
 * @param name of the data, without where it lay
 */
record ForecastCase(String name, LabeledData data, NetworkSpec spec, double lambda) {
  /** Reads {@code URI NETWORK LAMBDA}. */
  static ForecastCase parse(String text) {
    String[] parts = text.strip().split("\\s+", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("expected URI NETWORK LAMBDA, found " + text);
    }
    LabeledData data = DataSource.open(parts[0]).primary();
    NetworkSpec spec = NetworkSpec.parse(parts[1], data.featureWidth(), data.classes());
    return new ForecastCase(name(parts[0]), data, spec, Double.parseDouble(parts[2]));
  }

  ForecastRivals rivals(long seed) {
    return new ForecastRivals(spec, data, new L2Penalty(lambda), seed);
  }

  /** The file alone: where it lay says nothing. */
  private static String name(String uri) {
    String bare = uri.split("\\?", -1)[0];
    return bare.substring(Math.max(bare.lastIndexOf('/'), bare.lastIndexOf(':')) + 1);
  }
}
