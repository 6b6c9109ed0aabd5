package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import io.github.rankfold.collapse.statistics.LayerCollapse;
import java.util.Optional;

/**
 * What was measured at one place of a network.
 *
 * @param layer the layer whose input this is, or {@link CollapseAnalysis#OUTPUT} for the logits
 * @param statistics class means and variations of the features
 * @param collapse the measures made of them
 * @param certificate of the layer's kernel, where it has a penalty
 */
public record LayerReport(
    String layer,
    ClusterStatistics statistics,
    LayerCollapse collapse,
    Optional<RankCertificate> certificate) {}
