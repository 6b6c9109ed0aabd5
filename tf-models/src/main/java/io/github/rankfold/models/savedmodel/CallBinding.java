package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * One call with one function's body: what the body's names, {@code argument}, {@code node:output:k}
 * and attributes, are in the graph of the caller.
 */
final class CallBinding {
  private final NodeDef call;
  private final FunctionDef function;
  private final CalledFunctions functions;
  private final Map<String, List<TensorRef>> arguments = new HashMap<>();
  private final Map<String, NodeDef> members;
  private final List<String> controls = new ArrayList<>();
  private final Map<String, AttrValue> attributes;

  /** Inputs that do not fit the function's arguments are an input error. */
  CallBinding(NodeDef call, FunctionDef function, CalledFunctions functions) {
    this.call = call;
    this.function = function;
    this.functions = functions;
    this.attributes =
        call.getOp().endsWith("PartitionedCall")
            ? call.getAttrOrThrow("f").getFunc().getAttrMap()
            : call.getAttrMap();
    this.members =
        function.getNodeDefList().stream()
            .collect(
                Collectors.toMap(
                    NodeDef::getName,
                    Function.identity(),
                    (first, second) -> first,
                    LinkedHashMap::new));
    bindArguments();
  }

  private void bindArguments() {
    List<TensorRef> data = new ArrayList<>();
    for (String input : call.getInputList()) {
      if (TensorRef.isControl(input)) {
        controls.add(TensorRef.nodeOf(input));
      } else {
        data.add(TensorRef.parse(input));
      }
    }
    int next = 0;
    for (OpDef.ArgDef argument : function.getSignature().getInputArgList()) {
      int width = OperationRegistry.width(argument, call);
      if (next + width > data.size()) {
        throw new InvalidInputException(
            "node %s: expected %d inputs for function %s, found %d"
                .formatted(
                    call.getName(),
                    function.getSignature().getInputArgCount(),
                    function.getSignature().getName(),
                    data.size()));
      }
      arguments.put(argument.getName(), data.subList(next, next + width));
      next += width;
    }
  }

  FunctionDef function() {
    return function;
  }

  /** The nodes of the body. */
  Collection<NodeDef> members() {
    return members.values();
  }

  boolean hasMember(String name) {
    return members.containsKey(name);
  }

  /** What an argument is bound to; nothing where there is no such argument. */
  List<TensorRef> argument(String name) {
    return arguments.getOrDefault(name, List.of());
  }

  /** The nodes that the call waits for. */
  List<String> controls() {
    return Collections.unmodifiableList(controls);
  }

  /** What a node of the body is named in the caller. */
  String inCaller(String member) {
    return call.getName() + "/" + member;
  }

  /** The device of the call, for nodes that name none. */
  String device() {
    return call.getDevice();
  }

  /** An attribute of the body with what the call gives for its placeholders. */
  AttrValue bound(AttrValue value) {
    if (value.getValueCase() == AttrValue.ValueCase.PLACEHOLDER) {
      AttrValue given = attributes.get(value.getPlaceholder());
      return given == null ? value : given;
    }
    if (value.getValueCase() == AttrValue.ValueCase.FUNC) {
      AttrValue.Builder result = value.toBuilder();
      value.getFunc().getAttrMap().forEach((k, v) -> result.getFuncBuilder().putAttr(k, bound(v)));
      return result.build();
    }
    return value;
  }

  /**
   * A body's tensor, {@code argument}, {@code argument:k} or {@code node:output:k}, in the caller's
   * naming; null where there is no such argument or node.
   */
  @Nullable TensorRef resolve(String source) {
    String[] parts = source.split(":", -1);
    List<TensorRef> argument = arguments.get(parts[0]);
    if (argument != null) {
      int index = parts.length > 1 ? number(parts[parts.length - 1]) : 0;
      return index < argument.size() ? argument.get(index) : null;
    }
    NodeDef member = members.get(parts[0]);
    if (member == null || parts.length < 2) {
      return null;
    }
    int offset = parts.length > 2 ? number(parts[2]) : 0;
    int index =
        OperationRegistry.outputIndex(functions.definition(member), member, parts[1], offset);
    return index < 0 ? null : new TensorRef(inCaller(parts[0]), index);
  }

  private int number(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number < 0) {
        throw new NumberFormatException("negative");
      }
      return number;
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
          "function %s: expected an output number, found '%s'"
              .formatted(function.getSignature().getName(), text),
          e);
    }
  }
}
