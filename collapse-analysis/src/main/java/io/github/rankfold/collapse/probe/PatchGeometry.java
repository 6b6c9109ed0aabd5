package io.github.rankfold.collapse.probe;

import io.github.rankfold.models.savedmodel.NodeReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.family.TNumber;

/**
 * Which patches of an image a convolution multiplies: sizes, strides, dilations and padding of a
 * Conv2D, a Conv3D or the transpose of one, axes without batch and channels.
 *
 * <p>A patch is one row [k... Ci], its axes in the order of the kernel's, as TensorFlow's own
 * patches have them. A transposed convolution multiplies vectors, and its gradient comes from the
 * patches of the output's gradient.
 *
 * @param kernel [k..., Ci, Co], or [k..., Co, Ci] of a transposed one
 * @param explicit before and after each spatial axis, where the padding is given in numbers
 */
record PatchGeometry(
    List<Integer> kernel,
    List<Long> strides,
    List<Long> dilations,
    String padding,
    List<Long> explicit,
    boolean channelsFirst,
    boolean transposed) {

  static PatchGeometry of(NodeDef node, List<Integer> kernel) {
    int axes = kernel.size() - 2;
    boolean first = NodeReader.hasChannelsFirst(node);
    return new PatchGeometry(
        kernel,
        spatial(node, "strides", axes, first),
        spatial(node, "dilations", axes, first),
        node.getAttrOrThrow("padding").getS().toStringUtf8(),
        explicit(node, axes, first),
        first,
        node.getOp().contains("BackpropInput"));
  }

  private static List<Long> spatial(NodeDef node, String attribute, int axes, boolean first) {
    List<Long> all =
        node.containsAttr(attribute)
            ? node.getAttrOrThrow(attribute).getList().getIList()
            : List.of();
    List<Long> sizes = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      sizes.add(all.size() == axes + 2 ? all.get(axis + (first ? 2 : 1)) : 1L);
    }
    return sizes;
  }

  private static List<Long> explicit(NodeDef node, int axes, boolean first) {
    List<Long> all =
        node.containsAttr("explicit_paddings")
            ? node.getAttrOrThrow("explicit_paddings").getList().getIList()
            : List.of();
    int start = first ? 4 : 2;
    return all.size() == 2 * (axes + 2) ? all.subList(start, start + 2 * axes) : List.of();
  }

  private int axes() {
    return kernel.size() - 2;
  }

  /** The channels of what is fed to the convolution. */
  int inputChannels() {
    return kernel.get(kernel.size() - (transposed ? 1 : 2));
  }

  /** Why patches cannot be had; empty where they can. */
  Optional<String> obstacle() {
    boolean dilated = dilations.stream().anyMatch(rate -> rate != 1);
    return axes() == 3 && dilated
        ? Optional.of("patches of a dilated convolution of three dimensions cannot be had")
        : Optional.empty();
  }

  /** The same image with the channels on the last axis. */
  Operand<TNumber> channelsLast(Ops tf, Operand<TNumber> image) {
    if (!channelsFirst) {
      return image;
    }
    int[] order = new int[axes() + 2];
    for (int axis = 0; axis < axes(); axis++) {
      order[axis + 1] = axis + 2;
    }
    order[axes() + 1] = 1;
    return tf.linalg.transpose(image, tf.constant(order));
  }

  /** The patches of an image, [B, positions..., k... Ci]. */
  Operand<TNumber> extract(Ops tf, Operand<TNumber> image) {
    Operand<TNumber> last = channelsLast(tf, image);
    String how = padding;
    if (padding.equals("EXPLICIT")) {
      int[][] paddings = new int[axes() + 2][2];
      for (int axis = 0; axis < axes() && !explicit.isEmpty(); axis++) {
        paddings[axis + 1][0] = Math.toIntExact(explicit.get(2 * axis));
        paddings[axis + 1][1] = Math.toIntExact(explicit.get(2 * axis + 1));
      }
      Operand<TNumber> zero = tf.dtypes.cast(tf.constant(0f), last.type());
      last = tf.pad(last, tf.constant(paddings), zero);
      how = "VALID";
    }
    List<Long> sizes = new ArrayList<>();
    kernel.subList(0, axes()).forEach(size -> sizes.add((long) size));
    return axes() == 2
        ? tf.image.extractImagePatches(last, around(sizes), around(strides), around(dilations), how)
        : tf.extractVolumePatches(last, around(sizes), around(strides), how);
  }

  /** With ones for batch and channels. */
  private static List<Long> around(List<Long> spatial) {
    List<Long> all = new ArrayList<>(List.of(1L));
    all.addAll(spatial);
    all.add(1L);
    return all;
  }
}
