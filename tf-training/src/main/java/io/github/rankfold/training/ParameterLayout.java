package io.github.rankfold.training;

import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where each variable of a network lies in one vector of all P parameters. */
final class ParameterLayout {
  /** One variable's part of the vector: from offset, size values, row-major. */
  record Part(String name, List<Integer> shape, int offset, int size, double lambda) {}

  private final List<Part> parts = new ArrayList<>();
  private final int size;

  ParameterLayout(NetworkSpec spec, L2Penalty l2) {
    int offset = 0;
    for (Map.Entry<String, List<Integer>> variable : spec.variableShapes().entrySet()) {
      int values = variable.getValue().stream().reduce(1, Math::multiplyExact);
      parts.add(
          new Part(
              variable.getKey(),
              variable.getValue(),
              offset,
              values,
              l2.lambdaOf(variable.getKey())));
      offset = Math.addExact(offset, values);
    }
    size = offset;
  }

  List<Part> parts() {
    return parts;
  }

  /** P. */
  int size() {
    return size;
  }

  double[] vector(NetworkWeights weights) {
    double[] vector = new double[size];
    for (Part part : parts) {
      WeightArray array = weights.get(part.name());
      for (int i = 0; i < part.size(); i++) {
        vector[part.offset() + i] = array.at(i);
      }
    }
    return vector;
  }

  /** Rounded to float. */
  NetworkWeights weights(double[] vector) {
    Map<String, WeightArray> arrays = new LinkedHashMap<>();
    for (Part part : parts) {
      float[] values = new float[part.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) vector[part.offset() + i];
      }
      arrays.put(part.name(), WeightArray.of(part.shape(), values));
    }
    return NetworkWeights.of(arrays);
  }

  /** Adds {@code lambda W} to the gradient in place and returns {@code sum lambda/2 ||W||_F^2}. */
  double addPenalty(double[] vector, double[] gradient) {
    double penalty = 0;
    for (Part part : parts) {
      double squares = 0;
      for (int i = part.offset(); i < part.offset() + part.size(); i++) {
        squares += vector[i] * vector[i];
        gradient[i] += part.lambda() * vector[i];
      }
      penalty += part.lambda() / 2 * squares;
    }
    return penalty;
  }

  Stationarity stationarity(double[] residual) {
    Map<String, Double> norms = new LinkedHashMap<>();
    double total = 0;
    for (Part part : parts) {
      double squares = 0;
      for (int i = part.offset(); i < part.offset() + part.size(); i++) {
        squares += residual[i] * residual[i];
      }
      norms.put(part.name(), Math.sqrt(squares));
      total += squares;
    }
    return new Stationarity(Math.sqrt(total), norms);
  }
}
