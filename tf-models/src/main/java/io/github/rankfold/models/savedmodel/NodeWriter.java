package io.github.rankfold.models.savedmodel;

import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Writes the nodes that this project adds to a graph, in one spelling of attributes. */
public final class NodeWriter {
  private final NodeDef.Builder node;
  private final Set<String> waits = new LinkedHashSet<>();

  private NodeWriter(String name, String operation) {
    this.node = NodeDef.newBuilder().setName(name).setOp(operation);
  }

  /** Starts a node. */
  public static NodeWriter node(String name, String operation) {
    return new NodeWriter(name, operation);
  }

  /** A node that does nothing but wait for others. */
  static NodeDef noOp(String name, Collection<String> waitsFor) {
    NodeWriter writer = node(name, "NoOp");
    waitsFor.stream().distinct().forEach(other -> writer.node.addInput("^" + other));
    return writer.build();
  }

  /** A constant list of texts, or a single one where {@code scalar}. */
  static NodeDef strings(String name, List<String> values, boolean scalar) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(DataType.DT_STRING);
    values.forEach(value -> tensor.addStringVal(ByteString.copyFromUtf8(value)));
    TensorShapeProto.Builder shape = tensor.getTensorShapeBuilder();
    if (!scalar) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(values.size()));
    }
    return constant(name, tensor.build());
  }

  /** A constant of any type. */
  public static NodeDef constant(String name, TensorProto value) {
    return node(name, "Const")
        .type("dtype", value.getDtype())
        .attr("value", AttrValue.newBuilder().setTensor(value).build())
        .build();
  }

  /** A constant of 32-bit integers in this shape, row-major. */
  public static NodeDef integers(String name, List<Integer> shape, int... values) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(DataType.DT_INT32);
    for (int value : values) {
      tensor.addIntVal(value);
    }
    TensorShapeProto.Builder dims = tensor.getTensorShapeBuilder();
    shape.forEach(size -> dims.addDim(TensorShapeProto.Dim.newBuilder().setSize(size)));
    return constant(name, tensor.build());
  }

  /** A resource variable of this type and shape; its shared name is the node's. */
  public static NodeDef variable(String name, DataType dtype, int... shape) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (int size : shape) {
      dims.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return node(name, "VarHandleOp")
        .type("dtype", dtype)
        .attr("shape", AttrValue.newBuilder().setShape(dims).build())
        .attr("shared_name", AttrValue.newBuilder().setS(ByteString.copyFromUtf8(name)).build())
        .build();
  }

  /** The value of a resource variable. */
  public static NodeDef read(String name, String variable, DataType dtype) {
    return node(name, "ReadVariableOp").input(variable).type("dtype", dtype).build();
  }

  public NodeWriter input(String tensor) {
    node.addInput(tensor);
    return this;
  }

  public NodeWriter input(TensorRef tensor) {
    return input(tensor.asInput());
  }

  /** Adds a control edge, written {@code ^node}; they follow all inputs, whenever added. */
  public NodeWriter waitFor(String controlInput) {
    waits.add(controlInput);
    return this;
  }

  public NodeWriter device(String device) {
    node.setDevice(device);
    return this;
  }

  public NodeWriter type(String attribute, DataType type) {
    return attr(attribute, AttrValue.newBuilder().setType(type).build());
  }

  public NodeWriter flag(String attribute, boolean value) {
    return attr(attribute, AttrValue.newBuilder().setB(value).build());
  }

  NodeWriter types(String attribute, Collection<DataType> types) {
    AttrValue.ListValue.Builder list = AttrValue.ListValue.newBuilder().addAllType(types);
    return attr(attribute, AttrValue.newBuilder().setList(list).build());
  }

  public NodeWriter text(String attribute, String value) {
    return attr(attribute, AttrValue.newBuilder().setS(ByteString.copyFromUtf8(value)).build());
  }

  public NodeWriter attr(String attribute, AttrValue value) {
    node.putAttr(attribute, value);
    return this;
  }

  public NodeDef build() {
    return node.addAllInput(waits).build();
  }
}
