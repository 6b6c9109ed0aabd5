package io.github.rankfold.compression.rewriting;

import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.types.TUint8;

/**
 * A weight in a variable of fewer bits, and the plain operations that make of it what the graph
 * computes with: {@code Cast}, and for integers {@code Sub} and {@code Mul} by the scales.
 *
 * <p>A variable also where the kernel was a constant: TensorFlow folds operations on constants, so
 * that a cast one would be held in full precision after all; reading a variable is never folded.
 *
 * @param graph that names are to be free in
 * @param tensor the weight
 * @param format how it is stored
 * @param dtype what the graph computes with
 */
record StoredWeight(FlatGraph graph, FactorTensor tensor, WeightFormat format, DataType dtype) {
  /** The variable of the weights. */
  String handle() {
    return tensor.name();
  }

  /** The weights as they are stored. */
  TensorRef stored() {
    return new TensorRef(unused("/Read"), 0);
  }

  /** The node that gives the weight, where none is wanted by another name. */
  String value() {
    return unused("/Value");
  }

  private String scale() {
    return unused("/scale");
  }

  private String unused(String suffix) {
    return FactorNodes.unused(graph, tensor.name() + suffix);
  }

  /** The variables, and the nodes that make the weight of them, the last of which has this name. */
  List<NodeDef> nodes(String last) {
    List<NodeDef> nodes = new ArrayList<>();
    nodes.add(NodeWriter.variable(handle(), format.type(), sizes(tensor.shape())));
    nodes.add(NodeWriter.read(stored().node(), handle(), format.type()));
    if (format.hasScales()) {
      nodes.add(NodeWriter.variable(scale(), dtype, sizes(scaleShape())));
      nodes.add(NodeWriter.read(scale() + "/Read", scale(), dtype));
      nodes.add(zero());
    }
    nodes.addAll(decoded(stored(), last));
    return nodes;
  }

  /**
   * The nodes that make weights of what is stored.
   *
   * @param from the weight as it is stored, or some of its rows where the scales are of its last
   *     axis
   * @param last the name of the last node
   */
  List<NodeDef> decoded(TensorRef from, String last) {
    String cast = format.hasScales() ? FactorNodes.unused(graph, last + "/cast") : last;
    NodeWriter wider =
        NodeWriter.node(cast, "Cast").input(from).type("SrcT", format.type()).type("DstT", dtype);
    if (!format.hasScales()) {
      return List.of(wider.build());
    }
    String centred = FactorNodes.unused(graph, last + "/centred");
    return List.of(
        wider.build(),
        NodeWriter.node(centred, "Sub").input(cast).input(unused("/zero")).type("T", dtype).build(),
        NodeWriter.node(last, "Mul")
            .input(centred)
            .input(scale() + "/Read")
            .type("T", dtype)
            .build());
  }

  private NodeDef zero() {
    TensorProto.Builder zero = TensorProto.newBuilder().setDtype(dtype);
    zero.getTensorShapeBuilder();
    if (dtype == DataType.DT_DOUBLE) {
      zero.addDoubleVal(WeightFormat.ZERO);
    } else {
      zero.addFloatVal(WeightFormat.ZERO);
    }
    return NodeWriter.constant(unused("/zero"), zero.build());
  }

  /** 1 along all axes but that of the scales, so that they multiply by broadcasting. */
  private List<Integer> scaleShape() {
    List<Integer> shape = new ArrayList<>(Collections.nCopies(tensor.shape().size(), 1));
    shape.set(tensor.scaleAxis(), tensor.shape().get(tensor.scaleAxis()));
    // Leading ones are left out: rows of the weight are multiplied as well as all of it.
    return shape.subList(tensor.scaleAxis(), shape.size());
  }

  private static int[] sizes(List<Integer> shape) {
    return shape.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The values of the variables, by name; the caller closes them. */
  Map<String, Tensor> values() {
    Map<String, Tensor> values = new LinkedHashMap<>();
    if (!format.hasScales()) {
      values.put(handle(), tensor.tensor(format.type()));
      return values;
    }
    double[] weights = tensor.values().get().toMatrix().toDoubles();
    int channels = tensor.shape().get(tensor.scaleAxis());
    int inner = // how many weights in a row have the same scale
        tensor.shape().subList(tensor.scaleAxis() + 1, tensor.shape().size()).stream()
            .reduce(1, Math::multiplyExact);
    float[] scales = scales(weights, channels, inner);
    byte[] codes = new byte[weights.length];
    for (int i = 0; i < weights.length; i++) {
      codes[i] = (byte) WeightFormat.code(weights[i], scales[i / inner % channels]);
    }
    long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
    values.put(handle(), TUint8.tensorOf(Shape.of(shape), DataBuffers.of(codes, true, false)));
    long[] scaleShape = scaleShape().stream().mapToLong(Integer::longValue).toArray();
    values.put(scale(), TensorValues.of(dtype, Shape.of(scaleShape), scales));
    return values;
  }

  private static float[] scales(double[] weights, int channels, int inner) {
    double[] largest = new double[channels];
    for (int i = 0; i < weights.length; i++) {
      int channel = i / inner % channels;
      largest[channel] = Math.max(largest[channel], Math.abs(weights[i]));
    }
    float[] scales = new float[channels];
    for (int channel = 0; channel < channels; channel++) {
      scales[channel] = WeightFormat.scale(largest[channel]);
    }
    return scales;
  }
}
