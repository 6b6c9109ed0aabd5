package io.github.rankfold.cli.studies;

import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.probe.LayerReport;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.collapse.rank.SpectrumForecast;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.Penalties;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a study measures of every layer of a network, on the training data.
 *
 * @param classes K
 */
record NetworkLook(int classes, List<LayerLook> layers) {
  NetworkLook {
    layers = List.copyOf(layers);
  }

  /**
   * One layer.
   *
   * @param position 1 for the first kernel
   * @param rank singular values above a hundredth of the largest
   * @param distance of the kernel to the nearest of rank K, Frobenius
   * @param relativeDistance that, as a share of the kernel's norm
   * @param tcv variation inside the classes at the layer's input
   * @param normalizedTcv that, as a share of the whole variation
   * @param certificate by the labels, where the kernel is penalized
   */
  record LayerLook(
      String layer,
      int position,
      int rank,
      double distance,
      double relativeDistance,
      double tcv,
      double normalizedTcv,
      Optional<RankCertificate> certificate) {
    Optional<Double> exactBound() {
      return certificate.map(RankCertificate::exactBound);
    }

    Optional<Double> twoSidedBound() {
      return certificate.map(RankCertificate::twoSidedBound);
    }
  }

  static NetworkLook of(
      NetworkSpec spec, NetworkWeights weights, LabeledData data, Penalties penalties) {
    CollapseAnalysis analysis =
        ExportedNetwork.asked(spec, weights, model -> CollapseAnalysis.of(model, data, penalties));
    Map<String, Spectrum> spectra = ForecastStage.spectra(spec, weights);
    List<LayerLook> looks = new ArrayList<>();
    for (DenseLayer layer : spec.layers()) {
      LayerReport report =
          analysis.layers().stream()
              .filter(found -> found.layer().equals(layer.name()))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException(layer.name() + " was not measured"));
      Spectrum spectrum = spectra.get(layer.name());
      if (spectrum == null) {
        throw new IllegalStateException(layer.name() + " has no spectrum");
      }
      double distance = spectrum.distanceToRank(data.classes());
      looks.add(
          new LayerLook(
              layer.name(),
              looks.size() + 1,
              spectrum.rank(SpectrumForecast.TOLERANCE),
              distance,
              distance / Math.sqrt(spectrum.totalEnergy()),
              report.collapse().tcv(),
              report.collapse().normalizedTcv(),
              report.certificate()));
    }
    return new NetworkLook(data.classes(), looks);
  }
}
