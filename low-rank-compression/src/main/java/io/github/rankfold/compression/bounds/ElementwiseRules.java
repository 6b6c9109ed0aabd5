package io.github.rankfold.compression.bounds;

import java.util.Map;
import java.util.OptionalDouble;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/** The Lipschitz constants of functions that are applied to each value by itself. */
final class ElementwiseRules {
  private static final Map<String, Double> CONSTANTS =
      Map.ofEntries(
          Map.entry("Relu", 1.0),
          Map.entry("Relu6", 1.0),
          Map.entry("Elu", 1.0), // alpha is 1 in the operation
          Map.entry("Selu", 1.0507009873554805 * 1.6732632423543772), // its slope left of 0
          Map.entry("Tanh", 1.0),
          Map.entry("Sigmoid", 0.25),
          Map.entry("Softplus", 1.0),
          Map.entry("Softsign", 1.0),
          Map.entry("Erf", 2 / Math.sqrt(Math.PI)),
          Map.entry("Erfc", 2 / Math.sqrt(Math.PI)),
          Map.entry("Abs", 1.0),
          Map.entry("Neg", 1.0),
          Map.entry("Sin", 1.0),
          Map.entry("Cos", 1.0),
          Map.entry("Atan", 1.0),
          // Not elementwise, but no further apart: all values, in another place or type.
          Map.entry("Identity", 1.0),
          Map.entry("Snapshot", 1.0),
          Map.entry("StopGradient", 1.0),
          Map.entry("PreventGradient", 1.0),
          Map.entry("CheckNumerics", 1.0),
          Map.entry("EnsureShape", 1.0),
          Map.entry("PlaceholderWithDefault", 1.0),
          Map.entry("Cast", 1.0),
          Map.entry("Reshape", 1.0),
          Map.entry("Squeeze", 1.0),
          Map.entry("ExpandDims", 1.0),
          Map.entry("SpaceToDepth", 1.0),
          Map.entry("DepthToSpace", 1.0),
          Map.entry("Pad", 1.0),
          // Gao and Pavel: the softmax is 1-Lipschitz, arXiv 1704.00805.
          Map.entry("Softmax", 1.0));

  private ElementwiseRules() {}

  /** Of an operation with one input that is data; empty where it is not known. */
  static OptionalDouble lipschitz(NodeDef node) {
    if (node.getOp().equals("LeakyRelu")) {
      double alpha = node.containsAttr("alpha") ? node.getAttrOrThrow("alpha").getF() : 0.2;
      return OptionalDouble.of(Math.max(1, Math.abs(alpha)));
    }
    if (node.getOp().equals("Cast") && !isFloating(node.getAttrOrThrow("DstT").getType())) {
      return OptionalDouble.empty();
    }
    Double constant = CONSTANTS.get(node.getOp());
    return constant == null ? OptionalDouble.empty() : OptionalDouble.of(constant);
  }

  private static boolean isFloating(DataType type) {
    return switch (type) {
      case DT_FLOAT, DT_DOUBLE, DT_HALF, DT_BFLOAT16 -> true;
      default -> false;
    };
  }
}
