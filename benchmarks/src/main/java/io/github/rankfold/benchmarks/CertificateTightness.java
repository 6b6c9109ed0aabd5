package io.github.rankfold.benchmarks;

import io.github.rankfold.collapse.probe.AnalysisOptions;
import io.github.rankfold.collapse.probe.CollapseAnalysis;
import io.github.rankfold.collapse.probe.LayerReport;
import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.models.data.DataSource;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import io.github.rankfold.models.savedmodel.Manifest;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How many times its measured distance to the rank of the classes each kernel is bounded by, as a
 * Markdown table: the table of docs/certificates.md.
 *
 * <p>Arguments: {@code --model FOLDER}, {@code --data URI}, {@code --l2 LAMBDA} for a model whose
 * manifest does not say it.
 */
public final class CertificateTightness {
  private CertificateTightness() {}

  public static void main(String[] args) {
    Options options = Options.of(args);
    LabeledData data = DataSource.open(options.text("--data", "digits")).primary();
    try (LiveModel model = LiveModel.open(Path.of(options.text("--model", "run")))) {
      double given = Double.parseDouble(options.text("--l2", "0"));
      Optional<Map<String, Double>> recorded = Manifest.penalties(model.files());
      Penalties penalties =
          given > 0
              ? Penalties.everywhere(given)
              : recorded.map(Penalties::of).orElse(Penalties.none());
      CollapseAnalysis analysis =
          CollapseAnalysis.of(
              model, data, penalties, AnalysisOptions.full(data.classes()), share -> {});
      System.out.println(
          "| kernel | distance | exact | projected | two-sided | best | by | gradient |");
      System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
      for (LayerReport report : analysis.layers()) {
        report.certificate().ifPresent(labels -> print(report, labels));
      }
    }
  }

  private static void print(LayerReport report, RankCertificate labels) {
    RankCertificate best =
        report.certificates().stream()
            .min(Comparator.comparingDouble(RankCertificate::classesBound))
            .orElseThrow();
    double distance = labels.classesDistance();
    if (distance == 0) {
      return; // no more columns than classes
    }
    System.out.printf(
        Locale.ROOT,
        "| %s %dx%d | %.3g | %s | %s | %s | %s | %s %d | %s |%n",
        labels.layer(),
        labels.kernelSpectrum().rows(),
        labels.kernelSpectrum().cols(),
        distance,
        times(labels.exactBound() / distance),
        times(labels.projectedBound() / distance),
        times(labels.twoSidedBound() / distance),
        times(best.classesBound() / distance),
        best.partition(),
        best.clusters(),
        times(labels.stationarity() / distance));
  }

  private static String times(double ratio) {
    return ratio < 0.01
        ? "<.01"
        : String.format(Locale.ROOT, ratio < 100 ? "%.2f" : "%,.0f", ratio);
  }
}
