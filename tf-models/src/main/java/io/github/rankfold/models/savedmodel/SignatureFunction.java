package io.github.rankfold.models.savedmodel;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * What a signature computes, as a function of its inputs and of the variables that it reads.
 *
 * @param definition first takes the signature's inputs, by their keys in order, then handles of the
 *     variables; gives the signature's outputs, by their keys in order
 * @param variables the shared names of these variables, in the order in which they are taken
 */
record SignatureFunction(FunctionDef definition, List<String> variables) {
  SignatureFunction {
    variables = List.copyOf(variables);
  }

  /**
   * The function of this name; none where the signature needs more than its inputs and resource
   * variables: references, or a placeholder that nothing is fed to.
   */
  static Optional<SignatureFunction> of(FlatGraph graph, SignatureDef signature, String name) {
    return new Reader(graph, signature).read(name);
  }

  private static final class Reader {
    private final FlatGraph graph;
    private final Map<String, TensorInfo> inputs;
    private final Map<String, TensorInfo> outputs;
    private final Map<TensorRef, String> fed = new HashMap<>();
    private final Set<String> fedNodes = new HashSet<>();
    private final Map<String, String> handles = new LinkedHashMap<>();

    Reader(FlatGraph graph, SignatureDef signature) {
      this.graph = graph;
      this.inputs = new TreeMap<>(signature.getInputsMap());
      this.outputs = new TreeMap<>(signature.getOutputsMap());
      for (TensorInfo input : inputs.values()) {
        TensorRef tensor = TensorRef.parse(input.getName());
        fed.put(tensor, unused("input_" + fed.size()));
        fedNodes.add(tensor.node());
      }
    }

    /** Arguments and nodes have their names from one set. */
    private String unused(String wanted) {
      String name = wanted;
      while (graph.contains(name)) {
        name += "_";
      }
      return name;
    }

    Optional<SignatureFunction> read(String name) {
      Set<String> needed = needed();
      List<NodeDef> nodes = new ArrayList<>();
      for (NodeDef node : graph.nodes()) {
        if (!needed.contains(node.getName())) {
          continue;
        }
        boolean variable = NodeReader.isVariable(node);
        if (node.getOp().equals("Placeholder") || (variable && !NodeReader.isResource(node))) {
          return Optional.empty();
        }
        if (variable) {
          handles.putIfAbsent(NodeReader.variableName(node), unused("variable_" + handles.size()));
        } else {
          nodes.add(node);
        }
      }
      if (fed.size() < inputs.size()) {
        return Optional.empty(); // one tensor under two keys
      }
      return Optional.of(
          new SignatureFunction(function(name, nodes), List.copyOf(handles.keySet())));
    }

    /** All that the outputs need, as far as the inputs; waiting for a fed node is not needed. */
    private Set<String> needed() {
      Set<String> found = new LinkedHashSet<>();
      Deque<String> open = new ArrayDeque<>();
      for (TensorInfo output : outputs.values()) {
        reach(TensorRef.parse(output.getName()), found, open);
      }
      while (!open.isEmpty()) {
        for (String input : graph.node(open.pop()).getInputList()) {
          if (!TensorRef.isControl(input)) {
            reach(TensorRef.parse(input), found, open);
          } else if (!isGiven(TensorRef.nodeOf(input)) && found.add(TensorRef.nodeOf(input))) {
            open.push(TensorRef.nodeOf(input));
          }
        }
      }
      return found;
    }

    private void reach(TensorRef tensor, Set<String> found, Deque<String> open) {
      if (!fed.containsKey(tensor) && found.add(tensor.node())) {
        open.push(tensor.node());
      }
    }

    /** Whether a node is there before the function starts. */
    private boolean isGiven(String node) {
      return fedNodes.contains(node) || NodeReader.isVariable(graph.node(node));
    }

    private FunctionDef function(String name, Collection<NodeDef> nodes) {
      FunctionDef.Builder function = FunctionDef.newBuilder();
      OpDef.Builder signature = function.getSignatureBuilder().setName(name);
      inputs.forEach(
          (key, input) -> {
            String argument = argument(TensorRef.parse(input.getName()));
            addArgument(function, argument, input.getDtype(), shape(input.getTensorShape()), key);
          });
      AttrValue scalar = shape(TensorShapeProto.getDefaultInstance());
      handles.forEach(
          (variable, argument) ->
              addArgument(function, argument, DataType.DT_RESOURCE, scalar, variable));
      boolean stateful = false;
      for (NodeDef node : nodes) {
        OpDef operation = OperationRegistry.ofRuntime().find(node.getOp());
        stateful |= operation == null || operation.getIsStateful();
        function.addNodeDef(inFunction(node));
      }
      signature.setIsStateful(stateful);
      outputs
          .values()
          .forEach(
              output -> {
                String result = "output_" + signature.getOutputArgCount();
                signature.addOutputArg(
                    OpDef.ArgDef.newBuilder().setName(result).setType(output.getDtype()));
                function.putRet(result, argument(TensorRef.parse(output.getName())));
              });
      return function.build();
    }

    private static AttrValue shape(TensorShapeProto shape) {
      return AttrValue.newBuilder()
          .setList(AttrValue.ListValue.newBuilder().addShape(shape))
          .build();
    }

    private static void addArgument(
        FunctionDef.Builder function, String name, DataType type, AttrValue shape, String label) {
      OpDef.Builder signature = function.getSignatureBuilder();
      function.putArgAttr(
          signature.getInputArgCount(),
          FunctionDef.ArgAttrs.newBuilder()
              .putAttr("_output_shapes", shape)
              .putAttr(
                  "_user_specified_name",
                  AttrValue.newBuilder().setS(ByteString.copyFromUtf8(label)).build())
              .build());
      signature.addInputArg(OpDef.ArgDef.newBuilder().setName(name).setType(type));
    }

    private NodeDef inFunction(NodeDef node) {
      NodeDef.Builder result = node.toBuilder().clearInput();
      for (String input : node.getInputList()) {
        if (!TensorRef.isControl(input)) {
          result.addInput(argument(TensorRef.parse(input)));
        } else if (!isGiven(TensorRef.nodeOf(input))) {
          result.addInput(input);
        }
      }
      // Colocation may name a variable, which is no node here.
      return result.removeAttr("_class").build();
    }

    /** A tensor as the function names it: an argument, or {@code node:output:offset}. */
    private String argument(TensorRef tensor) {
      String argument = fed.get(tensor);
      if (argument != null) {
        return argument;
      }
      NodeDef node = graph.node(tensor.node());
      if (NodeReader.isVariable(node)) {
        return handles.getOrDefault(NodeReader.variableName(node), "");
      }
      return FunctionLibrary.nameInFunction(node, tensor.index(), graph.library());
    }
  }
}
