package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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
 * <p>{@link CalledFunctions} says which nodes are calls, {@link CallBinding} what a body's names
 * are in its caller; here the bodies are put together, calls in calls too.
 *
 * <p>Kept as calls: functions that XLA must compile (they run on other kernels), and the bodies of
 * If, While and Case, which stay functions.
 */
final class FunctionInliner {
  /** Deeper than any real nesting; a cycle of calls is found before by {@link #ancestry}. */
  private static final int MAX_DEPTH = 200;

  /** Ten times the largest graph tried; calls that double at each level end here. */
  private static final int MAX_NODES = 2_000_000;

  private final CalledFunctions functions;

  /** The flat nodes so far, in an order that names the caller before its body. */
  private final Map<String, NodeDef> flat = new LinkedHashMap<>();

  /** Where an output of an inlined call went: a tensor in the caller's naming. */
  private final Map<TensorRef, TensorRef> returned = new HashMap<>();

  /** Inlined calls and the node to wait for in their place, where somebody waits for the call. */
  private final Map<String, String> finished = new HashMap<>();

  private final Set<String> ancestry = new LinkedHashSet<>();

  private FunctionInliner(CalledFunctions functions) {
    this.functions = functions;
  }

  /** A graph without calls, and where each tensor of the original went. */
  record Inlined(GraphDef graph, Function<TensorRef, TensorRef> moved) {}

  static Inlined inline(GraphDef graph, OperationRegistry registry) {
    FunctionInliner inliner =
        new FunctionInliner(new CalledFunctions(graph.getLibrary(), registry));
    for (NodeDef node : graph.getNodeList()) {
      inliner.add(node);
    }
    GraphDef.Builder result = graph.toBuilder().clearNode();
    for (NodeDef node : inliner.flat.values()) {
      result.addNode(inliner.rewired(node));
    }
    return new Inlined(result.build(), inliner::settle);
  }

  /** A function of another name with the calls in this one's body inlined; most have none. */
  static Optional<FunctionDef> inlineBody(
      FunctionDef function, FunctionDefLibrary library, String name) {
    FunctionBody body = FunctionBody.of(function, library);
    FunctionInliner inliner =
        new FunctionInliner(new CalledFunctions(library, OperationRegistry.ofRuntime()));
    if (body.nodes().values().stream().allMatch(node -> inliner.functions.of(node) == null)) {
      return Optional.empty();
    }
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    inliner.ancestry.add(function.getSignature().getName());
    body.nodes().values().forEach(inliner::add);
    inliner.flat.forEach((member, node) -> nodes.put(member, inliner.rewired(node)));
    List<TensorRef> results = body.results().stream().map(inliner::settle).toList();
    List<String> effects =
        body.effects().stream().map(node -> inliner.finished.getOrDefault(node, node)).toList();
    return Optional.of(body.with(nodes, results, effects).toFunction(name));
  }

  private void add(NodeDef node) {
    FunctionDef function = functions.of(node);
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
    inline(call, new CallBinding(call, function, functions));
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

  private void inline(NodeDef call, CallBinding body) {
    FunctionDef function = body.function();
    String gate = body.inCaller("control_in");
    if (!body.controls().isEmpty()) {
      add(NodeWriter.noOp(gate, body.controls()));
    }
    for (NodeDef member : body.members()) {
      add(translated(body, member, body.controls().isEmpty() ? null : gate));
    }
    List<String> done = new ArrayList<>();
    int index = 0;
    for (OpDef.ArgDef output : function.getSignature().getOutputArgList()) {
      String source = function.getRetOrDefault(output.getName(), "");
      TensorRef tensor = source.isEmpty() ? null : body.resolve(source);
      if (tensor == null) {
        throw new InvalidInputException(
            "function %s: expected a node that returns %s, found '%s'"
                .formatted(function.getSignature().getName(), output.getName(), source));
      }
      returned.put(new TensorRef(call.getName(), index++), tensor);
      done.add(settle(tensor).node());
    }
    for (String effect : function.getControlRetMap().values()) {
      done.add(body.inCaller(effect));
    }
    done.addAll(body.controls());
    String finish = body.inCaller("control_out");
    add(NodeWriter.noOp(finish, done.stream().map(this::waitable).toList()));
    finished.put(call.getName(), finish);
  }

  /** What to wait for instead of a call that is itself inlined. */
  private String waitable(String node) {
    return finished.getOrDefault(node, node);
  }

  private NodeDef translated(CallBinding body, NodeDef member, @Nullable String gate) {
    NodeDef.Builder node = member.toBuilder().setName(body.inCaller(member.getName())).clearInput();
    boolean waitsForBody = false;
    List<String> controls = new ArrayList<>();
    for (String input : member.getInputList()) {
      if (TensorRef.isControl(input)) {
        String name = TensorRef.nodeOf(input);
        if (body.hasMember(name)) {
          controls.add("^" + body.inCaller(name));
          waitsForBody = true;
        } else {
          body.argument(name).forEach(tensor -> controls.add("^" + settle(tensor).node()));
        }
      } else {
        TensorRef tensor = body.resolve(input);
        if (tensor == null) {
          throw new InvalidInputException(
              "function %s: node %s: expected an input of the body, found '%s'"
                  .formatted(body.function().getSignature().getName(), member.getName(), input));
        }
        node.addInput(tensor.asInput());
        waitsForBody |= tensor.node().startsWith(body.inCaller(""));
      }
    }
    // What the call waited for, the first nodes of its body wait for; the others follow.
    if (gate != null && !waitsForBody) {
      controls.add("^" + gate);
    }
    node.addAllInput(controls);
    if (node.getDevice().isEmpty()) {
      node.setDevice(body.device());
    }
    member.getAttrMap().forEach((key, value) -> node.putAttr(key, body.bound(value)));
    return node.build();
  }
}
