package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.models.layers.Layer;
import java.util.List;
import java.util.Optional;

/**
 * What is measured at one layer: its input in one or two readings, and where it can be had the
 * certificates of its kernel.
 */
record LayerProbe(Layer layer, List<FeatureView> views, Optional<CertificateProbe> certificate) {
  LayerProbe {
    views = List.copyOf(views);
  }

  void planFirst(PassPlan plan, ClusterOps labels) {
    views.forEach(view -> view.planFirst(plan, labels, layer.name()));
    certificate.ifPresent(probe -> probe.planFirst(plan, labels));
  }

  void planSecond(
      PassPlan plan, ClusterOps labels, int predictionsAt, AnalysisOptions options, long samples) {
    views.forEach(view -> view.planSecond(plan, labels, predictionsAt, options));
    certificate.ifPresent(probe -> probe.planSecond(plan, labels, options, samples));
  }

  List<RankCertificate> certificates(Matrix kernel, long samples) {
    return certificate.map(probe -> probe.certificates(kernel, samples)).orElse(List.of());
  }

  /** How many values of one sample the graph holds for this layer. */
  long valuesPerSample() {
    long values = views.stream().mapToLong(FeatureView::width).sum();
    return values
        + certificate
            .map(probe -> probe.positions() * ((long) layer.rows() + layer.cols()))
            .orElse(0L);
  }

  /** What of the certificate was left out, known once the second pass is planned. */
  List<AnalysisNote> notes() {
    return certificate.map(CertificateProbe::notes).orElse(List.of());
  }
}
