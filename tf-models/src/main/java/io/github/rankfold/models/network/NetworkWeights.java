package io.github.rankfold.models.network;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The values of all variables of a network, by variable name and in the order of {@link
 * NetworkSpec#variableShapes()}. Immutable, on the Java heap.
 */
public final class NetworkWeights {
  private final Map<String, WeightArray> arrays;

  private NetworkWeights(Map<String, WeightArray> arrays) {
    this.arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
  }

  public static NetworkWeights of(Map<String, WeightArray> arrays) {
    return new NetworkWeights(arrays);
  }

  /**
   * Kernels drawn by the network's initializer, biases 0. Each layer draws from a generator split
   * off the seed's, so the same seed gives the same first layers to networks that share them.
   */
  public static NetworkWeights initial(NetworkSpec spec, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, WeightArray> arrays = new LinkedHashMap<>();
    for (DenseLayer layer : spec.layers()) {
      arrays.put(
          layer.kernelName(),
          spec.initializer().kernel(layer.inputs(), layer.outputs(), random.split()));
      if (layer.bias()) {
        arrays.put(layer.biasName(), WeightArray.zeros(layer.biasShape()));
      }
    }
    return new NetworkWeights(arrays);
  }

  /** Variable names in order. */
  public List<String> names() {
    return List.copyOf(arrays.keySet());
  }

  /** All variables, in order. */
  public Map<String, WeightArray> arrays() {
    return arrays;
  }

  /** The variable of that name, such as {@code dense_1/kernel}. */
  public WeightArray get(String name) {
    WeightArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("no variable " + name + " among " + arrays.keySet());
    }
    return array;
  }

  /** A copy with one variable replaced by another of the same shape. */
  public NetworkWeights with(String name, WeightArray array) {
    if (!get(name).shape().equals(array.shape())) {
      throw new IllegalArgumentException(
          "%s: expected shape %s, found %s".formatted(name, get(name).shape(), array.shape()));
    }
    Map<String, WeightArray> changed = new LinkedHashMap<>(arrays);
    changed.put(name, array);
    return new NetworkWeights(changed);
  }

  /** Refuses weights that are not exactly the variables of {@code spec}, in its order. */
  public void checkFit(NetworkSpec spec) {
    Map<String, List<Integer>> expected = spec.variableShapes();
    if (!names().equals(List.copyOf(expected.keySet()))) {
      throw new IllegalArgumentException(
          "expected variables %s, found %s".formatted(expected.keySet(), arrays.keySet()));
    }
    expected.forEach(
        (name, shape) -> {
          if (!get(name).shape().equals(shape)) {
            throw new IllegalArgumentException(
                "%s: expected shape %s, found %s".formatted(name, shape, get(name).shape()));
          }
        });
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NetworkWeights that && arrays.equals(that.arrays);
  }

  @Override
  public int hashCode() {
    return arrays.hashCode();
  }

  @Override
  public String toString() {
    return "NetworkWeights" + arrays.values();
  }
}
