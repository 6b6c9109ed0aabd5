package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.DoubleConsumer;

/**
 * How collapsed a model is at the input of every layer and at its output, and what that implies for
 * the rank of every penalized kernel.
 *
 * <p>Two passes over the data. In the first the model runs forward, and backward where there are
 * certificates; in the second it runs again, unless all features and gradients fitted in memory
 * ({@link AnalysisOptions#keptBytes}). Sums over the classes are taken in the graph, so that
 * features stay there. Immutable, on the Java heap.
 *
 * @param layers in the order in which data meets them, the output last
 * @param samples N
 * @param notes what could not be measured, and why
 * @param classAccuracies the share of each class that the network predicts rightly
 * @param predictionGradient {@code (1/N) sum ||softmax(logits) - onehot(label)||^2}, where there
 *     are certificates
 */
public record CollapseAnalysis(
    List<LayerReport> layers,
    long samples,
    List<String> classNames,
    List<AnalysisNote> notes,
    List<Double> classAccuracies,
    OptionalDouble predictionGradient) {
  /** What the tables call the logits. */
  public static final String OUTPUT = "output";

  public CollapseAnalysis {
    layers = List.copyOf(layers);
    classNames = List.copyOf(classNames);
    notes = List.copyOf(notes);
    classAccuracies = List.copyOf(classAccuracies);
  }

  /** Analyses the called signature; kernels without a penalty get no certificate. */
  public static CollapseAnalysis of(LiveModel model, LabeledData data, Penalties penalties) {
    return of(model, data, penalties, share -> {});
  }

  /**
   * As above, telling how far it got.
   *
   * @param progress told the share of the work that is done, from 0 to 1
   */
  public static CollapseAnalysis of(
      LiveModel model, LabeledData data, Penalties penalties, DoubleConsumer progress) {
    return of(model, data, penalties, AnalysisOptions.labelsOnly(), progress);
  }

  /**
   * As above, with more partitions and measures.
   *
   * @param options which
   */
  public static CollapseAnalysis of(
      LiveModel model,
      LabeledData data,
      Penalties penalties,
      AnalysisOptions options,
      DoubleConsumer progress) {
    data.requireTwoClasses();
    model.requireClasses(data);
    return new DataPasses(model, data, penalties, options, progress).run();
  }

  /**
   * The table of collapse.csv.
   *
   * @param epoch the epoch after which the model was analysed, where that is known
   */
  public CsvTable collapseTable(OptionalInt epoch) {
    return AnalysisTables.ofTraining(this).collapse(epoch);
  }

  /**
   * The table of certificate_spectrum.csv: each singular value of each certified kernel beside its
   * bounds.
   */
  public CsvTable certificateSpectrumTable() {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer", "partition", "clusters", "index", "singular_value", "bound", "refined_bound");
    for (LayerReport report : layers) {
      for (RankCertificate c : report.certificates()) {
        for (int i = 0; i < c.kernelSpectrum().size(); i++) {
          table.row(
              c.layer(),
              c.partition(),
              c.clusters(),
              i + 1,
              c.kernelSpectrum().value(i),
              i < c.clusters() ? null : c.spectralBound(i - c.clusters()),
              c.refinedSpectralBound(i));
        }
      }
    }
    return table.build();
  }

  /** The table of certificates.csv; empty of rows where no kernel has a penalty. */
  public CsvTable certificatesTable() {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer",
            "partition",
            "clusters",
            "lambda",
            "measured_distance",
            "exact_bound",
            "tcv_bound",
            "projected_bound",
            "projected_tcv_bound",
            "stationarity",
            "tcv_constant",
            "two_sided_bound",
            "classes",
            "classes_distance",
            "classes_bound");
    for (LayerReport report : layers) {
      for (RankCertificate c : report.certificates()) {
        table.row(
            c.layer(),
            c.partition(),
            c.clusters(),
            c.lambda(),
            c.measuredDistance(),
            c.exactBound(),
            c.tcvBound(),
            c.projectedBound(),
            c.projectedTcvBound(),
            c.stationarity(),
            c.tcvConstant(),
            c.twoSidedBound(),
            c.classes(),
            c.classesDistance(),
            Double.isFinite(c.classesBound()) ? c.classesBound() : null);
      }
    }
    return table.build();
  }
}
