package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * A function's body as a graph: its tensors are named {@code node:index}, as in a graph, and its
 * arguments are tensors of their own names. Immutable.
 *
 * <p>A FunctionDef names tensors by output argument, {@code node:output:k}, which is awkward to
 * rewrite.
 */
public final class FunctionBody {
  private final FunctionDef original;
  private final FunctionDefLibrary library;
  private final Map<String, DataType> arguments;
  private final Map<String, NodeDef> nodes;
  private final List<TensorRef> results;
  private final List<String> effects;

  private FunctionBody(
      FunctionDef original,
      FunctionDefLibrary library,
      Map<String, DataType> arguments,
      Map<String, NodeDef> nodes,
      List<TensorRef> results,
      List<String> effects) {
    this.original = original;
    this.library = library;
    this.arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    this.nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
    this.results = List.copyOf(results);
    this.effects = List.copyOf(effects);
  }

  /** Reads a function; one that names what it does not have is an input error. */
  public static FunctionBody of(FunctionDef function, FunctionDefLibrary library) {
    Map<String, DataType> arguments = new LinkedHashMap<>();
    for (OpDef.ArgDef argument : function.getSignature().getInputArgList()) {
      arguments.put(argument.getName(), argument.getType());
    }
    Map<String, NodeDef> written = new LinkedHashMap<>();
    function.getNodeDefList().forEach(node -> written.put(node.getName(), node));
    Reader reader = new Reader(function, library, arguments, written);
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    written.forEach((name, node) -> nodes.put(name, reader.read(node)));
    List<TensorRef> results = new ArrayList<>();
    for (OpDef.ArgDef result : function.getSignature().getOutputArgList()) {
      results.add(reader.tensor(function.getRetOrDefault(result.getName(), "")));
    }
    return new FunctionBody(
        function,
        library,
        arguments,
        nodes,
        results,
        List.copyOf(function.getControlRetMap().values()));
  }

  /** The types of the arguments by name, in order. */
  public Map<String, DataType> arguments() {
    return arguments;
  }

  public Map<String, NodeDef> nodes() {
    return nodes;
  }

  /** What is returned, in order. */
  public List<TensorRef> results() {
    return results;
  }

  /** The nodes that run whether or not something is made of their outputs. */
  List<String> effects() {
    return effects;
  }

  FunctionBody with(
      Map<String, NodeDef> newNodes, List<TensorRef> newResults, List<String> newEffects) {
    return new FunctionBody(original, library, arguments, newNodes, newResults, newEffects);
  }

  /** With these nodes replaced or added. */
  public FunctionBody with(List<NodeDef> changed) {
    Map<String, NodeDef> result = new LinkedHashMap<>(nodes);
    changed.forEach(node -> result.put(node.getName(), node));
    return with(result, results, effects);
  }

  /** With one argument more at the end, that a loop's body also returns. */
  public FunctionBody withArgument(String name, DataType type, boolean returned) {
    Map<String, DataType> more = new LinkedHashMap<>(arguments);
    more.put(name, type);
    List<TensorRef> moreResults = new ArrayList<>(results);
    if (returned) {
      moreResults.add(new TensorRef(name, 0));
    }
    return new FunctionBody(original, library, more, nodes, moreResults, effects);
  }

  /**
   * With one argument of another type; a loop's body gives it back as it is.
   *
   * @param slot which argument, from 0
   */
  public FunctionBody withArgumentOfType(int slot, DataType type, boolean returned) {
    String name = List.copyOf(arguments.keySet()).get(slot);
    Map<String, DataType> retyped = new LinkedHashMap<>(arguments);
    retyped.put(name, type);
    FunctionDef.Builder function = original.toBuilder();
    List<TensorRef> given = new ArrayList<>(results);
    if (returned) {
      given.set(slot, new TensorRef(name, 0));
      function.getSignatureBuilder().getOutputArgBuilder(slot).setType(type);
    }
    return new FunctionBody(function.build(), library, retyped, nodes, given, effects);
  }

  /** As a function of this name. */
  public FunctionDef toFunction(String name) {
    FunctionDef.Builder function = original.toBuilder().clearNodeDef().clearRet().clearControlRet();
    OpDef.Builder signature = function.getSignatureBuilder().setName(name).clearInputArg();
    signature.clearControlOutput();
    arguments.forEach(
        (argument, type) ->
            signature.addInputArg(OpDef.ArgDef.newBuilder().setName(argument).setType(type)));
    int known = signature.getOutputArgCount();
    for (int i = known; i < results.size(); i++) {
      signature.addOutputArg(
          OpDef.ArgDef.newBuilder()
              .setName("rankfold_result_" + i)
              .setType(arguments.getOrDefault(results.get(i).node(), DataType.DT_INVALID)));
    }
    nodes.values().forEach(node -> function.addNodeDef(written(node)));
    for (int i = 0; i < results.size(); i++) {
      function.putRet(signature.getOutputArg(i).getName(), written(results.get(i)));
    }
    for (String effect : effects) {
      function.putControlRet(effect, effect);
      signature.addControlOutput(effect);
    }
    // Recorded shapes may be those of a kernel that is no longer passed, and Python insists on as
    // many as there are arguments.
    return function.clearArgAttr().removeAttr("_input_shapes").build();
  }

  private NodeDef written(NodeDef node) {
    NodeDef.Builder result = node.toBuilder().clearInput();
    for (String input : node.getInputList()) {
      result.addInput(TensorRef.isControl(input) ? input : written(TensorRef.parse(input)));
    }
    return result.build();
  }

  private String written(TensorRef tensor) {
    NodeDef node = nodes.get(tensor.node());
    return node == null
        ? tensor.node()
        : FunctionLibrary.nameInFunction(node, tensor.index(), library);
  }

  /** Translates a FunctionDef's names. */
  private record Reader(
      FunctionDef function,
      FunctionDefLibrary library,
      Map<String, DataType> arguments,
      Map<String, NodeDef> written) {
    NodeDef read(NodeDef node) {
      NodeDef.Builder result = node.toBuilder().clearInput();
      for (String input : node.getInputList()) {
        result.addInput(TensorRef.isControl(input) ? input : tensor(input).asInput());
      }
      return result.build();
    }

    TensorRef tensor(String source) {
      String[] parts = source.split(":", -1);
      if (arguments.containsKey(parts[0])) {
        return new TensorRef(parts[0], 0);
      }
      NodeDef node = written.get(parts[0]);
      int index = -1;
      if (node != null && parts.length == 3 && parts[2].matches("\\d{1,6}")) {
        index =
            OperationRegistry.outputIndex(
                FunctionLibrary.definition(node, library),
                node,
                parts[1],
                Integer.parseInt(parts[2]));
      }
      if (index < 0) {
        throw new InvalidInputException(
            "function %s: expected a tensor of its body, found '%s'"
                .formatted(function.getSignature().getName(), source));
      }
      return new TensorRef(parts[0], index);
    }
  }
}
