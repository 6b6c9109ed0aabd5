package io.github.rankfold.compression.bounds;

import io.github.rankfold.models.savedmodel.NodeReader;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;

/**
 * How the windows of a convolution or pooling lie over its input, axis by axis.
 *
 * @param axes one entry for each spatial axis
 */
record Windows(List<Axis> axes) {
  Windows {
    axes = List.copyOf(axes);
  }

  /** One axis: window w covers inputs {@code w stride - before + t dilation}, t below size. */
  record Axis(int in, int out, int size, int stride, int dilation, int before) {
    /** The largest sum over the windows on an input, each counting 1, or 1 by its inputs. */
    double load(boolean averaging) {
      double[] loads = new double[Math.max(in, 1)];
      for (int window = 0; window < out; window++) {
        int first = window * stride - before;
        int inside = 0;
        for (int tap = 0; tap < size; tap++) {
          inside += covers(first + tap * dilation) ? 1 : 0;
        }
        for (int tap = 0; tap < size; tap++) {
          if (covers(first + tap * dilation)) {
            loads[first + tap * dilation] += averaging ? 1.0 / inside : 1;
          }
        }
      }
      double largest = 0;
      for (double load : loads) {
        largest = Math.max(largest, load);
      }
      return largest;
    }

    private boolean covers(int position) {
      return position >= 0 && position < in;
    }
  }

  /** How many windows an input value is in at most: the axes' numbers, multiplied. */
  double overlap() {
    return axes.stream().mapToDouble(axis -> axis.load(false)).reduce(1, (a, b) -> a * b);
  }

  /**
   * The squared norm of averaging, at most: with {@code m_w} inputs in window w, {@code (mean_w)^2
   * <= sum_{i in w} z_i^2 / m_w}, so that it is {@code max_i sum_{w on i} 1 / m_w}.
   */
  double averaging() {
    return axes.stream().mapToDouble(axis -> axis.load(true)).reduce(1, (a, b) -> a * b);
  }

  /**
   * The windows of a node.
   *
   * @param in the input's sizes, batch and channels included; of a convolution's transpose, the
   *     output's
   * @param out the other's
   * @param sizes of a window, one for each spatial axis
   * @param strides one for each axis, batch and channels included
   */
  static Windows of(
      NodeDef node, long[] in, long[] out, List<Integer> sizes, List<Integer> strides) {
    int first = spatialAxis(node);
    List<Integer> dilations = numbers(node, "dilations");
    String padding = node.getAttrOrThrow("padding").getS().toStringUtf8();
    List<Integer> explicit = numbers(node, "explicit_paddings");
    List<Axis> axes = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      int axis = first + i;
      int size = sizes.get(i);
      int stride = strides.get(axis);
      int dilation = dilations.isEmpty() ? 1 : dilations.get(axis);
      int from = Math.toIntExact(in[axis]);
      int to = Math.toIntExact(out[axis]);
      int covered = (to - 1) * stride + (size - 1) * dilation + 1;
      int before =
          switch (padding) {
            case "SAME" -> Math.max(covered - from, 0) / 2;
            case "EXPLICIT" -> explicit.get(2 * axis);
            default -> 0;
          };
      axes.add(new Axis(from, to, size, stride, dilation, before));
    }
    return new Windows(axes);
  }

  /** As above, with the node's attribute for its strides. */
  static Windows of(NodeDef node, long[] in, long[] out, List<Integer> sizes) {
    return of(node, in, out, sizes, numbers(node, "strides"));
  }

  /** The first spatial axis: after the batch, and after the channels where these come first. */
  static int spatialAxis(NodeDef node) {
    return NodeReader.hasChannelsFirst(node) ? 2 : 1;
  }

  static List<Integer> numbers(NodeDef node, String attribute) {
    return node
        .getAttrOrDefault(attribute, AttrValue.getDefaultInstance())
        .getList()
        .getIList()
        .stream()
        .map(Math::toIntExact)
        .toList();
  }
}
