package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.bounds.PathTensors.Constant;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.MatrixView;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;

/** Products of data with a weight, and upper bounds of their operator norms. */
final class ProductRules {
  private final PathTensors tensors;
  private final Map<String, MatrixView> views = new HashMap<>();

  ProductRules(PathTensors tensors, LiveModel model) {
    this.tensors = tensors;
    for (Layer layer : model.layers()) {
      for (KernelUse use : layer.uses()) {
        if (use.loop().isEmpty()) {
          views.put(use.operation(), use.view());
        }
      }
    }
  }

  /** The step of a product with a weight; empty for one of data with data. */
  Optional<PathStep> read(NodeDef node) {
    List<TensorRef> inputs = NodeReader.dataInputs(node);
    return switch (node.getOp()) {
      case "MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3" -> matrix(node, inputs);
      case "Einsum" -> einsum(node, inputs);
      case "Conv2D", "Conv3D" -> convolution(node, inputs.get(0), inputs.get(1), false);
      case "DepthwiseConv2dNative" -> depthwise(node, inputs.get(0), inputs.get(1));
      default -> convolution(node, inputs.get(2), inputs.get(1), true);
    };
  }

  private Optional<PathStep> matrix(NodeDef node, List<TensorRef> inputs) {
    boolean samplesAreColumns = flag(node, "transpose_a") || flag(node, "adj_x");
    Optional<Constant> weight = tensors.constant(inputs.get(1));
    if (samplesAreColumns || weight.isEmpty() || weight.get().shape().size() != 2) {
      return Optional.empty();
    }
    List<Integer> shape = weight.get().shape();
    return product(
        node,
        inputs.get(0),
        inputs.get(1),
        kernel -> OperatorNorm.ofMatrix(Matrix.owning(shape.get(0), shape.get(1), kernel.clone())));
  }

  private Optional<PathStep> einsum(NodeDef node, List<TensorRef> inputs) {
    MatrixView view = views.get(node.getName());
    if (view == null || inputs.size() != 2) {
      return Optional.empty();
    }
    int weight = tensors.isLive(inputs.get(0)) ? 1 : 0;
    return product(
        node,
        inputs.get(1 - weight),
        inputs.get(weight),
        kernel ->
            OperatorNorm.ofMatrix(
                Matrix.owning(view.rows(), view.columns(), view.matrix(kernel).clone())));
  }

  /** A transpose has the norm of the convolution that it is the transpose of. */
  private Optional<PathStep> convolution(
      NodeDef node, TensorRef data, TensorRef filter, boolean transposed) {
    Optional<Constant> weight = tensors.constant(filter);
    Optional<long[]> from = tensors.shape(data);
    Optional<long[]> to = tensors.shape(new TensorRef(node.getName(), 0));
    if (weight.isEmpty() || from.isEmpty() || to.isEmpty()) {
      return Optional.empty();
    }
    long[] in = transposed ? to.get() : from.get();
    long[] out = transposed ? from.get() : to.get();
    List<Integer> shape = weight.get().shape();
    int axes = shape.size() - 2;
    double load = Windows.of(node, in, out, shape.subList(0, axes)).overlap();
    long channels = in[Windows.spatialAxis(node) == 2 ? 1 : in.length - 1];
    int groups = Math.toIntExact(channels / shape.get(axes));
    return product(node, data, filter, kernel -> ofGroups(kernel, shape, groups, load));
  }

  /** Groups have channels of their own on both sides: the largest of their norms. */
  private static double ofGroups(double[] kernel, List<Integer> shape, int groups, double load) {
    if (groups == 1) {
      return OperatorNorm.ofConvolution(kernel, shape, load);
    }
    int out = shape.get(shape.size() - 1);
    int width = out / groups;
    List<Integer> part = new ArrayList<>(shape);
    part.set(shape.size() - 1, width);
    return IntStream.range(0, groups)
        .mapToDouble(
            group ->
                OperatorNorm.ofConvolution(columns(kernel, out, group * width, width), part, load))
        .max()
        .orElse(0);
  }

  private static double[] columns(double[] kernel, int out, int from, int width) {
    double[] result = new double[kernel.length / out * width];
    for (int row = 0; row < kernel.length / out; row++) {
      System.arraycopy(kernel, row * out + from, result, row * width, width);
    }
    return result;
  }

  /** Each channel is a convolution of its own from one channel to several. */
  private Optional<PathStep> depthwise(NodeDef node, TensorRef data, TensorRef filter) {
    Optional<Constant> weight = tensors.constant(filter);
    Optional<long[]> in = tensors.shape(data);
    Optional<long[]> out = tensors.shape(new TensorRef(node.getName(), 0));
    if (weight.isEmpty() || in.isEmpty() || out.isEmpty()) {
      return Optional.empty();
    }
    List<Integer> shape = weight.get().shape(); // [kh, kw, Ci, multiplier]
    double load = Windows.of(node, in.get(), out.get(), shape.subList(0, 2)).overlap();
    int channels = shape.get(2);
    int multiplier = shape.get(3);
    List<Integer> part = List.of(shape.get(0), shape.get(1), 1, multiplier);
    return product(
        node,
        data,
        filter,
        kernel ->
            IntStream.range(0, channels)
                .mapToDouble(
                    channel ->
                        OperatorNorm.ofConvolution(
                            columns(
                                kernel, channels * multiplier, channel * multiplier, multiplier),
                            part,
                            load))
                .max()
                .orElse(0));
  }

  private Optional<PathStep> product(
      NodeDef node, TensorRef data, TensorRef weight, ToDoubleFunction<double[]> norm) {
    Optional<Constant> constant = tensors.constant(weight);
    return tensors.isLive(data) && constant.isPresent()
        ? Optional.of(
            new PathStep.Product(
                node.getName(), node.getOp(), data, weight, constant.get().shape(), norm))
        : Optional.empty();
  }

  private static boolean flag(NodeDef node, String attribute) {
    return node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance()).getB();
  }
}
