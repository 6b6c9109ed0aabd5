package io.github.rankfold.models.live;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Map;
import java.util.Set;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The weights that a model's signatures can reach, each counted once: variables of a floating type
 * or of 8-bit integers, and constants of a floating type with more than one value. Exporters that
 * store a weight twice do not change it.
 *
 * @param parameters how many weights
 * @param bytes what they take at their own precision
 */
public record ModelSize(long parameters, long bytes) {
  /** Of a graph of this model, its own or one that was made from it. */
  static ModelSize of(LiveModel model, FlatGraph graph) {
    Map<String, TensorRef> own = model.variableValues();
    long parameters = 0;
    long bytes = 0;
    for (Map.Entry<String, NodeDef> variable : graph.variables().entrySet()) {
      TensorRef value = own.get(variable.getKey());
      NodeDef node = variable.getValue();
      // What was restored says more than what was declared.
      Shape shape =
          value != null
              ? model.tensor(value).shape()
              : Shape.of(
                  NodeReader.variableShape(node).stream().mapToLong(Integer::longValue).toArray());
      int width = variableWidth(node.getAttrOrThrow("dtype").getType());
      if (!shape.hasUnknownDimension() && width > 0) {
        parameters += shape.size();
        bytes += shape.size() * width;
      }
    }
    Set<String> copied = graph.copiedConstants();
    for (NodeDef node : graph.nodes()) {
      long size = copied.contains(node.getName()) ? 0 : constantWeights(node);
      parameters += size;
      bytes += size == 0 ? 0 : size * widthOf(node.getAttrOrThrow("dtype").getType());
    }
    return new ModelSize(parameters, bytes);
  }

  /** How many weights a node holds as a constant: a single number is none. */
  public static long constantWeights(NodeDef node) {
    if (!node.getOp().equals("Const") || widthOf(node.getAttrOrThrow("dtype").getType()) == 0) {
      return 0;
    }
    long size = 1;
    TensorShapeProto shape = node.getAttrOrThrow("value").getTensor().getTensorShape();
    for (TensorShapeProto.Dim dim : shape.getDimList()) {
      size *= dim.getSize();
    }
    return size > 1 ? size : 0;
  }

  /** Integers of 8 bits in a variable are weights that were quantized. */
  private static int variableWidth(DataType type) {
    return type == DataType.DT_INT8 || type == DataType.DT_UINT8 ? 1 : widthOf(type);
  }

  /** The bytes of one weight of a floating type, 0 for any other. */
  public static int widthOf(DataType type) {
    return switch (type) {
      case DT_HALF, DT_BFLOAT16, DT_HALF_REF, DT_BFLOAT16_REF -> 2;
      case DT_FLOAT, DT_FLOAT_REF -> 4;
      case DT_DOUBLE, DT_DOUBLE_REF -> 8;
      default -> 0;
    };
  }
}
