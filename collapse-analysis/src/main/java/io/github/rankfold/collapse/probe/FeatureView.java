package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.ClusterStatistics;
import io.github.rankfold.collapse.statistics.WithinProjections;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TNumber;

/** One way of reading a layer's input as a vector per sample, and its statistics. */
final class FeatureView {
  /** An input that is a vector already. */
  static final String VECTOR = "vector";

  /** All positions of a map or a sequence one after the other. */
  static final String FLATTENED = "flattened";

  /** The mean over the positions of a map. */
  static final String SPATIAL_MEAN = "spatial_mean";

  /** The mean over the positions of a sequence. */
  static final String POSITION_MEAN = "position_mean";

  private final String name;
  private final Operand<TNumber> features;
  private final ClassMoments moments;
  private @Nullable WithinProjections projections;
  private @Nullable CentredRows centred;
  private FeatureSpectrum.@Nullable Accumulator spectrum;

  /**
   * @param features [B, width]
   */
  FeatureView(String name, Operand<TNumber> features, int width, int classes) {
    this.name = name;
    this.features = features;
    this.moments = new ClassMoments(width, classes);
  }

  String name() {
    return name;
  }

  int width() {
    return moments.width();
  }

  ClassMoments moments() {
    return moments;
  }

  Operand<TNumber> features() {
    return features;
  }

  void planFirst(PassPlan plan, ClusterOps labels, String layer) {
    GraphMoments.ofVectors(labels, features, width()).into(moments, layer, plan);
  }

  void planSecond(PassPlan plan, ClusterOps labels, int predictionsAt, AnalysisOptions options) {
    WithinProjections second = new WithinProjections(moments.statistics());
    projections = second;
    CentredRows rows = CentredRows.of(plan, labels, features, second.statistics().means(), 1);
    centred = rows;
    GraphWithin.add(plan, labels.tf(), rows, second, predictionsAt);
    if (options.featureRanks()) {
      spectrum = FeatureSpectrum.Accumulator.add(plan, labels.tf(), features, second.statistics());
    }
  }

  /** The features minus their class's mean, in the plan of the second pass. */
  CentredRows centred() {
    if (centred == null) {
      throw new IllegalStateException("the second pass was not planned");
    }
    return centred;
  }

  Optional<FeatureSpectrum> featureSpectrum() {
    return Optional.ofNullable(spectrum).map(FeatureSpectrum.Accumulator::result);
  }

  ClusterStatistics statistics() {
    return projections().statistics();
  }

  WithinProjections projections() {
    if (projections == null) {
      throw new IllegalStateException("the second pass was not made");
    }
    return projections;
  }
}
