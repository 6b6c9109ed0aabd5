package io.github.rankfold.cli.commands;

import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.probe.LayerReport;
import io.github.rankfold.collapse.rank.ForwardBound;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.compression.bounds.NetworkPath;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The table of forward_bounds.csv: what features, predictions and weights alone say of the rank of
 * each certified kernel.
 */
final class ForwardBoundsTable {
  private ForwardBoundsTable() {}

  static CsvTable of(LiveModel model, CollapseAnalysis collapse) {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer",
            "clusters",
            "lambda",
            "measured_distance",
            "features_bound",
            "projected_features_bound",
            "data_bound",
            "stationarity",
            "prediction_gradient",
            "lipschitz_after",
            "lipschitz_before",
            "because");
    if (collapse.predictionGradient().isEmpty()) {
      return table.build();
    }
    NetworkPath path = NetworkPath.of(model);
    Map<String, NetworkPath.Growth> growths = path.growths();
    OptionalDouble ofData = variationOfData(model, collapse);
    for (LayerReport report : collapse.layers()) {
      if (report.certificate().isEmpty()) {
        continue;
      }
      RankCertificate certificate = report.certificate().get();
      Optional<NetworkPath.Growth> growth = growth(layer(model, certificate), growths);
      if (growth.isEmpty()) {
        table.row(
            certificate.layer(),
            certificate.clusters(),
            certificate.lambda(),
            certificate.measuredDistance(),
            null,
            null,
            null,
            certificate.stationarity(),
            collapse.predictionGradient(),
            null,
            null,
            path.unknown()
                .map(unknown -> unknown.node() + ": " + unknown.because())
                .orElse("its kernel is used more than once, or transposed"));
        continue;
      }
      ForwardBound bound =
          ForwardBound.of(
              certificate,
              collapse.predictionGradient().getAsDouble(),
              growth.get().after(),
              report.features().equals("vector")
                  ? OptionalDouble.of(growth.get().before())
                  : OptionalDouble.empty(),
              ofData);
      table.row(
          bound.layer(),
          bound.clusters(),
          bound.lambda(),
          bound.measuredDistance(),
          bound.ofFeatures(),
          bound.ofProjectedFeatures(),
          bound.ofData(),
          bound.stationarity(),
          bound.predictionGradient(),
          bound.after(),
          bound.before(),
          null);
    }
    return table.build();
  }

  private static Layer layer(LiveModel model, RankCertificate certificate) {
    return model.layers().stream()
        .filter(layer -> layer.name().equals(certificate.layer()))
        .findFirst()
        .orElseThrow();
  }

  /** Of a kernel that the signature uses once: a shared one's gradient is a sum over its uses. */
  private static Optional<NetworkPath.Growth> growth(
      Layer layer, Map<String, NetworkPath.Growth> growths) {
    List<KernelUse> uses =
        layer.uses().stream().filter(use -> growths.containsKey(use.operation())).toList();
    return uses.size() == 1 && !uses.get(0).transposed()
        ? Optional.ofNullable(growths.get(uses.get(0).operation()))
        : Optional.empty();
  }

  /** TCV(x), where a layer reads the data as it is. */
  private static OptionalDouble variationOfData(LiveModel model, CollapseAnalysis collapse) {
    return model.layers().stream()
        .filter(
            layer -> layer.uses().stream().anyMatch(u -> model.inputs().containsValue(u.input())))
        .flatMap(
            layer ->
                collapse.layers().stream().filter(report -> report.layer().equals(layer.name())))
        .mapToDouble(report -> report.statistics().tcv()) // flattened comes before the mean
        .findFirst();
  }
}
