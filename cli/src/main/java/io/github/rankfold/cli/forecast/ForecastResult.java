package io.github.rankfold.cli.forecast;

import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.rank.AprioriBounds;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;

/**
 * What a forecast found, and what is certain before any training.
 *
 * @param narrow what was trained for it
 * @param samples N
 * @param samplesPassed forward and backward through the narrow network
 * @param passes what all of it cost, in passes of the whole network over all data: epochs of a
 *     training
 * @param startObjective of the initial weights on all data, from which training would start
 * @param tcv of the data itself
 */
public record ForecastResult(
    NetworkSpec network,
    NetworkSpec narrow,
    ForecastSettings settings,
    SpectrumForecast forecast,
    int samples,
    long samplesPassed,
    double passes,
    double seconds,
    double startObjective,
    double tcv) {
  /** B: the most that the squared norms of all kernels sum to. */
  public double squaredNorms() {
    return AprioriBounds.squaredNorms(startObjective, settings.penalty().lambda());
  }

  /** The table of forecast_layers.csv. */
  public CsvTable layers() {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer",
            "rows",
            "cols",
            "rank_1e-2",
            "largest",
            "squared_norm",
            "squared_norms_bound",
            "tcv_bound",
            "tcv_bound_by_forecast",
            "stable_rank",
            "effective_rank",
            "rank_2e-2",
            "rank_5e-3");
    double byForecast = tcv;
    int before = 0;
    for (DenseLayer layer : network.layers()) {
      Spectrum spectrum = spectrum(layer);
      SpectrumForecast.RankRange range = SpectrumForecast.RankRange.of(spectrum);
      double lipschitz = network.activation().lipschitz();
      table.row(
          layer.name(),
          layer.inputs(),
          layer.outputs(),
          spectrum.rank(SpectrumForecast.TOLERANCE),
          spectrum.largest(),
          spectrum.totalEnergy(),
          squaredNorms(),
          tcv * AprioriBounds.tcvFactor(lipschitz, squaredNorms(), network.residual(), before),
          byForecast,
          spectrum.stableRank(),
          spectrum.effectiveRank(),
          range.least(),
          range.most());
      byForecast *= AprioriBounds.tcvFactor(lipschitz, spectrum.largest(), layer.residual());
      before++;
    }
    return table.build();
  }

  private Spectrum spectrum(DenseLayer layer) {
    Spectrum spectrum = forecast.byLayer().get(layer.name());
    if (spectrum == null) {
      throw new IllegalStateException("no forecast of layer " + layer.name());
    }
    return spectrum;
  }
}
