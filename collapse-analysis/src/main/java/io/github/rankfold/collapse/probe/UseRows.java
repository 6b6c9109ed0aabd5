package io.github.rankfold.collapse.probe;

import io.github.rankfold.models.layers.EinsumEquation;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.family.TNumber;

/**
 * One use of a kernel as its matrix sees it: what is multiplied, and the gradient of the product,
 * as rows in the graph.
 *
 * <p>{@code dLoss/dW = sum left^T right} over all rows of all positions. For a product {@code a = z
 * W} left is z and right is delta; where W is used transposed they change places. For a convolution
 * z is the patches [positions x kh kw Ci]; for the transpose of one, left is the patches of delta
 * and right the features.
 */
final class UseRows {
  private final Ops tf;
  private final Function<TensorRef, Output<?>> tensors;
  private final LiveModel model;
  private final Layer layer;
  private final KernelUse use;
  private final Class<TNumber> type;
  private final NodeDef node;
  private final @Nullable PatchGeometry patches;

  private UseRows(
      Ops tf,
      LiveModel model,
      Layer layer,
      KernelUse use,
      Class<TNumber> type,
      @Nullable PatchGeometry patches,
      Function<TensorRef, Output<?>> tensors) {
    this.tf = tf;
    this.tensors = tensors;
    this.model = model;
    this.layer = layer;
    this.use = use;
    this.type = type;
    this.node = model.flatGraph().node(use.operation());
    this.patches = patches;
  }

  static UseRows of(Ops tf, LiveModel model, Layer layer, KernelUse use, Class<TNumber> type) {
    return of(tf, model, layer, use, type, model::fetchable);
  }

  /** As above, with the inputs taken from another graph whose tensors are named as the model's. */
  static UseRows of(
      Ops tf,
      LiveModel model,
      Layer layer,
      KernelUse use,
      Class<TNumber> type,
      Function<TensorRef, Output<?>> tensors) {
    NodeDef node = model.flatGraph().node(use.operation());
    PatchGeometry patches =
        switch (node.getOp()) {
          case "Conv2D", "Conv3D", "Conv2DBackpropInput", "Conv3DBackpropInputV2" ->
              PatchGeometry.of(node, use.view().shape());
          default -> null;
        };
    return new UseRows(tf, model, layer, use, type, patches, tensors);
  }

  /** Why there can be no rows of this use; empty where there can. */
  Optional<String> obstacle() {
    if (patches != null) {
      return patches.obstacle();
    }
    if (node.getOp().equals("Einsum")) {
      return equation().data().isEmpty() || equation().contracted().indexOf(firstLabel()) >= 0
          ? Optional.of("its equation sums over the samples")
          : Optional.empty();
    }
    return Optional.empty();
  }

  private EinsumEquation equation() {
    boolean weightFirst = !TensorRef.parse(node.getInput(0)).equals(use.input());
    return EinsumEquation.of(node, weightFirst);
  }

  private char firstLabel() {
    return equation().data().charAt(0);
  }

  /** The features, as one vector for each position of each sample: [rows, channels]. */
  Operand<TNumber> features() {
    Operand<TNumber> input = number(tensors.apply(use.input()));
    if (patches != null) {
      return vectors(patches.channelsLast(tf, input), patches.inputChannels());
    }
    if (node.getOp().equals("Einsum")) {
      EinsumEquation equation = equation();
      return vectors(
          einsum(input, equation.data(), equation.dataKept() + equation.contracted()),
          use.view().rows());
    }
    return vectors(input, use.view().rows());
  }

  /** Something with as many rows as the kernel is applied to: a convolution's products. */
  Operand<TNumber> appliedRows() {
    return patches == null || patches.transposed()
        ? features()
        : vectors(
            patches.channelsLast(tf, number(model.tensor(use.preActivation()))), layer.cols());
  }

  /** The width of {@link #features}. */
  int channels() {
    return patches == null ? use.view().rows() : patches.inputChannels();
  }

  /** Left rows, as wide as the kernel has rows. */
  Operand<TNumber> left(Output<?> delta) {
    if (patches != null) {
      Operand<TNumber> image =
          patches.transposed() ? number(delta) : number(tensors.apply(use.input()));
      return vectors(patches.extract(tf, image), layer.rows());
    }
    return use.transposed() ? gradients(delta) : features();
  }

  /** Right rows, as wide as the kernel has columns. */
  Operand<TNumber> right(Output<?> delta) {
    if (patches != null) {
      return patches.transposed()
          ? features()
          : vectors(patches.channelsLast(tf, number(delta)), layer.cols());
    }
    return use.transposed() ? features() : gradients(delta);
  }

  /** The gradient of the product as rows, as wide as what this use gives. */
  Operand<TNumber> gradients(Output<?> delta) {
    Operand<TNumber> values = number(delta);
    if (node.getOp().equals("Einsum")) {
      EinsumEquation equation = equation();
      values = einsum(values, equation.output(), equation.dataKept() + equation.kept());
    } else if (patches != null) {
      values = patches.channelsLast(tf, values);
    }
    return vectors(values, use.view().columns());
  }

  private Operand<TNumber> einsum(Operand<TNumber> tensor, String from, String to) {
    return from.equals(to) ? tensor : tf.linalg.einsum(List.of(tensor), from + "->" + to);
  }

  private Operand<TNumber> vectors(Operand<TNumber> tensor, int width) {
    return tf.reshape(tensor, tf.constant(new int[] {-1, width}));
  }

  /** Whether {@link #left} can't be had without a gradient. */
  boolean needsGradientForRows() {
    return patches != null ? patches.transposed() : use.transposed();
  }

  /** {@link #left} where it needs no gradient. */
  Operand<TNumber> inputs() {
    return patches == null
        ? features()
        : vectors(patches.extract(tf, number(tensors.apply(use.input()))), layer.rows());
  }

  /** In the type that sums are taken in: half precision would drown them. */
  @SuppressWarnings("unchecked") // what is multiplied by a kernel is of a floating type
  private Operand<TNumber> number(Output<?> tensor) {
    return tensor.type().equals(type) ? (Output<TNumber>) tensor : tf.dtypes.cast(tensor, type);
  }
}
