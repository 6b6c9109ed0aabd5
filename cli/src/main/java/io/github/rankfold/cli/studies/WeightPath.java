package io.github.rankfold.cli.studies;

import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Distances and straight lines between the weights of networks of one shape. */
final class WeightPath {
  private WeightPath() {}

  /** {@code count} points of the line from one to the other, both ends included. */
  static List<NetworkWeights> line(NetworkWeights from, NetworkWeights to, int count) {
    List<NetworkWeights> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(between(from, to, (double) i / (count - 1)));
    }
    return points;
  }

  /** {@code (1 - t) from + t to}, for every variable. */
  static NetworkWeights between(NetworkWeights from, NetworkWeights to, double t) {
    Map<String, WeightArray> arrays = new LinkedHashMap<>();
    from.arrays()
        .forEach(
            (name, array) -> {
              float[] values = array.values();
              WeightArray other = to.get(name);
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((1 - t) * values[i] + t * other.at(i));
              }
              arrays.put(name, WeightArray.of(array.shape(), values));
            });
    return NetworkWeights.of(arrays);
  }

  /** The Euclidean distance over all variables. */
  static double distance(NetworkWeights a, NetworkWeights b) {
    double sum = 0;
    for (Map.Entry<String, WeightArray> entry : a.arrays().entrySet()) {
      WeightArray other = b.get(entry.getKey());
      for (int i = 0; i < other.size(); i++) {
        double difference = (double) entry.getValue().at(i) - other.at(i);
        sum += difference * difference;
      }
    }
    return Math.sqrt(sum);
  }

  /** The largest rise of a value above the least one before it; 0 where it never rises. */
  static double climb(double... values) {
    double least = Double.POSITIVE_INFINITY;
    double climb = 0;
    for (double value : values) {
      least = Math.min(least, value);
      climb = Math.max(climb, value - least);
    }
    return climb;
  }
}
