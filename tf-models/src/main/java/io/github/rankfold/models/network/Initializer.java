package io.github.rankfold.models.network;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * How the kernels of a new network are drawn; biases start at 0.
 *
 * <p>Drawn in Java, not in TensorFlow, so that a seed gives the same numbers on every platform and
 * version. {@code m} inputs, {@code n} outputs of the layer.
 */
public enum Initializer {
  /** Uniform in {@code +-sqrt(6 / (m + n))}; Glorot, Bengio 2010. Keras's default. */
  GLOROT_UNIFORM {
    @Override
    double draw(RandomGenerator random, int m, int n) {
      return uniform(random, Math.sqrt(6.0 / (m + n)));
    }
  },

  /** Normal with variance {@code 2 / (m + n)}; Glorot, Bengio 2010. */
  GLOROT_NORMAL {
    @Override
    double draw(RandomGenerator random, int m, int n) {
      return Math.sqrt(2.0 / (m + n)) * random.nextGaussian();
    }
  },

  /** Uniform in {@code +-sqrt(6 / m)}; He et al. 2015, arXiv 1502.01852. */
  HE_UNIFORM {
    @Override
    double draw(RandomGenerator random, int m, int n) {
      return uniform(random, Math.sqrt(6.0 / m));
    }
  },

  /** Normal with variance {@code 2 / m}; He et al. 2015, arXiv 1502.01852. Not truncated. */
  HE_NORMAL {
    @Override
    double draw(RandomGenerator random, int m, int n) {
      return Math.sqrt(2.0 / m) * random.nextGaussian();
    }
  };

  abstract double draw(RandomGenerator random, int m, int n);

  /** A new [m x n] kernel from the next m * n numbers of {@code random}. */
  public WeightArray kernel(int m, int n, RandomGenerator random) {
    float[] values = new float[Math.multiplyExact(m, n)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw(random, m, n);
    }
    return WeightArray.of(List.of(m, n), values);
  }

  /** The name in network texts and manifests: {@code glorot_uniform}, ... */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The initializer of that {@link #text()}, if there is one. */
  public static Optional<Initializer> named(String text) {
    return Arrays.stream(values()).filter(i -> i.text().equals(text)).findFirst();
  }

  /** All names, for messages. */
  static String names() {
    return Arrays.stream(values()).map(Initializer::text).collect(Collectors.joining(", "));
  }

  private static double uniform(RandomGenerator random, double limit) {
    return limit * (2 * random.nextDouble() - 1);
  }
}
