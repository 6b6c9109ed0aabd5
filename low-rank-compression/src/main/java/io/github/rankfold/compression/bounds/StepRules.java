package io.github.rankfold.compression.bounds;

import io.github.rankfold.compression.bounds.PathStep.Source;
import io.github.rankfold.compression.bounds.PathStep.Transition;
import io.github.rankfold.compression.bounds.PathTensors.Constant;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;

/**
 * How far the output of an operation moves at most when its inputs do, in the Euclidean norm over
 * all values of a sample. What is not here is not known.
 */
final class StepRules {
  private final PathTensors tensors;
  private final ProductRules products;

  StepRules(PathTensors tensors, ProductRules products) {
    this.tensors = tensors;
    this.products = products;
  }

  /** The step of a node that depends on the input; empty where no bound is known. */
  Optional<PathStep> read(NodeDef node) {
    List<TensorRef> inputs = NodeReader.dataInputs(node);
    return switch (node.getOp()) {
      case "Add", "AddV2", "Sub", "BiasAdd", "AddN" -> Optional.of(sum(node, inputs));
      case "Maximum", "Minimum" -> Optional.of(separate(node, inputs));
      case "Mul" -> multiplied(node, inputs);
      case "RealDiv", "Div" -> divided(node, inputs);
      case "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3" -> normalized(node, inputs);
      case "MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D" ->
          pooled(
              node,
              inputs.get(0),
              Windows.numbers(node, "ksize"),
              Windows.numbers(node, "strides"));
      case "MaxPoolV2" ->
          integers(inputs.get(1))
              .flatMap(
                  sizes ->
                      integers(inputs.get(2))
                          .flatMap(strides -> pooled(node, inputs.get(0), sizes, strides)));
      case "Mean", "Sum", "Max", "Min" -> reduced(node, inputs);
      case "ConcatV2" -> concatenated(node, inputs);
      case "Pack" -> packed(node, inputs);
      case "PadV2" -> Optional.of(Transition.of(node.getName(), inputs.get(0), 1));
      case "Transpose" ->
          integers(inputs.get(1))
              .filter(order -> order.get(0) == 0)
              .map(order -> Transition.of(node.getName(), inputs.get(0), 1));
      case "Split", "SplitV", "StridedSlice", "Slice" -> part(node, inputs);
      case "MatMul",
          "BatchMatMul",
          "BatchMatMulV2",
          "BatchMatMulV3",
          "Einsum",
          "Conv2D",
          "Conv3D",
          "DepthwiseConv2dNative",
          "Conv2DBackpropInput",
          "Conv3DBackpropInputV2" ->
          products.read(node);
      default -> elementwise(node, inputs);
    };
  }

  private Optional<PathStep> elementwise(NodeDef node, List<TensorRef> inputs) {
    OptionalDouble lipschitz = ElementwiseRules.lipschitz(node);
    boolean onlyFirst = tensors.isLive(inputs.get(0));
    for (TensorRef other : inputs.subList(1, inputs.size())) {
      onlyFirst &= !tensors.isLive(other);
    }
    return lipschitz.isPresent() && onlyFirst
        ? Optional.of(Transition.of(node.getName(), inputs.get(0), lipschitz.getAsDouble()))
        : Optional.empty();
  }

  private PathStep sum(NodeDef node, List<TensorRef> inputs) {
    return new Transition(node.getName(), spread(node, inputs, 1), false);
  }

  /** {@code |max(a, b) - max(a', b')| <= max(|a - a'|, |b - b'|)}. */
  private PathStep separate(NodeDef node, List<TensorRef> inputs) {
    return new Transition(node.getName(), spread(node, inputs, 1), true);
  }

  private Optional<PathStep> multiplied(NodeDef node, List<TensorRef> inputs) {
    List<TensorRef> data = inputs.stream().filter(tensors::isLive).toList();
    if (data.size() == 2) {
      return GatedActivation.read(node, tensors);
    }
    TensorRef weight = inputs.get(tensors.isLive(inputs.get(0)) ? 1 : 0);
    return tensors
        .constant(weight)
        .map(c -> new Transition(node.getName(), spread(node, inputs, c.largest()), false));
  }

  private Optional<PathStep> divided(NodeDef node, List<TensorRef> inputs) {
    return tensors
        .constant(inputs.get(1))
        .filter(divisor -> divisor.smallest() > 0)
        .map(c -> new Transition(node.getName(), spread(node, inputs, 1 / c.smallest()), false));
  }

  /**
   * The inputs that are data, where an input that is broadcast counts as often as it is repeated:
   * {@code sqrt(output size / input size)}.
   */
  private List<Source> spread(NodeDef node, List<TensorRef> inputs, double factor) {
    Optional<Long> out = tensors.sampleSize(new TensorRef(node.getName(), 0));
    List<Source> sources = new ArrayList<>();
    for (TensorRef input : inputs) {
      if (tensors.isLive(input)) {
        double repeated =
            out.flatMap(size -> tensors.sampleSize(input).map(in -> (double) size / in))
                .orElse(Double.POSITIVE_INFINITY); // refused before the bound is used
        sources.add(new Source(input, factor * Math.sqrt(Math.max(1, repeated))));
      }
    }
    return sources;
  }

  /** {@code max |gamma / sqrt(variance + epsilon)|}, with the moving statistics. */
  private Optional<PathStep> normalized(NodeDef node, List<TensorRef> inputs) {
    Optional<Constant> scale = tensors.constant(inputs.get(1));
    Optional<Constant> variance = tensors.constant(inputs.get(4));
    if (NodeReader.normalizesByBatch(node) || scale.isEmpty() || variance.isEmpty()) {
      return Optional.empty();
    }
    double epsilon = node.containsAttr("epsilon") ? node.getAttrOrThrow("epsilon").getF() : 1e-4;
    double largest = 0;
    for (int channel = 0; channel < scale.get().values().length; channel++) {
      double deviation = Math.sqrt(variance.get().values()[channel] + epsilon);
      largest = Math.max(largest, Math.abs(scale.get().values()[channel]) / deviation);
    }
    return Optional.of(Transition.of(node.getName(), inputs.get(0), largest));
  }

  /**
   * Pooling. A maximum moves by no more than the inputs of its window do, and an input is in at
   * most {@link Windows#overlap} windows; for averages see {@link Windows#averaging}.
   */
  private Optional<PathStep> pooled(
      NodeDef node, TensorRef input, List<Integer> sizes, List<Integer> strides) {
    Optional<long[]> in = tensors.shape(input);
    Optional<long[]> out = tensors.shape(new TensorRef(node.getName(), 0));
    int first = Windows.spatialAxis(node);
    boolean overImage = sizes.get(0) == 1 && sizes.get(first == 1 ? sizes.size() - 1 : 1) == 1;
    if (in.isEmpty() || out.isEmpty() || !overImage) {
      return Optional.empty();
    }
    List<Integer> spatial = sizes.subList(first, first + sizes.size() - 2);
    Windows windows = Windows.of(node, in.get(), out.get(), spatial, strides);
    double square = node.getOp().startsWith("Max") ? windows.overlap() : windows.averaging();
    return Optional.of(Transition.of(node.getName(), input, Math.sqrt(square)));
  }

  /** Over m values: a mean moves by {@code 1/sqrt(m)} of what they do, a sum by sqrt(m). */
  private Optional<PathStep> reduced(NodeDef node, List<TensorRef> inputs) {
    Optional<Long> in = tensors.sampleSize(inputs.get(0));
    Optional<Long> out = tensors.sampleSize(new TensorRef(node.getName(), 0));
    Optional<List<Integer>> axes = integers(inputs.get(1));
    if (in.isEmpty() || out.isEmpty() || axes.isEmpty() || axisOfBatch(inputs.get(0), axes.get())) {
      return Optional.empty();
    }
    double root = Math.sqrt((double) in.get() / out.get());
    double factor =
        switch (node.getOp()) {
          case "Mean" -> 1 / root;
          case "Sum" -> root;
          default -> 1;
        };
    return Optional.of(Transition.of(node.getName(), inputs.get(0), factor));
  }

  private Optional<PathStep> concatenated(NodeDef node, List<TensorRef> inputs) {
    List<TensorRef> parts = inputs.subList(0, inputs.size() - 1);
    TensorRef data = parts.stream().filter(tensors::isLive).findFirst().orElseThrow();
    return integers(inputs.get(inputs.size() - 1))
        .filter(axis -> !axisOfBatch(data, axis))
        .map(axis -> separate(node, parts, 1));
  }

  private Optional<PathStep> packed(NodeDef node, List<TensorRef> inputs) {
    return node.getAttrOrDefault("axis", AttrValue.getDefaultInstance()).getI() >= 1
        ? Optional.of(separate(node, inputs, 1))
        : Optional.empty();
  }

  private PathStep separate(NodeDef node, List<TensorRef> parts, double factor) {
    return new Transition(
        node.getName(),
        parts.stream().filter(tensors::isLive).map(part -> new Source(part, factor)).toList(),
        true);
  }

  /** Some of the values, of every sample the same ones. */
  private Optional<PathStep> part(NodeDef node, List<TensorRef> inputs) {
    boolean splitBefore = node.getOp().equals("Split");
    TensorRef data = inputs.get(splitBefore ? 1 : 0);
    boolean wholeBatch =
        switch (node.getOp()) {
          case "Split" -> integers(inputs.get(0)).filter(a -> !axisOfBatch(data, a)).isPresent();
          case "SplitV" -> integers(inputs.get(2)).filter(a -> !axisOfBatch(data, a)).isPresent();
          case "Slice" -> integers(inputs.get(1)).filter(from -> from.get(0) == 0).isPresent();
          default ->
              integers(inputs.get(3)).filter(steps -> steps.get(0) == 1).isPresent()
                  && bit(node, "begin_mask")
                  && bit(node, "end_mask")
                  && !bit(node, "shrink_axis_mask")
                  && number(node, "new_axis_mask") == 0
                  && number(node, "ellipsis_mask") == 0;
        };
    return wholeBatch && tensors.isLive(data)
        ? Optional.of(Transition.of(node.getName(), data, 1))
        : Optional.empty();
  }

  private static boolean bit(NodeDef node, String mask) {
    return (number(node, mask) & 1) == 1;
  }

  private static long number(NodeDef node, String attribute) {
    return node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance()).getI();
  }

  private boolean axisOfBatch(TensorRef data, List<Integer> axes) {
    int rank = tensors.shape(data).map(shape -> shape.length).orElse(0);
    return axes.stream().anyMatch(axis -> axis == 0 || axis + rank == 0);
  }

  private Optional<List<Integer>> integers(TensorRef tensor) {
    return tensors
        .constant(tensor)
        .map(constant -> constant.values())
        .map(
            values -> {
              List<Integer> result = new ArrayList<>();
              for (double value : values) {
                result.add((int) value);
              }
              return result;
            });
  }
}
