package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Replaces every function call of a graph by the function's body, at the protobuf level.
 *
 * <p>Keras and tf.function put the whole network into functions, where no tensor can be fetched and
 * no node replaced. TensorFlow inlines them itself at run time, but no C API returns the result in
 * a form that can be saved.
 *
 * <p>Kept as calls: functions that XLA must compile (they run on other kernels), and the bodies of
 * If, While and Case, which stay functions.
 */
final class FunctionInliner {
  /** Deeper than any real nesting; a cycle of calls is found before by {@link #ancestry}. */
  private static final int MAX_DEPTH = 200;

  /** Ten times the largest graph tried; calls that double at each level end here. */
  private static final int MAX_NODES = 2_000_000;

  private final Map<String, FunctionDef> functions;
  private final OperationRegistry registry;

  /** The flat nodes so far, in an order that names the caller before its body. */
  private final Map<String, NodeDef> flat = new LinkedHashMap<>();

  /** Where an output of an inlined call went: a tensor in the caller's naming. */
  private final Map<TensorRef, TensorRef> returned = new HashMap<>();

  /** Inlined calls and the node to wait for in their place, where somebody waits for the call. */
  private final Map<String, String> finished = new HashMap<>();

  private final Set<String> ancestry = new LinkedHashSet<>();

  private FunctionInliner(GraphDef graph, OperationRegistry registry) {
    this.functions =
        graph.getLibrary().getFunctionList().stream()
            .collect(
                Collectors.toMap(
                    function -> function.getSignature().getName(),
                    Function.identity(),
                    (first, second) -> first));
    this.registry = registry;
  }

  /** A graph without calls, and where each tensor of the original went. */
  record Inlined(GraphDef graph, Function<TensorRef, TensorRef> moved) {}

  static Inlined inline(GraphDef graph, OperationRegistry registry) {
    FunctionInliner inliner = new FunctionInliner(graph, registry);
    for (NodeDef node : graph.getNodeList()) {
      inliner.add(node);
    }
    GraphDef.Builder result = graph.toBuilder().clearNode();
    for (NodeDef node : inliner.flat.values()) {
      result.addNode(inliner.rewired(node));
    }
    return new Inlined(result.build(), inliner::settle);
  }

  /** The same function with the calls in its body inlined; most bodies have none. */
  static FunctionDef inlineBody(FunctionDef function, FunctionDefLibrary library) {
    FunctionBody body = FunctionBody.of(function, library);
    GraphDef.Builder graph = GraphDef.newBuilder().setLibrary(library);
    body.arguments().forEach((name, type) -> graph.addNode(argument(name, type)));
    graph.addAllNode(body.nodes().values());
    FunctionInliner inliner = new FunctionInliner(graph.build(), OperationRegistry.ofRuntime());
    if (body.nodes().values().stream().allMatch(node -> inliner.calledFunction(node) == null)) {
      return function;
    }
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    inliner.ancestry.add(function.getSignature().getName());
    body.nodes().values().forEach(inliner::add);
    inliner.flat.forEach((name, node) -> nodes.put(name, inliner.rewired(node)));
    List<TensorRef> results = body.results().stream().map(inliner::settle).toList();
    List<String> effects =
        body.effects().stream().map(name -> inliner.finished.getOrDefault(name, name)).toList();
    return body.with(nodes, results, effects).toFunction(function.getSignature().getName());
  }

  private static NodeDef argument(String name, DataType type) {
    return NodeWriter.node(name, "Placeholder").type("dtype", type).build();
  }

  private void add(NodeDef node) {
    FunctionDef function = calledFunction(node);
    if (function != null) {
      inlineCall(node, function);
      return;
    }
    if (flat.size() >= MAX_NODES) {
      throw new InvalidInputException(
          "the graph: expected at most %d nodes after inlining, found more".formatted(MAX_NODES));
    }
    if (flat.putIfAbsent(node.getName(), node) != null) {
      throw new InvalidInputException("node " + node.getName() + ": found twice in the graph");
    }
  }

  private @Nullable FunctionDef calledFunction(NodeDef node) {
    String op = node.getOp();
    String name;
    if (op.equals("PartitionedCall") || op.equals("StatefulPartitionedCall")) {
      name = node.getAttrOrDefault("f", AttrValue.getDefaultInstance()).getFunc().getName();
      if (!functions.containsKey(name)) {
        throw new InvalidInputException(
            "node %s: expected a function of the graph's library, found '%s'"
                .formatted(node.getName(), name));
      }
    } else if (registry.find(op) == null && functions.containsKey(op)) {
      name = op; // a call in the style of TensorFlow 1: the function's name is the operation
    } else {
      return null;
    }
    FunctionDef function = functions.get(name);
    return isCompiledByXla(node) || function == null || isCompiledByXla(function) ? null : function;
  }

  private static boolean isCompiledByXla(NodeDef node) {
    return node.getAttrOrDefault("_XlaMustCompile", AttrValue.getDefaultInstance()).getB();
  }

  private static boolean isCompiledByXla(FunctionDef function) {
    return function.getAttrOrDefault("_XlaMustCompile", AttrValue.getDefaultInstance()).getB();
  }

  private void inlineCall(NodeDef call, FunctionDef function) {
    String name = function.getSignature().getName();
    if (!ancestry.add(name)) {
      throw new InvalidInputException(
          "node %s: expected functions that end, found %s calling itself"
              .formatted(call.getName(), name));
    }
    if (ancestry.size() > MAX_DEPTH) {
      throw new InvalidInputException(
          "node %s: expected calls nested at most %d deep, found more"
              .formatted(call.getName(), MAX_DEPTH));
    }
    new Body(call, function).inline();
    ancestry.remove(name);
  }

  /** Follows a tensor through the calls that returned it. */
  private TensorRef settle(TensorRef tensor) {
    TensorRef current = tensor;
    for (int hops = 0; returned.containsKey(current); hops++) {
      if (hops > MAX_NODES) {
        throw new InvalidInputException("tensor " + tensor + ": found a cycle of function results");
      }
      current = returned.get(current);
    }
    return current;
  }

  private NodeDef rewired(NodeDef node) {
    NodeDef.Builder result = node.toBuilder().clearInput();
    for (String input : node.getInputList()) {
      if (TensorRef.isControl(input)) {
        String waitedFor = TensorRef.nodeOf(input);
        result.addInput("^" + finished.getOrDefault(waitedFor, waitedFor));
      } else {
        result.addInput(settle(TensorRef.parse(input)).asInput());
      }
    }
    // Colocation may name nodes that are gone, and recorded shapes may be those of the placeholder.
    return result.removeAttr("_class").removeAttr("_output_shapes").build();
  }

  /** One call with one function's body: translates the body's names into the caller's. */
  private final class Body {
    private final NodeDef call;
    private final FunctionDef function;
    private final Map<String, List<TensorRef>> arguments = new HashMap<>();
    private final Map<String, NodeDef> members;
    private final List<String> callControls = new ArrayList<>();
    private final Map<String, AttrValue> attributes;
    private final String prefix;

    Body(NodeDef call, FunctionDef function) {
      this.call = call;
      this.function = function;
      this.prefix = call.getName() + "/";
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
          callControls.add(TensorRef.nodeOf(input));
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

    void inline() {
      String gate = prefix + "control_in";
      if (!callControls.isEmpty()) {
        add(NodeWriter.noOp(gate, callControls));
      }
      for (NodeDef member : members.values()) {
        add(translated(member, callControls.isEmpty() ? null : gate));
      }
      List<String> done = new ArrayList<>();
      int index = 0;
      for (OpDef.ArgDef output : function.getSignature().getOutputArgList()) {
        String source = function.getRetOrDefault(output.getName(), "");
        TensorRef tensor = source.isEmpty() ? null : resolve(source);
        if (tensor == null) {
          throw new InvalidInputException(
              "function %s: expected a node that returns %s, found '%s'"
                  .formatted(function.getSignature().getName(), output.getName(), source));
        }
        returned.put(new TensorRef(call.getName(), index++), tensor);
        done.add(settle(tensor).node());
      }
      for (String effect : function.getControlRetMap().values()) {
        done.add(prefix + effect);
      }
      done.addAll(callControls);
      String finish = prefix + "control_out";
      add(NodeWriter.noOp(finish, done.stream().map(this::waitable).toList()));
      finished.put(call.getName(), finish);
    }

    /** What to wait for instead of a call that is itself inlined. */
    private String waitable(String node) {
      return finished.getOrDefault(node, node);
    }

    private NodeDef translated(NodeDef member, @Nullable String gate) {
      NodeDef.Builder node = member.toBuilder().setName(prefix + member.getName()).clearInput();
      boolean waitsForBody = false;
      List<String> controls = new ArrayList<>();
      for (String input : member.getInputList()) {
        if (TensorRef.isControl(input)) {
          String name = TensorRef.nodeOf(input);
          if (members.containsKey(name)) {
            controls.add("^" + prefix + name);
            waitsForBody = true;
          } else if (arguments.containsKey(name)) {
            arguments.get(name).forEach(tensor -> controls.add("^" + settle(tensor).node()));
          }
        } else {
          TensorRef tensor = resolve(input);
          if (tensor == null) {
            throw new InvalidInputException(
                "function %s: node %s: expected an input of the body, found '%s'"
                    .formatted(function.getSignature().getName(), member.getName(), input));
          }
          node.addInput(tensor.asInput());
          waitsForBody |= tensor.node().startsWith(prefix);
        }
      }
      // What the call waited for, the first nodes of its body wait for; the others follow.
      if (gate != null && !waitsForBody) {
        controls.add("^" + gate);
      }
      node.addAllInput(controls);
      if (node.getDevice().isEmpty()) {
        node.setDevice(call.getDevice());
      }
      member.getAttrMap().forEach((key, value) -> node.putAttr(key, bound(value)));
      return node.build();
    }

    private AttrValue bound(AttrValue value) {
      if (value.getValueCase() == AttrValue.ValueCase.PLACEHOLDER) {
        AttrValue given = attributes.get(value.getPlaceholder());
        return given == null ? value : given;
      }
      if (value.getValueCase() == AttrValue.ValueCase.FUNC) {
        AttrValue.Builder result = value.toBuilder();
        value
            .getFunc()
            .getAttrMap()
            .forEach((k, v) -> result.getFuncBuilder().putAttr(k, bound(v)));
        return result.build();
      }
      return value;
    }

    /**
     * A body's tensor, {@code argument}, {@code argument:k} or {@code node:output:k}, in the
     * caller's naming; null where there is no such argument or node.
     */
    private @Nullable TensorRef resolve(String source) {
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
      FunctionDef callee = functions.get(member.getOp());
      OpDef definition =
          registry.find(member.getOp()) == null && callee != null
              ? callee.getSignature()
              : registry.get(member);
      int index = OperationRegistry.outputIndex(definition, member, parts[1], offset);
      return index < 0 ? null : new TensorRef(prefix + parts[0], index);
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
}
