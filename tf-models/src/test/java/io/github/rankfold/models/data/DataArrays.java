package io.github.rankfold.models.data;

import java.nio.DoubleBuffer;
import java.util.stream.IntStream;

/** Data as arrays, for comparing. */
final class DataArrays {
  private DataArrays() {}

  /** All features, row by row. */
  static double[] features(LabeledData data) {
    DoubleBuffer values = DoubleBuffer.allocate(data.size() * data.featureWidth());
    data.copyFeatures(0, data.size(), values);
    return values.array();
  }

  static int[] labels(LabeledData data) {
    return IntStream.range(0, data.size()).map(data::label).toArray();
  }
}
