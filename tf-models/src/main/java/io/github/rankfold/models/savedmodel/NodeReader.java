package io.github.rankfold.models.savedmodel;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/** What nodes say of themselves, whatever graph they are in. */
public final class NodeReader {
  private static final List<String> VARIABLES = List.of("VarHandleOp", "VariableV2", "Variable");
  private static final String SHARED_NAME = "shared_name";

  private NodeReader() {}

  /** Whether a node holds a variable: a resource, or a reference in the style of TensorFlow 1. */
  public static boolean isVariable(NodeDef node) {
    return VARIABLES.contains(node.getOp());
  }

  /** Whether a variable is a resource, read by ReadVariableOp, rather than a reference. */
  public static boolean isResource(NodeDef variable) {
    return variable.getOp().equals("VarHandleOp");
  }

  /** The name under which a variable is saved and shared. */
  public static String variableName(NodeDef variable) {
    return variable.getAttrOrThrow(SHARED_NAME).getS().toStringUtf8();
  }

  /** The shape that a variable declares; -1 where a size is unknown. */
  public static List<Integer> variableShape(NodeDef variable) {
    return variable.getAttrOrThrow("shape").getShape().getDimList().stream()
        .map(dim -> (int) dim.getSize())
        .toList();
  }

  /**
   * A variable is found by its shared name; one that goes by its node's name would be another
   * variable once the node is imported under a prefix.
   */
  static NodeDef withExplicitSharedName(NodeDef node) {
    if (!isVariable(node)
        || !node.getAttrOrDefault(SHARED_NAME, AttrValue.getDefaultInstance()).getS().isEmpty()) {
      return node;
    }
    return node.toBuilder()
        .putAttr(SHARED_NAME, AttrValue.newBuilder().setS(node.getNameBytes()).build())
        .build();
  }

  /** Whether values of this type can be weights: counters and quantized values have no gradient. */
  public static boolean isFloating(DataType type) {
    return switch (type) {
      case DT_HALF, DT_BFLOAT16, DT_FLOAT, DT_DOUBLE -> true;
      default -> false;
    };
  }

  /** The data inputs of a node, in order. */
  public static List<TensorRef> dataInputs(NodeDef node) {
    List<TensorRef> inputs = new ArrayList<>();
    for (String input : node.getInputList()) {
      if (!TensorRef.isControl(input)) {
        inputs.add(TensorRef.parse(input));
      }
    }
    return inputs;
  }

  /** Whether a convolution, or what follows one, takes its channels before the spatial axes. */
  public static boolean hasChannelsFirst(NodeDef node) {
    return node.getAttrOrDefault("data_format", AttrValue.getDefaultInstance())
        .getS()
        .toStringUtf8()
        .startsWith("NC");
  }

  /**
   * Whether a fused batch normalization takes the statistics of the batch, which is the default.
   */
  public static boolean normalizesByBatch(NodeDef node) {
    return !node.containsAttr("is_training") || node.getAttrOrThrow("is_training").getB();
  }
}
