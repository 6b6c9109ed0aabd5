package io.github.rankfold.compression;

import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.FunctionBody;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A While loop with factors in the place of kernels: the kernel's slot carries the left factor, a
 * new slot at the end the right one, and each product in the body becomes two.
 */
final class LoopRewriter {
  private final NodeDef loop;
  private final List<String> inputs = new ArrayList<>();
  private final List<String> waits = new ArrayList<>();
  private final List<DataType> types;

  /** The argument that carries the right factor, by the slot that carries the left one. */
  private final Map<Integer, String> rightArguments = new HashMap<>();

  private boolean leftByValue;
  private FunctionBody body;
  private FunctionBody condition;

  LoopRewriter(FlatGraph graph, NodeDef loop) {
    this.loop = loop;
    this.body = graph.functionBody(loop, "body").orElseThrow();
    this.condition = graph.functionBody(loop, "cond").orElseThrow();
    this.types = new ArrayList<>(loop.getAttrOrThrow("T").getList().getTypeList());
    for (String input : loop.getInputList()) {
      (input.startsWith("^") ? waits : inputs).add(input);
    }
  }

  /** Replaces one product; the second one of a slot shares its new argument. */
  void replace(KernelUse use, FactorNodes factors) {
    int slot = use.loop().orElseThrow().slot();
    boolean byHandle = types.get(slot) == DataType.DT_RESOURCE && factors.table().isEmpty();
    if (types.get(slot) == DataType.DT_RESOURCE && !byHandle) {
      carryLeftByValue(slot, use, factors);
    }
    String right = rightArguments.computeIfAbsent(slot, k -> addArgument(slot, byHandle, factors));
    NodeDef product = Objects.requireNonNull(body.nodes().get(use.operation()));
    List<NodeDef> changed = new ArrayList<>();
    TensorRef rightValue = new TensorRef(right, 0);
    if (byHandle) {
      String read = right + "/Read";
      changed.add(NodeWriter.read(read, right, product.getAttrOrThrow("T").getType()));
      rightValue = new TensorRef(read, 0);
    }
    TensorRef leftValue = TensorRef.parse(product.getInput(1));
    String inner = product.getName() + "/left";
    changed.addAll(
        new ProductRewriter(
                product, inner, leftValue, Optional.empty(), rightValue, ConvolutionForm.CHANNEL)
            .nodes(use, factors));
    body = body.with(changed);
  }

  /** Made wider before the loop rather than in each of its steps: the handle's slot only stays. */
  private void carryLeftByValue(int slot, KernelUse use, FactorNodes factors) {
    if (rightArguments.containsKey(slot)) {
      return;
    }
    String argument = List.copyOf(body.arguments().keySet()).get(slot);
    DataType type =
        Objects.requireNonNull(body.nodes().get(use.operation())).getAttrOrThrow("T").getType();
    leftByValue = true;
    String left = "rankfold_left_" + slot;
    carry(left, factors.left().asInput(), type);
    List<NodeDef> reads = new ArrayList<>();
    for (NodeDef node : body.nodes().values()) {
      if (node.getOp().equals("ReadVariableOp")
          && TensorRef.parse(node.getInput(0)).equals(new TensorRef(argument, 0))) {
        reads.add(
            NodeWriter.node(node.getName(), "Identity")
                .input(new TensorRef(left, 0))
                .type("T", type)
                .build());
      }
    }
    body = body.with(reads);
  }

  private String addArgument(int slot, boolean byHandle, FactorNodes factors) {
    String name = "rankfold_right_" + slot;
    boolean handleStays = types.get(slot) == DataType.DT_RESOURCE;
    inputs.set(slot, handleStays ? factors.leftHandle() : factors.left().asInput());
    if (byHandle) {
      carry(name, factors.rightHandle(), types.get(slot));
    } else {
      DataType type = handleStays ? types.get(types.size() - 1) : types.get(slot);
      carry(name, factors.right().asInput(), type);
    }
    return name;
  }

  private void carry(String argument, String input, DataType type) {
    inputs.add(input);
    types.add(type);
    body = body.withArgument(argument, type, true);
    condition = condition.withArgument(argument, type, false);
  }

  /** The new While node; its functions are added to {@code functions}. */
  NodeDef rewritten(List<FunctionDef> functions) {
    String bodyName = addFunction("body", body, functions);
    String conditionName = addFunction("cond", condition, functions);
    NodeDef.Builder node = loop.toBuilder().clearInput().addAllInput(inputs).addAllInput(waits);
    AttrValue.ListValue.Builder typeList = AttrValue.ListValue.newBuilder().addAllType(types);
    node.putAttr("T", AttrValue.newBuilder().setList(typeList).build());
    node.putAttr("body", named(loop.getAttrOrThrow("body"), bodyName));
    node.putAttr("cond", named(loop.getAttrOrThrow("cond"), conditionName));
    if (loop.getAttrOrDefault("output_shapes", AttrValue.getDefaultInstance())
            .getList()
            .getShapeCount()
        > 0) {
      node.putAttr("output_shapes", shapes());
    }
    return node.build();
  }

  private String addFunction(String role, FunctionBody function, List<FunctionDef> functions) {
    // A session may hold this loop with factors by handle beside the one with factors by value.
    String suffix = leftByValue ? "_rankfold_values" : "_rankfold";
    String name = loop.getAttrOrThrow(role).getFunc().getName() + suffix;
    // Two loops may share a body and carry different kernels through it.
    while (isTaken(function.toFunction(name), functions)) {
      name += "_";
    }
    functions.add(function.toFunction(name));
    return name;
  }

  private static boolean isTaken(FunctionDef wanted, List<FunctionDef> functions) {
    return functions.stream()
        .anyMatch(
            other ->
                other.getSignature().getName().equals(wanted.getSignature().getName())
                    && !other.equals(wanted));
  }

  private static AttrValue named(AttrValue function, String name) {
    AttrValue.Builder result = function.toBuilder();
    result.getFuncBuilder().setName(name);
    return result.build();
  }

  /** As they were, but unknown for the slots that carry factors. */
  private AttrValue shapes() {
    TensorShapeProto unknown = TensorShapeProto.newBuilder().setUnknownRank(true).build();
    AttrValue.ListValue.Builder shapes = loop.getAttrOrThrow("output_shapes").getList().toBuilder();
    rightArguments
        .keySet()
        .forEach(
            slot -> {
              if (types.get(slot) != DataType.DT_RESOURCE) {
                shapes.setShape(slot, unknown);
              }
            });
    for (int i = shapes.getShapeCount(); i < types.size(); i++) {
      shapes.addShape(
          types.get(i) == DataType.DT_RESOURCE ? TensorShapeProto.getDefaultInstance() : unknown);
    }
    return AttrValue.newBuilder().setList(shapes).build();
  }
}
