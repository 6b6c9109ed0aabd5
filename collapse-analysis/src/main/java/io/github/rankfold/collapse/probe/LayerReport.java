package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import io.github.rankfold.collapse.statistics.LayerCollapse;
import java.util.List;
import java.util.Optional;

/**
 * What was measured at one place of a network, with its features read in one way.
 *
 * @param layer the layer whose input this is, or {@link CollapseAnalysis#OUTPUT} for the logits
 * @param features how the input is read as a vector: {@code vector} as it is, {@code flattened},
 *     {@code spatial_mean} or {@code position_mean}
 * @param statistics class means and variations of the features
 * @param collapse the measures made of them
 * @param certificates of the layer's kernel, by the labels first; empty where it has none, and
 *     where a reading before this one has them
 * @param featureSpectrum where it was asked for
 */
public record LayerReport(
    String layer,
    String features,
    ClusterStatistics statistics,
    LayerCollapse collapse,
    List<RankCertificate> certificates,
    Optional<FeatureSpectrum> featureSpectrum) {
  public LayerReport {
    certificates = List.copyOf(certificates);
  }

  /** The certificate by the labels, where the kernel has one. */
  public Optional<RankCertificate> certificate() {
    return certificates.stream().findFirst();
  }
}
