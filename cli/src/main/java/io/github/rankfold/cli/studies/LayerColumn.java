package io.github.rankfold.cli.studies;

import io.github.rankfold.cli.studies.NetworkLook.LayerLook;
import java.util.function.BiFunction;

/** What a study's table can say of one layer of one network, under the same name in every study. */
enum LayerColumn {
  POSITION("position", (network, layer) -> layer.position()),
  LAYER("layer", (network, layer) -> layer.layer()),
  CLASSES("classes", (network, layer) -> network.look().classes()),
  RANK("rank_1e-2", (network, layer) -> layer.rank()),
  DISTANCE("distance_to_rank_k", (network, layer) -> layer.distance()),
  RELATIVE_DISTANCE("relative_distance", (network, layer) -> layer.relativeDistance()),
  TCV("tcv", (network, layer) -> layer.tcv()),
  NORMALIZED_TCV("normalized_tcv", (network, layer) -> layer.normalizedTcv()),
  EXACT_BOUND("exact_bound", (network, layer) -> layer.exactBound()),
  TWO_SIDED_BOUND("two_sided_bound", (network, layer) -> layer.twoSidedBound()),
  GRADIENT_NORM("gradient_norm", (network, layer) -> network.gradientNorm()),
  ACCURACY("accuracy", (network, layer) -> network.accuracy()),
  TEST_ACCURACY("test_accuracy", (network, layer) -> network.testAccuracy());

  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // accessors, which hold nothing
  private final BiFunction<TrainedNetwork, LayerLook, Object> value;

  LayerColumn(String text, BiFunction<TrainedNetwork, LayerLook, Object> value) {
    this.text = text;
    this.value = value;
  }

  /** The column's name. */
  String text() {
    return text;
  }

  /** Its cell; an empty optional where there is none. */
  Object of(TrainedNetwork network, LayerLook layer) {
    return value.apply(network, layer);
  }
}
