package io.github.rankfold.compression.rewriting;

import com.google.protobuf.CodedOutputStream;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.FunctionBody;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
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
  private final FlatGraph graph;
  private final NodeDef loop;
  private final List<String> inputs = new ArrayList<>();
  private final List<String> waits = new ArrayList<>();
  private final List<DataType> types;

  /** The argument that carries the right factor, by the slot that carries the left one. */
  private final Map<Integer, String> rightArguments = new HashMap<>();

  private boolean byValue;
  private FunctionBody body;
  private FunctionBody condition;

  LoopRewriter(FlatGraph graph, NodeDef loop) {
    this.graph = graph;
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
    if (types.get(slot) == DataType.DT_RESOURCE && factors.table().isPresent()) {
      NodeDef product = Objects.requireNonNull(body.nodes().get(use.operation()));
      carryByValue(slot, product.getAttrOrThrow("T").getType());
    }
    boolean byHandle = types.get(slot) == DataType.DT_RESOURCE;
    String right = rightArguments.computeIfAbsent(slot, k -> addArgument(slot, byHandle, factors));
    NodeDef product = Objects.requireNonNull(body.nodes().get(use.operation()));
    List<NodeDef> changed = new ArrayList<>();
    TensorRef rightValue = new TensorRef(right, 0);
    if (byHandle) {
      String read = unused(right + "/Read");
      changed.add(NodeWriter.read(read, right, product.getAttrOrThrow("T").getType()));
      rightValue = new TensorRef(read, 0);
    }
    TensorRef leftValue = TensorRef.parse(product.getInput(1));
    String inner = unused(product.getName() + "/left");
    changed.addAll(
        new ProductRewriter(
                product,
                inner,
                leftValue,
                Optional.empty(),
                rightValue,
                ConvolutionForm.CHANNEL,
                ProductRewriter.Interpolated.not())
            .nodes(use, factors));
    body = body.with(changed);
  }

  /** A name like {@code wanted} that is new to both functions: a model may be compressed again. */
  private String unused(String wanted) {
    String name = wanted;
    while (has(body, name) || has(condition, name)) {
      name += "_factor";
    }
    return name;
  }

  private static boolean has(FunctionBody function, String name) {
    return function.nodes().containsKey(name) || function.arguments().containsKey(name);
  }

  /**
   * The slot of a handle becomes one of a value: what is stored in fewer bits is made wider before
   * the loop, not in each of its steps.
   */
  private void carryByValue(int slot, DataType type) {
    byValue = true;
    Set<String> handles = new HashSet<>();
    handles.add(List.copyOf(body.arguments().keySet()).get(slot));
    types.set(slot, type);
    body = body.withArgumentOfType(slot, type, true);
    condition = condition.withArgumentOfType(slot, type, false);
    List<NodeDef> changed = new ArrayList<>();
    boolean more = true;
    while (more) { // an Identity of the handle is read as the handle is
      more = false;
      for (NodeDef node : body.nodes().values()) {
        boolean passes = node.getOp().equals("Identity") || node.getOp().equals("ReadVariableOp");
        if (passes
            && handles.contains(TensorRef.parse(node.getInput(0)).node())
            && handles.add(node.getName())) {
          changed.add(
              NodeWriter.node(node.getName(), "Identity")
                  .input(node.getInput(0))
                  .type("T", type)
                  .build());
          more = true;
        }
      }
    }
    body = body.with(changed);
  }

  private String addArgument(int slot, boolean byHandle, FactorNodes factors) {
    String name = unused("rankfold_right_" + slot);
    inputs.set(slot, byHandle ? factors.leftHandle() : factors.left().asInput());
    inputs.add(byHandle ? factors.rightHandle() : factors.right().asInput());
    types.add(types.get(slot));
    body = body.withArgument(name, types.get(slot), true);
    condition = condition.withArgument(name, types.get(slot), false);
    return name;
  }

  /**
   * Handles of other variables become values too where nothing but values is left then: converters
   * mistake the types of loops that carry both.
   */
  private List<NodeDef> readOutside() {
    List<NodeDef> reads = new ArrayList<>();
    for (int slot = 0; slot < types.size(); slot++) {
      if (types.get(slot) != DataType.DT_RESOURCE) {
        continue;
      }
      TensorRef argument = new TensorRef(List.copyOf(body.arguments().keySet()).get(slot), 0);
      String own = List.copyOf(condition.arguments().keySet()).get(slot);
      List<NodeDef> readers =
          body.nodes().values().stream().filter(node -> takes(node, argument)).toList();
      boolean onlyRead =
          !readers.isEmpty()
              && readers.stream().allMatch(node -> node.getOp().equals("ReadVariableOp"))
              && condition.nodes().values().stream()
                  .noneMatch(node -> takes(node, new TensorRef(own, 0)));
      if (onlyRead) {
        DataType type = readers.get(0).getAttrOrThrow("dtype").getType();
        String read = FactorNodes.unused(graph, loop.getName() + "/rankfold_read_" + slot);
        reads.add(NodeWriter.read(read, inputs.get(slot), type));
        inputs.set(slot, read);
        carryByValue(slot, type);
      }
    }
    return reads;
  }

  private static boolean takes(NodeDef node, TensorRef tensor) {
    return NodeReader.dataInputs(node).contains(tensor);
  }

  /**
   * The new While node, after what it needs; its functions are added to {@code functions}.
   *
   * @return nodes to be added to the graph
   */
  List<NodeDef> rewritten(List<FunctionDef> functions) {
    List<NodeDef> nodes = byValue ? readOutside() : new ArrayList<>();
    nodes.add(loopNode(functions));
    return nodes;
  }

  private NodeDef loopNode(List<FunctionDef> functions) {
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

  /**
   * Named by what it holds: a session may have the same loop with other kernels replaced, or with
   * factors by handle beside one with factors by value, and two loops may share a body and carry
   * different kernels through it.
   */
  private String addFunction(String role, FunctionBody function, List<FunctionDef> functions) {
    String original = loop.getAttrOrThrow(role).getFunc().getName();
    String name = original + "_rankfold_" + checksum(function.toFunction(original));
    FunctionDef named = function.toFunction(name);
    if (!functions.contains(named)) {
      functions.add(named);
    }
    return name;
  }

  private static String checksum(FunctionDef function) {
    byte[] bytes = new byte[function.getSerializedSize()];
    CodedOutputStream target = CodedOutputStream.newInstance(bytes);
    target.useDeterministicSerialization(); // attributes are maps
    try {
      function.writeTo(target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    return "%08x".formatted(checksum.getValue());
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
