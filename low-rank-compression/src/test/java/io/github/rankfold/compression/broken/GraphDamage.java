package io.github.rankfold.compression.broken;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.AttrValue.ValueCase;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Ways to damage nodes: their names, inputs, operations, attributes and constants. */
final class GraphDamage {
  private static final List<String> OPERATIONS =
      List.of(
          "NoSuchOperation",
          "NoOp",
          "MatMul",
          "Concat",
          "ConcatV2",
          "AddN",
          "IdentityN",
          "Const",
          "VarHandleOp",
          "Placeholder",
          "Reshape",
          "While",
          "If",
          "Switch",
          "Merge",
          "Enter",
          "NextIteration",
          "_Arg",
          "_Retval",
          "_Send",
          "_Recv",
          "Einsum",
          "Conv2D",
          "GatherV2",
          "ResourceGather",
          "ReadVariableOp",
          "AssignVariableOp",
          "StatefulPartitionedCall",
          "PartitionedCall",
          "SymbolicGradient",
          "TensorListReserve",
          "Fill",
          "Range",
          "RestoreV2",
          "Conv2DBackpropInput",
          "DepthwiseConv2dNative",
          "BatchMatMulV2",
          "StridedSlice",
          "Split",
          "VariableV2",
          "Assign",
          "Softmax",
          "Unpack",
          "Case",
          "ParseExample",
          "Bitcast",
          "");

  private static final List<String> ODD_INPUTS =
      List.of(
          "",
          ":",
          ":0",
          "^",
          "a:b:c",
          "x:-1",
          "x:99999999999",
          "^^x",
          "x:",
          " ",
          "no/such/node",
          "no/such/node:3",
          "^no/such/node",
          "\u0000",
          "x:0:0");

  private GraphDamage() {}

  static Map<String, Consumer<Nodes>> all() {
    Map<String, Consumer<Nodes>> ways = new LinkedHashMap<>();
    structure(ways);
    attributes(ways);
    constants(ways);
    return ways;
  }

  private static void structure(Map<String, Consumer<Nodes>> ways) {
    ways.put(
        "drop node",
        n -> {
          if (n.graph().getNodeCount() > 0) {
            n.graph().removeNode(n.random().nextInt(n.graph().getNodeCount()));
          }
        });
    ways.put(
        "drop node of a function",
        n -> {
          if (n.library().getFunctionCount() > 0) {
            var function =
                n.library().getFunctionBuilder(n.random().nextInt(n.library().getFunctionCount()));
            if (function.getNodeDefCount() > 0) {
              function.removeNodeDef(n.random().nextInt(function.getNodeDefCount()));
            }
          }
        });
    ways.put("rename node", n -> n.any().setName("renamed"));
    ways.put("odd node name", n -> n.any().setName(n.pick(ODD_INPUTS)));
    ways.put("long node name", n -> n.any().setName("x".repeat(1 << 20)));
    ways.put("duplicate node", n -> n.graph().addNode(n.any().build()));
    ways.put(
        "duplicate all nodes", n -> n.graph().addAllNode(List.copyOf(n.graph().getNodeList())));
    ways.put("odd input", n -> change(n, n.pick(ODD_INPUTS)));
    ways.put("wrong output", n -> change(n, n.name() + ":" + n.random().nextInt(1, 2000)));
    ways.put("other input", n -> change(n, n.name()));
    ways.put(
        "self input",
        n -> {
          NodeDef.Builder node = n.withInput();
          setInput(n, node, node.getName());
        });
    ways.put(
        "cycle of two",
        n -> {
          NodeDef.Builder node = n.withInput();
          String back = node.getName();
          String to = node.getInputCount() == 0 ? "" : node.getInput(0);
          n.graph().getNodeBuilderList().stream()
              .filter(other -> other.getName().equals(to))
              .findFirst()
              .ifPresent(other -> other.addInput(back));
        });
    ways.put("long cycle", n -> n.any(node -> node.getInputCount() == 0).addInput(lastName(n)));
    ways.put("control cycle", n -> n.any().addInput("^" + lastName(n)));
    ways.put("swap inputs", n -> reorder(n, Collections::reverse));
    ways.put("drop input", n -> reorder(n, inputs -> inputs.remove(inputs.size() - 1)));
    ways.put("drop all inputs", n -> n.withInput().clearInput());
    ways.put("repeat input", n -> reorder(n, inputs -> inputs.add(inputs.get(0))));
    ways.put("thousand inputs", n -> addInputs(n, 1000));
    ways.put("control before data", n -> reorder(n, inputs -> inputs.add(0, "^" + n.name())));
    ways.put("other operation", n -> n.any().setOp(n.pick(OPERATIONS)));
    ways.put(
        "other operation, no attributes", n -> n.withInput().setOp(n.pick(OPERATIONS)).clearAttr());
    ways.put(
        "odd device",
        n -> n.any().setDevice(n.pick(List.of("/gpu:x", "x", "/job:a/task:b", "/device:GPU:99"))));
    ways.put("no nodes", n -> n.graph().clearNode());
    ways.put(
        "deep chain",
        n -> {
          String previous =
              n.random().nextBoolean()
                  ? n.name()
                  : n.any(node -> node.getOp().equals("Placeholder")).getName();
          for (int i = 0; i < 20_000; i++) {
            String name = "deep_" + i;
            n.graph()
                .addNode(
                    NodeDef.newBuilder()
                        .setName(name)
                        .setOp("Identity")
                        .addInput(previous)
                        .putAttr("T", type(DataType.DT_FLOAT)));
            previous = name;
          }
          change(n, previous);
        });
    ways.put(
        "odd versions",
        n ->
            n.graph()
                .getVersionsBuilder()
                .setProducer(n.pick(List.of(-1, 0, 1, 20, Integer.MAX_VALUE)))
                .setMinConsumer(n.pick(List.of(0, -1, 9999)))
                .addBadConsumers(n.pick(List.of(1, 1882, 1987))));
    ways.put(
        "odd colocation",
        n ->
            n.any()
                .putAttr(
                    "_class",
                    AttrValue.newBuilder()
                        .setList(
                            AttrValue.ListValue.newBuilder()
                                .addS(ByteString.copyFromUtf8("loc:@" + n.pick(ODD_INPUTS))))
                        .build()));
  }

  private static void attributes(Map<String, Consumer<Nodes>> ways) {
    ways.put("drop attributes", n -> n.any(node -> node.getAttrCount() > 0).clearAttr());
    ways.put(
        "drop attribute",
        n -> {
          NodeDef.Builder node = n.any(candidate -> candidate.getAttrCount() > 0);
          List<String> names = node.getAttrMap().keySet().stream().sorted().toList();
          if (!names.isEmpty()) {
            node.removeAttr(n.pick(names));
          }
        });
    ways.put(
        "attribute of the wrong kind",
        n -> {
          NodeDef.Builder node = n.any(candidate -> candidate.getAttrCount() > 0);
          for (String name : node.getAttrMap().keySet().stream().sorted().toList()) {
            if (n.random().nextBoolean()) {
              node.putAttr(name, n.pick(oddValues()));
            }
          }
        });
    ways.put("unknown attribute", n -> n.any().putAttr("no_such_attribute", n.pick(oddValues())));
    ways.put("other type", n -> n.attribute(ValueCase.TYPE, v -> v.setType(anyType(n))));
    ways.put(
        "type of no number",
        n ->
            n.attribute(
                ValueCase.TYPE, v -> v.setTypeValue(n.pick(List.of(-1, 0, 99, 133, 1 << 30)))));
    ways.put("odd number", n -> n.attribute(ValueCase.I, v -> v.setI(n.oddSize())));
    ways.put("flip flag", n -> n.attribute(ValueCase.B, v -> v.setB(!v.getB())));
    ways.put(
        "odd text",
        n ->
            n.attribute(
                ValueCase.S,
                v ->
                    v.setS(
                        n.pick(
                            List.of(
                                ByteString.EMPTY,
                                ByteString.copyFromUtf8("NCHW"),
                                ByteString.copyFromUtf8("NCHW_VECT_C"),
                                ByteString.copyFromUtf8("->"),
                                ByteString.copyFromUtf8("ab,bc->aac"),
                                ByteString.copyFromUtf8("a...b...,b->"),
                                ByteString.copyFromUtf8("../../x"),
                                ByteString.copyFromUtf8("x".repeat(100_000)),
                                ByteString.copyFrom(new byte[] {-1, -2, 0, 3}))))));
    ways.put(
        "odd equation",
        n ->
            n.any(node -> node.getOp().equals("Einsum"))
                .putAttr(
                    "equation",
                    text(
                        n.pick(
                            List.of(
                                "",
                                "->",
                                "ab->ba",
                                "ab,bc,cd->ad",
                                "a,b",
                                "ij,jk->",
                                "a.b,bc->ac",
                                "ab,cd->abcd",
                                "...a,ab->...b",
                                "1,2->3",
                                "ab,bc->az")))));
    ways.put(
        "odd shape",
        n ->
            n.attribute(
                ValueCase.SHAPE,
                v -> {
                  v.getShapeBuilder().clearDim();
                  int axes = n.pick(List.of(0, 1, 2, 4, 254, 255, 300));
                  for (int i = 0; i < axes; i++) {
                    v.getShapeBuilder()
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(n.oddSize()));
                  }
                }));
    ways.put(
        "shape of unknown rank with sizes",
        n -> n.attribute(ValueCase.SHAPE, v -> v.getShapeBuilder().setUnknownRank(true)));
    ways.put(
        "odd list",
        n ->
            n.attribute(
                ValueCase.LIST,
                v -> {
                  AttrValue.ListValue.Builder list = v.getListBuilder();
                  for (int i = 0; i < list.getICount(); i++) {
                    list.setI(i, n.oddSize());
                  }
                  for (int i = 0; i < list.getTypeCount(); i++) {
                    list.setType(i, anyType(n));
                  }
                  for (int i = 0; i < list.getShapeCount(); i++) {
                    list.getShapeBuilder(i)
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(n.oddSize()));
                  }
                }));
    ways.put("empty list", n -> n.attribute(ValueCase.LIST, AttrValue.Builder::clearList));
    ways.put(
        "longer list",
        n ->
            n.attribute(
                ValueCase.LIST,
                v -> {
                  AttrValue.ListValue list = v.getList();
                  v.getListBuilder().mergeFrom(list);
                }));
    ways.put(
        "odd strides",
        n ->
            n.any(node -> node.containsAttr("strides"))
                .putAttr("strides", numbers(n.oddSize(), n.oddSize(), n.oddSize(), n.oddSize())));
    ways.put(
        "other function",
        n ->
            n.attribute(
                ValueCase.FUNC,
                v ->
                    v.getFuncBuilder()
                        .setName(
                            n.library().getFunctionCount() == 0 || n.random().nextInt(4) == 0
                                ? "no_such_function"
                                : n.pick(n.library().getFunctionList()).getSignature().getName())));
  }

  private static void constants(Map<String, Consumer<Nodes>> ways) {
    ways.put("constant shorter than its shape", n -> constant(n, GraphDamage::halve));
    ways.put(
        "constant of huge shape",
        n ->
            constant(
                n,
                tensor -> {
                  for (int i = 0; i < n.random().nextInt(1, 5); i++) {
                    tensor
                        .getTensorShapeBuilder()
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(n.oddSize()));
                  }
                }));
    ways.put(
        "one value for a huge shape",
        n ->
            constant(
                n,
                tensor ->
                    tensor
                        .clear()
                        .setDtype(DataType.DT_FLOAT)
                        .addFloatVal(1)
                        .getTensorShapeBuilder()
                        .addDim(
                            TensorShapeProto.Dim.newBuilder()
                                .setSize(n.pick(List.of(1L << 29, 1L << 36, 1L << 40))))));
    ways.put("constant of another type", n -> constant(n, t -> t.setDtype(anyType(n))));
    ways.put("constant without value", n -> constant(n, TensorProto.Builder::clear));
    ways.put(
        "constant with odd numbers",
        n ->
            constant(
                n,
                tensor -> {
                  if (tensor.getDtype() == DataType.DT_INT32) {
                    byte[] content = tensor.getTensorContent().toByteArray();
                    n.random().nextBytes(content);
                    tensor.setTensorContent(ByteString.copyFrom(content));
                    for (int i = 0; i < tensor.getIntValCount(); i++) {
                      tensor.setIntVal(i, (int) n.oddSize());
                    }
                  }
                }));
    ways.put(
        "constant with small odd numbers",
        n -> {
          NodeDef.Builder node =
              n.any(
                  candidate ->
                      candidate.getOp().equals("Const")
                          && candidate
                                  .getAttrOrDefault("dtype", AttrValue.getDefaultInstance())
                                  .getType()
                              == DataType.DT_INT32);
          if (node.getOp().equals("Const")) {
            TensorProto.Builder tensor = node.getAttrOrThrow("value").getTensor().toBuilder();
            byte[] content = new byte[tensor.getTensorContent().size()];
            for (int i = 0; i + 3 < content.length; i += 4) {
              int value = n.random().nextInt(-3, 5);
              for (int b = 0; b < 4; b++) {
                content[i + b] = (byte) (value >> (8 * b));
              }
            }
            tensor.setTensorContent(ByteString.copyFrom(content));
            for (int i = 0; i < tensor.getIntValCount(); i++) {
              tensor.setIntVal(i, n.random().nextInt(-3, 5));
            }
            node.putAttr("value", AttrValue.newBuilder().setTensor(tensor).build());
          }
        });
    ways.put(
        "constant with text in its numbers",
        n -> constant(n, t -> t.addStringVal(ByteString.copyFromUtf8("x")).setVersionNumber(99)));
  }

  private static void halve(TensorProto.Builder tensor) {
    ByteString content = tensor.getTensorContent();
    tensor.setTensorContent(content.substring(0, content.size() / 2));
  }

  private static void constant(Nodes n, Consumer<TensorProto.Builder> change) {
    NodeDef.Builder node = n.any(candidate -> candidate.getOp().equals("Const"));
    AttrValue.Builder value =
        node.getAttrOrDefault("value", AttrValue.getDefaultInstance()).toBuilder();
    change.accept(value.getTensorBuilder());
    node.setOp("Const").putAttr("value", value.build());
  }

  private static String lastName(Nodes n) {
    int count = n.graph().getNodeCount();
    return count == 0 ? "nothing" : n.graph().getNode(count - 1).getName();
  }

  private static void change(Nodes n, String input) {
    setInput(n, n.withInput(), input);
  }

  private static void setInput(Nodes n, NodeDef.Builder node, String input) {
    if (node.getInputCount() == 0) {
      node.addInput(input);
    } else {
      node.setInput(n.random().nextInt(node.getInputCount()), input);
    }
  }

  private static void reorder(Nodes n, Consumer<List<String>> change) {
    NodeDef.Builder node = n.withInput();
    List<String> inputs = new ArrayList<>(node.getInputList());
    if (!inputs.isEmpty()) {
      change.accept(inputs);
    }
    node.clearInput().addAllInput(inputs);
  }

  private static void addInputs(Nodes n, int count) {
    n.withInput().addAllInput(Collections.nCopies(count, n.name()));
  }

  private static DataType anyType(Nodes n) {
    return n.pick(
        List.of(DataType.values()).stream()
            .filter(type -> type != DataType.UNRECOGNIZED)
            .collect(Collectors.toList()));
  }

  private static List<AttrValue> oddValues() {
    return List.of(
        AttrValue.getDefaultInstance(),
        AttrValue.newBuilder().setI(1L << 40).build(),
        AttrValue.newBuilder().setF(Float.NaN).build(),
        AttrValue.newBuilder().setB(true).build(),
        text("x"),
        type(DataType.DT_INVALID),
        type(DataType.DT_VARIANT),
        numbers(-1, 0, 1L << 40),
        AttrValue.newBuilder().setPlaceholder("T").build(),
        AttrValue.newBuilder().setTensor(TensorProto.getDefaultInstance()).build(),
        AttrValue.newBuilder().setShape(TensorShapeProto.getDefaultInstance()).build(),
        AttrValue.newBuilder()
            .setFunc(org.tensorflow.proto.NameAttrList.newBuilder().setName("no_such_function"))
            .build());
  }

  static AttrValue type(DataType type) {
    return AttrValue.newBuilder().setType(type).build();
  }

  private static AttrValue text(String value) {
    return AttrValue.newBuilder().setS(ByteString.copyFromUtf8(value)).build();
  }

  private static AttrValue numbers(long... values) {
    AttrValue.ListValue.Builder list = AttrValue.ListValue.newBuilder();
    for (long value : values) {
      list.addI(value);
    }
    return AttrValue.newBuilder().setList(list).build();
  }
}
