package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.statistics.Cdnv;
import io.github.rankfold.collapse.statistics.ClassCollapse;
import io.github.rankfold.collapse.statistics.ClassPair;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import io.github.rankfold.collapse.statistics.Imbalance;
import io.github.rankfold.collapse.statistics.LayerCollapse;
import io.github.rankfold.models.files.CsvTable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The tables of one model's collapse on one or more parts of its data.
 *
 * @param bySplit the analyses by the part's name, the training part first
 */
public record AnalysisTables(Map<String, CollapseAnalysis> bySplit) {
  /** What the tables call the data that the model was trained on. */
  public static final String TRAIN = "train";

  /** What the tables call data held out from it. */
  public static final String TEST = "test";

  private static final double A_THOUSANDTH = 1e-3;

  private static final RankTolerance THOUSANDTH = RankTolerance.relative(A_THOUSANDTH);

  public AnalysisTables {
    bySplit = Collections.unmodifiableMap(new LinkedHashMap<>(bySplit));
  }

  static AnalysisTables ofTraining(CollapseAnalysis analysis) {
    return new AnalysisTables(Map.of(TRAIN, analysis));
  }

  /** Takes one place of one part. */
  @FunctionalInterface
  private interface Place {
    void row(String split, CollapseAnalysis analysis, LayerReport report);
  }

  private void forEach(Place place) {
    bySplit.forEach(
        (split, analysis) ->
            analysis.layers().forEach(report -> place.row(split, analysis, report)));
  }

  /**
   * The table of collapse.csv.
   *
   * @param epoch the epoch after which the model was analysed, where that is known
   */
  public CsvTable collapse(OptionalInt epoch) {
    CsvTable.Builder table =
        CsvTable.columns(
            "epoch",
            "layer",
            "width",
            "samples",
            "classes",
            "tcv",
            "normalized_tcv",
            "nc1_pinv",
            "nc1_quotient",
            "cdnv",
            "nc2_equinorm",
            "nc2_equiangularity",
            "nc3_self_duality",
            "nc4_mismatch",
            "features",
            "split");
    forEach(
        (split, analysis, report) -> {
          LayerCollapse c = report.collapse();
          table.row(
              epoch,
              report.layer(),
              c.width(),
              c.samples(),
              c.classes(),
              c.tcv(),
              c.normalizedTcv(),
              c.nc1Pinv(),
              c.nc1Quotient(),
              c.cdnv(),
              c.nc2Equinorm(),
              c.nc2Equiangularity(),
              c.nc3SelfDuality(),
              c.nc4Mismatch(),
              report.features(),
              split);
        });
    return table.build();
  }

  /** The table of class_collapse.csv: variation, distances and accuracy of each class. */
  public CsvTable classes() {
    CsvTable.Builder table =
        CsvTable.columns(
            "split",
            "layer",
            "features",
            "class",
            "samples",
            "variation",
            "share_of_tcv",
            "cdnv",
            "mean_norm",
            "nearest_class",
            "nearest_distance",
            "largest_cosine",
            "accuracy");
    forEach(
        (split, analysis, report) -> {
          for (ClassCollapse c : ClassCollapse.of(report.statistics())) {
            boolean output = report.layer().equals(CollapseAnalysis.OUTPUT);
            table.row(
                split,
                report.layer(),
                report.features(),
                analysis.classNames().get(c.label()),
                c.samples(),
                c.variation(),
                c.shareOfTcv(),
                c.cdnv(),
                c.meanNorm(),
                analysis.classNames().get(c.nearest()),
                c.nearestDistance(),
                c.largestCosine(),
                output ? analysis.classAccuracies().get(c.label()) : null);
          }
        });
    return table.build();
  }

  /** The table of class_pairs.csv: the pairs that are separated worst, the worst first. */
  public CsvTable pairs() {
    CsvTable.Builder table =
        CsvTable.columns("split", "layer", "features", "class_a", "class_b", "cdnv", "distance");
    forEach(
        (split, analysis, report) -> {
          ClusterStatistics statistics = report.statistics();
          if (statistics.meansAreEqual()) {
            return;
          }
          for (ClassPair pair : Cdnv.of(statistics).map(Cdnv::worst).orElse(List.of())) {
            table.row(
                split,
                report.layer(),
                report.features(),
                analysis.classNames().get(pair.first()),
                analysis.classNames().get(pair.second()),
                pair.cdnv(),
                Math.sqrt(statistics.squaredDistance(pair.first(), pair.second())));
          }
        });
    return table.build();
  }

  /** The table of feature_ranks.csv: of the centred class means, and of the features. */
  public CsvTable ranks() {
    CsvTable.Builder table =
        CsvTable.columns(
            "split",
            "layer",
            "features",
            "of",
            "rank_1e-3",
            "stable_rank",
            "effective_rank",
            "method",
            "error");
    forEach(
        (split, analysis, report) -> {
          Spectrum means = Spectrum.of(report.statistics().centredMeans(), Precision.FLOAT64);
          table.row(
              split,
              report.layer(),
              report.features(),
              "class_means",
              report.statistics().meansAreEqual() ? 0 : means.rank(THOUSANDTH),
              report.statistics().meansAreEqual() ? null : means.stableRank(),
              report.statistics().meansAreEqual() ? null : means.effectiveRank(),
              "exact",
              0);
          report
              .featureSpectrum()
              .ifPresent(
                  found ->
                      table.row(
                          split,
                          report.layer(),
                          report.features(),
                          "features",
                          found.rank(A_THOUSANDTH),
                          found.stableRank(),
                          found.spectrum().effectiveRank(),
                          found.method(),
                          found.error()));
        });
    return table.build();
  }

  /** The table of imbalance.csv; without rows where no class is a minority. */
  public CsvTable imbalance() {
    CsvTable.Builder table =
        CsvTable.columns(
            "split",
            "layer",
            "features",
            "minority_classes",
            "majority_classes",
            "ratio",
            "minority_mean_norm",
            "majority_mean_norm",
            "minority_cosine",
            "majority_cosine",
            "minority_accuracy",
            "majority_accuracy");
    forEach(
        (split, analysis, report) ->
            Imbalance.of(report.statistics())
                .ifPresent(
                    found ->
                        table.row(
                            split,
                            report.layer(),
                            report.features(),
                            found.minority().classes(),
                            found.majority().classes(),
                            found.ratio(),
                            found.minority().meanNorm(),
                            found.majority().meanNorm(),
                            found.minority().cosine(),
                            found.majority().cosine(),
                            accuracy(analysis, report, found, true),
                            accuracy(analysis, report, found, false))));
    return table.build();
  }

  /** Of the samples of minorities, or of all others, the share predicted rightly. */
  private static OptionalDouble accuracy(
      CollapseAnalysis analysis, LayerReport report, Imbalance imbalance, boolean minority) {
    if (!report.layer().equals(CollapseAnalysis.OUTPUT)) {
      return OptionalDouble.empty();
    }
    double right = 0;
    double all = 0;
    for (int k = 0; k < report.statistics().clusters(); k++) {
      if (imbalance.minorities().contains(k) == minority) {
        right += analysis.classAccuracies().get(k) * report.statistics().count(k);
        all += report.statistics().count(k);
      }
    }
    return OptionalDouble.of(right / all);
  }

  /** The table of analysis_notes.csv: what could not be measured, and why. */
  public CsvTable notes() {
    CsvTable.Builder table = CsvTable.columns("layer", "about", "because", "split");
    bySplit.forEach(
        (split, analysis) -> {
          // Certificates are about the training, and are not asked of data held out from it.
          boolean heldOut = split.equals(TEST) && bySplit.size() > 1;
          for (AnalysisNote note : analysis.notes()) {
            if (!heldOut || !note.about().equals("certificate")) {
              table.row(note.layer(), note.about(), note.because(), split);
            }
          }
        });
    return table.build();
  }
}
