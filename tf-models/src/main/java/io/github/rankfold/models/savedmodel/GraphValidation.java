package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * Refuses graphs that would end the process or fill its memory when TensorFlow gets them.
 *
 * <p>TensorFlow answers most of what can be wrong with an error. What is checked here are the cases
 * where it does not, found by trying thousands of broken models: list lengths that it allocates
 * before it counts, functions that do not exist or end, constants that grow when they are read.
 */
final class GraphValidation {
  /** More than any operation of a real graph has inputs or outputs. */
  private static final long MAX_LIST = 100_000;

  /** A name is repeated in those of all nodes that inlining puts under it. */
  private static final int MAX_NAME = 10_000;

  private final OperationRegistry registry;
  private final Map<String, NodeDef> nodes = new HashMap<>();
  private final Map<String, OpDef> functions = new HashMap<>();
  private final ConstantSizes constants = new ConstantSizes();

  private GraphValidation(GraphDef graph, OperationRegistry registry) {
    graph.getNodeList().forEach(node -> nodes.put(node.getName(), node));
    this.registry = registry;
    for (FunctionDef function : graph.getLibrary().getFunctionList()) {
      functions.put(function.getSignature().getName(), function.getSignature());
    }
  }

  /** Returns where the graph can be given to TensorFlow; the message names the node where not. */
  static void check(MetaGraphDef metaGraph, OperationRegistry registry) {
    GraphValidation validation = new GraphValidation(metaGraph.getGraphDef(), registry);
    validation.checkNodes(metaGraph.getGraphDef().getNodeList(), "");
    for (FunctionDef function : metaGraph.getGraphDef().getLibrary().getFunctionList()) {
      validation.checkNodes(
          function.getNodeDefList(), "function " + function.getSignature().getName() + ": ");
    }
    GraphLimits.check(metaGraph.getGraphDef());
    metaGraph.getSignatureDefMap().forEach(validation::checkSignature);
    SavedModelFolder.assets(metaGraph).forEach(validation::checkAsset);
  }

  private void checkNodes(List<NodeDef> body, String where) {
    for (NodeDef node : body) {
      checkName(node.getName(), where);
      String at = where + "node " + node.getName();
      checkConstant(node, at);
      for (AttrValue value : node.getAttrMap().values()) {
        constants.add(value, at);
      }
      OpDef definition = registry.find(node.getOp());
      if (definition != null) {
        checkLists(node, definition, at);
        checkInputs(node, definition, at);
        checkFunctions(node, definition, at);
      }
    }
  }

  private static void checkName(String name, String where) {
    if (name.length() > MAX_NAME) {
      throw new InvalidInputException(
          "%snode %s...: expected a name of at most %d characters, found %d"
              .formatted(where, name.substring(0, 50), MAX_NAME, name.length()));
    }
  }

  /** Shape inference in functions reads a constant as the type that the node says. */
  private static void checkConstant(NodeDef node, String at) {
    if (node.getOp().equals("Const") && node.containsAttr("value") && node.containsAttr("dtype")) {
      int expected = node.getAttrOrThrow("dtype").getTypeValue();
      int found = node.getAttrOrThrow("value").getTensor().getDtypeValue();
      if (expected != found) {
        throw new InvalidInputException(
            "%s: expected a constant of type %s, found %s"
                .formatted(at, DataType.forNumber(expected), DataType.forNumber(found)));
      }
    }
  }

  private static void checkLists(NodeDef node, OpDef definition, String at) {
    for (OpDef.AttrDef attribute : definition.getAttrList()) {
      String name = attribute.getName();
      boolean counts =
          definition.getInputArgList().stream().anyMatch(a -> a.getNumberAttr().equals(name))
              || definition.getOutputArgList().stream()
                  .anyMatch(a -> a.getNumberAttr().equals(name));
      long length = node.getAttrOrDefault(name, AttrValue.getDefaultInstance()).getI();
      if (counts && (length < 0 || length > MAX_LIST)) {
        throw new InvalidInputException(
            "%s: expected a number of tensors from 0 to %d as %s, found %d"
                .formatted(at, MAX_LIST, name, length));
      }
    }
  }

  private static void checkInputs(NodeDef node, OpDef definition, String at) {
    long expected = 0;
    for (OpDef.ArgDef input : definition.getInputArgList()) {
      expected += width(input, node, definition);
    }
    long found = node.getInputList().stream().filter(input -> !TensorRef.isControl(input)).count();
    if (found != expected) {
      throw new InvalidInputException(
          "%s: expected %d inputs of %s, found %d".formatted(at, expected, node.getOp(), found));
    }
  }

  /** As {@link OperationRegistry#width}, of a node that may leave an attribute at its default. */
  private static long width(OpDef.ArgDef argument, NodeDef node, OpDef definition) {
    boolean listed = !argument.getTypeListAttr().isEmpty();
    String name = listed ? argument.getTypeListAttr() : argument.getNumberAttr();
    if (name.isEmpty()) {
      return 1;
    }
    AttrValue standard =
        definition.getAttrList().stream()
            .filter(attribute -> attribute.getName().equals(name))
            .map(OpDef.AttrDef::getDefaultValue)
            .findFirst()
            .orElse(AttrValue.getDefaultInstance());
    AttrValue value = node.getAttrOrDefault(name, standard);
    return listed ? value.getList().getTypeCount() : value.getI();
  }

  private void checkFunctions(NodeDef node, OpDef definition, String at) {
    for (OpDef.AttrDef attribute : definition.getAttrList()) {
      AttrValue value = node.getAttrOrDefault(attribute.getName(), AttrValue.getDefaultInstance());
      if (attribute.getType().equals("func") && value.hasFunc()) {
        checkFunction(node, attribute.getName(), value.getFunc().getName(), at);
      } else if (attribute.getType().equals("list(func)")) {
        value
            .getList()
            .getFuncList()
            .forEach(f -> checkFunction(node, attribute.getName(), f.getName(), at));
      }
    }
  }

  private void checkFunction(NodeDef node, String role, String name, String at) {
    OpDef signature = functions.get(name);
    if (signature == null) {
      throw new InvalidInputException(
          "%s: expected a function of the graph's library as %s, found '%s'"
              .formatted(at, role, name));
    }
    boolean loop = node.getOp().equals("While") || node.getOp().equals("StatelessWhile");
    boolean branch = List.of("If", "StatelessIf", "Case", "StatelessCase").contains(node.getOp());
    if (loop || branch) {
      int inputs = types(node, loop ? "T" : "Tin");
      int outputs = role.equals("cond") ? 1 : types(node, loop ? "T" : "Tout");
      if (signature.getInputArgCount() != inputs || signature.getOutputArgCount() != outputs) {
        throw new InvalidInputException(
            "%s: expected a function from %d to %d tensors as %s, found %s from %d to %d"
                .formatted(
                    at,
                    inputs,
                    outputs,
                    role,
                    name,
                    signature.getInputArgCount(),
                    signature.getOutputArgCount()));
      }
    }
  }

  private static int types(NodeDef node, String attribute) {
    return node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance())
        .getList()
        .getTypeCount();
  }

  private void checkSignature(String key, SignatureDef signature) {
    if (key.equals(SavedModelFolder.INIT_OP_SIGNATURE)) {
      return;
    }
    String at = "signature " + key + ": ";
    signature.getInputsMap().forEach((name, info) -> checkTensor(info, at + name));
    signature.getOutputsMap().forEach((name, info) -> checkTensor(info, at + name));
  }

  private void checkAsset(AssetFileDef asset) {
    checkTensor(asset.getTensorInfo(), "asset " + asset.getFilename());
  }

  private void checkTensor(TensorInfo info, String at) {
    if (info.getEncodingCase() != TensorInfo.EncodingCase.NAME) {
      throw new InvalidInputException(
          "%s: expected a dense tensor, found %s".formatted(at, info.getEncodingCase()));
    }
    TensorRef tensor = TensorRef.parse(info.getName());
    NodeDef node = nodes.get(tensor.node());
    if (node == null || tensor.index() >= outputs(node)) {
      throw new InvalidInputException(
          "%s: expected a tensor of the graph, found '%s'".formatted(at, info.getName()));
    }
  }

  private int outputs(NodeDef node) {
    @Nullable OpDef definition =
        registry.find(node.getOp()) == null
            ? functions.get(node.getOp())
            : registry.find(node.getOp());
    int outputs = 0;
    if (definition != null) {
      for (OpDef.ArgDef output : definition.getOutputArgList()) {
        outputs += OperationRegistry.width(output, node);
      }
    }
    return outputs;
  }
}
