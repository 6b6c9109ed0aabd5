package io.github.rankfold.compression.bounds;

import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/**
 * An activation that graphs write as a product of data with data, {@code x g(x)}: GELU, SiLU.
 *
 * <p>Found by what it computes: the product's ancestors, as far as they are elementwise functions
 * and scalar constants, are evaluated as a function of each of them in turn, and compared with the
 * known activations. Analytic functions that agree all along [-8, 8] are the same.
 */
enum GatedActivation {
  /**
   * {@code x Phi(x)}. Its derivative is {@code Phi(x) + x phi(x)}, with the derivative {@code (2 -
   * x^2) phi(x)}: so it is largest at sqrt(2), {@code Phi(sqrt 2) + sqrt(2) phi(sqrt 2) = 1.12890}.
   */
  GELU(1.129) {
    @Override
    double at(double x) {
      return 0.5 * x * (1 + erf(x / Math.sqrt(2)));
    }
  },

  /**
   * With tanh for the error function; its derivative was found largest, 1.12899, on a fine grid.
   */
  GELU_BY_TANH(1.13) {
    @Override
    double at(double x) {
      return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }
  },

  /**
   * {@code x s(x)}, s the sigmoid. The derivative {@code s + x s (1 - s)} is largest, 1.09984,
   * where {@code x tanh(x/2) = 2}.
   */
  SILU(1.0999) {
    @Override
    double at(double x) {
      return x / (1 + Math.exp(-x));
    }
  };

  private static final int DEEPEST = 12;

  private final double lipschitz;

  GatedActivation(double lipschitz) {
    this.lipschitz = lipschitz;
  }

  abstract double at(double x);

  /** The step from x to the product, where the node is such a product. */
  static Optional<PathStep> read(NodeDef product, PathTensors tensors) {
    TensorRef output = new TensorRef(product.getName(), 0);
    for (TensorRef candidate : ancestors(output, tensors)) {
      for (GatedActivation activation : values()) {
        if (activation.isComputedBy(output, candidate, tensors)) {
          return Optional.of(
              PathStep.Transition.of(product.getName(), candidate, activation.lipschitz));
        }
      }
    }
    return Optional.empty();
  }

  private boolean isComputedBy(TensorRef output, TensorRef variable, PathTensors tensors) {
    for (double x = -8; x <= 8; x += 0.25) {
      OptionalDouble found = value(output, variable, x, tensors, 0);
      double expected = at(x);
      if (found.isEmpty() || !(Math.abs(found.getAsDouble() - expected) < 1e-4)) {
        return false;
      }
    }
    return true;
  }

  /** The live ancestors within reach, the nearest first. */
  private static Set<TensorRef> ancestors(TensorRef output, PathTensors tensors) {
    Set<TensorRef> found = new LinkedHashSet<>();
    List<TensorRef> open = List.of(output);
    for (int depth = 0; depth < DEEPEST && !open.isEmpty(); depth++) {
      List<TensorRef> next = new ArrayList<>();
      for (TensorRef tensor : open) {
        if (isScalarFunction(tensors.graph().node(tensor.node()))) {
          for (TensorRef input : NodeReader.dataInputs(tensors.graph().node(tensor.node()))) {
            if (tensors.isLive(input) && found.add(input)) {
              next.add(input);
            }
          }
        }
      }
      open = next;
    }
    return found;
  }

  private static boolean isScalarFunction(NodeDef node) {
    return switch (node.getOp()) {
      case "Mul", "AddV2", "Add", "Sub", "RealDiv", "Div", "Pow", "Square", "Neg", "Identity" ->
          true;
      case "Erf", "Erfc", "Tanh", "Sigmoid" -> true;
      default -> false;
    };
  }

  private static OptionalDouble value(
      TensorRef tensor, TensorRef variable, double x, PathTensors tensors, int depth) {
    if (tensor.equals(variable)) {
      return OptionalDouble.of(x);
    }
    if (!tensors.isLive(tensor)) {
      return tensors
          .constant(tensor)
          .filter(constant -> constant.values().length == 1)
          .map(constant -> OptionalDouble.of(constant.values()[0]))
          .orElse(OptionalDouble.empty());
    }
    NodeDef node = tensors.graph().node(tensor.node());
    if (depth > DEEPEST || !isScalarFunction(node)) {
      return OptionalDouble.empty();
    }
    List<TensorRef> inputs = NodeReader.dataInputs(node);
    OptionalDouble first = value(inputs.get(0), variable, x, tensors, depth + 1);
    OptionalDouble second =
        inputs.size() < 2
            ? OptionalDouble.of(0)
            : value(inputs.get(1), variable, x, tensors, depth + 1);
    if (first.isEmpty() || second.isEmpty()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(apply(node.getOp(), first.getAsDouble(), second.getAsDouble()));
  }

  private static double apply(String operation, double a, double b) {
    return switch (operation) {
      case "Mul" -> a * b;
      case "AddV2", "Add" -> a + b;
      case "Sub" -> a - b;
      case "RealDiv", "Div" -> a / b;
      case "Pow" -> Math.pow(a, b);
      case "Square" -> a * a;
      case "Neg" -> -a;
      case "Erf" -> erf(a);
      case "Erfc" -> 1 - erf(a);
      case "Tanh" -> Math.tanh(a);
      case "Sigmoid" -> 1 / (1 + Math.exp(-a));
      default -> a;
    };
  }

  /** By its Taylor series to 3, beyond by the first term of its asymptotic one. */
  private static double erf(double x) {
    if (Math.abs(x) > 3) {
      return Math.signum(x) * (1 - Math.exp(-x * x) / (Math.abs(x) * Math.sqrt(Math.PI)));
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 60; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }
}
