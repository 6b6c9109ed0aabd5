package io.github.rankfold.collapse.statistics;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.OptionalDouble;

/**
 * All measures of collapse of the features of one layer: a row of {@code collapse.csv}.
 *
 * <p>Formulas at {@link ClusterStatistics} (TCV), {@link Cdnv} and {@link CollapseMetrics}. Empty
 * where a measure is not defined; NC3 and NC4 belong to the input of the classifier.
 *
 * @param width m
 * @param samples N
 * @param classes K
 */
public record LayerCollapse(
    int width,
    long samples,
    int classes,
    double tcv,
    double normalizedTcv,
    OptionalDouble nc1Pinv,
    OptionalDouble nc1Quotient,
    OptionalDouble cdnv,
    OptionalDouble nc2Equinorm,
    OptionalDouble nc2Equiangularity,
    OptionalDouble nc3SelfDuality,
    OptionalDouble nc4Mismatch) {

  /** Of both passes over a layer; NC4 where the second pass was given predictions. */
  public static LayerCollapse of(WithinProjections projections) {
    ClusterStatistics statistics = projections.statistics();
    return of(
        statistics, CollapseMetrics.nc1Pinv(projections), CollapseMetrics.nc4Mismatch(projections));
  }

  /** Of the first pass alone, without NC1 by pinv and NC4. */
  public static LayerCollapse of(ClusterStatistics statistics) {
    return of(statistics, OptionalDouble.empty(), OptionalDouble.empty());
  }

  private static LayerCollapse of(
      ClusterStatistics statistics, OptionalDouble nc1Pinv, OptionalDouble nc4Mismatch) {
    return new LayerCollapse(
        statistics.width(),
        statistics.samples(),
        statistics.clusters(),
        statistics.tcv(),
        statistics.normalizedTcv(),
        nc1Pinv,
        CollapseMetrics.nc1Quotient(statistics),
        Cdnv.of(statistics).stream().mapToDouble(Cdnv::mean).findFirst(),
        CollapseMetrics.nc2Equinorm(statistics),
        CollapseMetrics.nc2Equiangularity(statistics),
        OptionalDouble.empty(),
        nc4Mismatch);
  }

  /**
   * Of features whose class means are equal: there is nothing to measure their distances by, so
   * that all but TCV is empty.
   */
  public static LayerCollapse ofEqualMeans(ClusterStatistics statistics) {
    return new LayerCollapse(
        statistics.width(),
        statistics.samples(),
        statistics.clusters(),
        statistics.isConstant() ? 0 : statistics.tcv(),
        statistics.isConstant() ? 0 : statistics.normalizedTcv(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }

  /** With NC3 for {@code kernel} [m x K], the classifier that reads these features. */
  public LayerCollapse withClassifier(ClusterStatistics statistics, Matrix kernel) {
    return new LayerCollapse(
        width,
        samples,
        classes,
        tcv,
        normalizedTcv,
        nc1Pinv,
        nc1Quotient,
        cdnv,
        nc2Equinorm,
        nc2Equiangularity,
        CollapseMetrics.nc3SelfDuality(statistics, kernel),
        nc4Mismatch);
  }
}
