package io.github.rankfold.models.network;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The function a hidden layer applies, element by element, to its pre-activation. */
public enum Activation {
  /** {@code max(0, a)}, 1-Lipschitz. */
  RELU(1.0) {
    @Override
    public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> a) {
      return tf.nn.relu(a);
    }
  },

  /** {@code tanh(a)}, 1-Lipschitz. */
  TANH(1.0) {
    @Override
    public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> a) {
      return tf.math.tanh(a);
    }
  },

  /**
   * {@code a Phi(a) = a (1 + erf(a / sqrt 2)) / 2}, the exact form that is Keras's default; not the
   * tanh approximation. Its slope is largest at {@code a = sqrt 2}, where it is 1.1289.
   *
   * <p>Hendrycks, Gimpel 2016, arXiv 1606.08415.
   */
  GELU(1.13) {
    @Override
    public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> a) {
      Operand<TFloat32> erf = tf.math.erf(tf.math.mul(a, tf.constant((float) Math.sqrt(0.5))));
      Operand<TFloat32> half = tf.math.mul(a, tf.constant(0.5f));
      return tf.math.mul(half, tf.math.add(erf, tf.constant(1f)));
    }
  },

  /** {@code a} itself: a deep linear network. */
  LINEAR(1.0) {
    @Override
    public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> a) {
      return a;
    }
  };

  private final double lipschitz;

  Activation(double lipschitz) {
    this.lipschitz = lipschitz;
  }

  /** Adds the operation to the graph behind {@code tf}; {@code a} and the result [B x n]. */
  public abstract Operand<TFloat32> apply(Ops tf, Operand<TFloat32> a);

  /** A constant c with {@code |f(a) - f(b)| <= c |a - b|} for all a, b; rounded up. */
  public double lipschitz() {
    return lipschitz;
  }

  /** The name in network texts and manifests: {@code relu}, {@code tanh}, ... */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The activation of that {@link #text()}, if there is one. */
  public static Optional<Activation> named(String text) {
    return Arrays.stream(values()).filter(a -> a.text().equals(text)).findFirst();
  }

  /** All names, for messages. */
  static String names() {
    return Arrays.stream(values()).map(Activation::text).collect(Collectors.joining(", "));
  }
}
