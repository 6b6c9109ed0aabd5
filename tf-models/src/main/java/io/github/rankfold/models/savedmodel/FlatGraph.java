package io.github.rankfold.models.savedmodel;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
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
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * The part of a SavedModel's graph that its signatures need, without function calls. Immutable.
 *
 * <p>Nodes keep their names where they had one in the main graph; those from a function's body are
 * prefixed with the call's name. Signatures point into the flat graph.
 */
public final class FlatGraph {
  private static final Set<String> PASSIVE = Set.of("NoOp", "Const", "Placeholder");

  /** How the names of operations begin that change the state that they draw numbers from. */
  private static final List<String> DRAWING =
      List.of(
          "Rng",
          "StatefulRandom",
          "StatefulStandardNormal",
          "StatefulTruncatedNormal",
          "StatefulUniform");

  private final Map<String, NodeDef> nodes;
  private final Map<String, SignatureDef> signatures;
  private final Optional<String> initOp;
  private final GraphDef frame;
  private final Optional<VariableRestore> restore;

  /** What stays though no signature needs it. */
  private final Set<String> beside;

  // What follows from the nodes, told when it is asked for: every layer asks. Two threads that
  // find it missing find the same.
  private volatile @Nullable Map<String, List<NodeDef>> handles;
  private volatile @Nullable Map<String, NodeDef> variables;
  private volatile @Nullable Map<String, Set<String>> consumers;

  /**
   * @param nodes by name
   * @param signatures by key, naming tensors of these nodes
   * @param initOp what is to be run after loading
   * @param frame versions and library, without nodes
   * @param restore how the model restores its variables, where that is all that it does
   */
  FlatGraph(
      Map<String, NodeDef> nodes,
      Map<String, SignatureDef> signatures,
      Optional<String> initOp,
      GraphDef frame,
      Optional<VariableRestore> restore) {
    this(nodes, signatures, initOp, frame, restore, Set.of());
  }

  private FlatGraph(
      Map<String, NodeDef> nodes,
      Map<String, SignatureDef> signatures,
      Optional<String> initOp,
      GraphDef frame,
      Optional<VariableRestore> restore,
      Set<String> beside) {
    this.nodes = nodes;
    this.signatures = signatures;
    this.initOp = initOp;
    this.frame = frame;
    this.restore = restore;
    this.beside = Set.copyOf(beside);
  }

  FlatGraph having(Map<String, NodeDef> newNodes, GraphDef newFrame) {
    return new FlatGraph(newNodes, signatures, initOp, newFrame, restore, beside);
  }

  /** Inlines all functions and keeps what the signatures, the init operation and assets need. */
  public static FlatGraph of(SavedModelFolder model) {
    try {
      return Flattening.of(model.metaGraph());
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          model.folder() + ": expected a valid graph, found " + e.getMessage(), e);
    }
  }

  /**
   * A graph that has no function calls, with its signatures.
   *
   * @param graph nodes and, for loops and branches, their functions
   * @param signatures by key, naming tensors of {@code graph}
   */
  public static FlatGraph of(GraphDef graph, Map<String, SignatureDef> signatures) {
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    graph
        .getNodeList()
        .forEach(node -> nodes.put(node.getName(), NodeReader.withExplicitSharedName(node)));
    GraphDef frame = graph.toBuilder().clearNode().build();
    return new FlatGraph(
            nodes, new TreeMap<>(signatures), Optional.empty(), frame, Optional.empty())
        .pruned();
  }

  /**
   * The operations that touch more than the model's own weights and assets when it runs, as {@code
   * operation (node)}; empty for most models.
   */
  public List<String> unsafeOperations(SavedModelFolder model) {
    return UnsafeOperations.find(model, this);
  }

  /** All nodes, callers before what they call. */
  public Collection<NodeDef> nodes() {
    return nodes.values();
  }

  /** The same by name. */
  Map<String, NodeDef> byName() {
    return nodes;
  }

  /** The nodes in an order in which each comes after its inputs, as far as cycles allow. */
  public List<NodeDef> inDataOrder() {
    return NodeOrder.of(nodes);
  }

  public boolean contains(String name) {
    return nodes.containsKey(name);
  }

  /** The node of this name; a name that the graph does not have is an input error. */
  public NodeDef node(String name) {
    NodeDef node = nodes.get(name);
    if (node == null) {
      throw new InvalidInputException("node " + name + ": expected in the graph, found nothing");
    }
    return node;
  }

  /** The signatures by key, pointing at tensors of this graph. */
  public Map<String, SignatureDef> signatures() {
    return signatures;
  }

  /** The signature with this key; a key that the graph does not have is an input error. */
  public SignatureDef signature(String key) {
    SignatureDef signature = signatures.get(key);
    if (signature == null) {
      throw new InvalidInputException(
          "expected a signature named %s, found %s".formatted(key, signatures.keySet()));
    }
    return signature;
  }

  /** The operation that initializes tables after loading. */
  public Optional<String> initOp() {
    return initOp;
  }

  /**
   * How this graph's variables can be restored one by one, where that is all that loading does:
   * nothing else is restored, and no table or variable is initialized.
   */
  public Optional<VariableRestore> plainRestore() {
    Set<String> variables = variables().keySet();
    if (initializes()) {
      return Optional.empty();
    }
    return variables.isEmpty()
        ? Optional.of(new VariableRestore(Map.of()))
        : restore.filter(keys -> keys.coversAll(variables));
  }

  /** Whether loading does more than restore variables: it fills tables, or computes values. */
  boolean initializes() {
    return initOp.stream()
        .flatMap(name -> ancestors(Set.of(name)).stream())
        .anyMatch(name -> !PASSIVE.contains(node(name).getOp()));
  }

  /**
   * Whether calling a signature can leave variables with other values than it found: counters,
   * running means, weights that are trained, states of random numbers.
   */
  public boolean changesVariables() {
    Set<String> outputs = new LinkedHashSet<>();
    signatures.values().forEach(signature -> outputs.addAll(outputs(signature)));
    return Stream.concat(
            ancestors(outputs).stream().map(this::node),
            library().getFunctionList().stream().flatMap(f -> f.getNodeDefList().stream()))
        .anyMatch(
            node ->
                VariableWrites.isWrite(node)
                    || DRAWING.stream().anyMatch(node.getOp()::startsWith));
  }

  /**
   * The variables that every signature which reads them writes too, by name, each with a node that
   * does: counters and other states. One that only some signatures write, as those that train do,
   * is a weight to the others.
   */
  public Map<String, NodeDef> states() {
    Map<String, NodeDef> states = new HashMap<>();
    Set<String> weights = new HashSet<>();
    for (SignatureDef signature : signatures.values()) {
      Map<String, NodeDef> called = new LinkedHashMap<>();
      ancestors(outputs(signature)).forEach(name -> called.put(name, node(name)));
      VariableWrites writes = VariableWrites.of(called, library());
      called.values().stream()
          .filter(NodeReader::isVariable)
          .map(NodeReader::variableName)
          .forEach(
              variable ->
                  writes
                      .writer(variable)
                      .ifPresentOrElse(
                          writer -> states.putIfAbsent(variable, writer),
                          () -> weights.add(variable)));
    }
    states.keySet().removeAll(weights);
    return states;
  }

  /** The keys of the signatures whose outputs need any of these nodes. */
  public Set<String> signaturesOf(Collection<String> anyOf) {
    Set<String> keys = new TreeSet<>();
    signatures.forEach(
        (key, signature) -> {
          if (!Collections.disjoint(ancestors(outputs(signature)), anyOf)) {
            keys.add(key);
          }
        });
    return keys;
  }

  private static Set<String> outputs(SignatureDef signature) {
    Set<String> outputs = new LinkedHashSet<>();
    signature.getOutputsMap().values().forEach(info -> outputs.add(nodeOf(info)));
    return outputs;
  }

  /** The library of what stays a function: bodies of loops and branches, XLA's functions. */
  public FunctionDefLibrary library() {
    return frame.getLibrary();
  }

  /** The body of the function that a node names in an attribute, such as a loop's {@code body}. */
  public Optional<FunctionBody> functionBody(NodeDef node, String attribute) {
    String name =
        node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance()).getFunc().getName();
    return library().getFunctionList().stream()
        .filter(function -> function.getSignature().getName().equals(name))
        .findFirst()
        .map(function -> FunctionBody.of(function, library()));
  }

  /** This graph with more functions in its library. */
  public FlatGraph withFunctions(Collection<FunctionDef> functions) {
    GraphDef.Builder more = frame.toBuilder();
    functions.forEach(more.getLibraryBuilder()::addFunction);
    return having(nodes, more.build());
  }

  /** The nodes that give an output of some signature. */
  public Set<String> outputNodes() {
    Set<String> outputs = new HashSet<>();
    for (SignatureDef signature : signatures().values()) {
      signature
          .getOutputsMap()
          .values()
          .forEach(info -> outputs.add(TensorRef.parse(info.getName()).node()));
    }
    return outputs;
  }

  /** For every node, the nodes that take one of its outputs as data, in the graph's order. */
  public Map<String, Set<String>> consumers() {
    Map<String, Set<String>> known = consumers;
    if (known == null) {
      Map<String, Set<String>> found = new HashMap<>();
      for (NodeDef node : nodes.values()) {
        for (TensorRef input : NodeReader.dataInputs(node)) {
          found.computeIfAbsent(input.node(), k -> new LinkedHashSet<>()).add(node.getName());
        }
      }
      found.replaceAll((name, takers) -> Collections.unmodifiableSet(takers));
      known = Collections.unmodifiableMap(found);
      consumers = known;
    }
    return known;
  }

  /** The variables of this graph by shared name. Two nodes may share one: here is the first. */
  public Map<String, NodeDef> variables() {
    Map<String, NodeDef> known = variables;
    if (known == null) {
      Map<String, NodeDef> found = new LinkedHashMap<>();
      byVariable().forEach((name, sharing) -> found.put(name, sharing.get(0)));
      known = Collections.unmodifiableMap(found);
      variables = known;
    }
    return known;
  }

  /** The nodes that hold the variable of this shared name; none where there is no such variable. */
  public List<NodeDef> handles(String variable) {
    return byVariable().getOrDefault(variable, List.of());
  }

  private Map<String, List<NodeDef>> byVariable() {
    Map<String, List<NodeDef>> known = handles;
    if (known == null) {
      Map<String, List<NodeDef>> found = new LinkedHashMap<>();
      for (NodeDef node : nodes.values()) {
        if (NodeReader.isVariable(node)) {
          found.computeIfAbsent(NodeReader.variableName(node), k -> new ArrayList<>(1)).add(node);
        }
      }
      found.replaceAll((name, sharing) -> List.copyOf(sharing));
      known = Collections.unmodifiableMap(found);
      handles = known;
    }
    return known;
  }

  /**
   * This graph with some nodes replaced and others added, then pruned to what is needed.
   *
   * @param changed nodes by name; a name that exists is replaced
   */
  public FlatGraph with(Collection<NodeDef> changed) {
    Map<String, NodeDef> result = new LinkedHashMap<>(nodes);
    changed.forEach(node -> result.put(node.getName(), node));
    return having(result, frame).pruned();
  }

  /**
   * This graph with nodes that no signature needs, for whoever works with the open model: they stay
   * when it is rewritten, and are not written.
   */
  public FlatGraph withBeside(Collection<NodeDef> added) {
    Map<String, NodeDef> result = new LinkedHashMap<>(nodes);
    Set<String> names = new HashSet<>(beside);
    for (NodeDef node : added) {
      result.put(node.getName(), node);
      names.add(node.getName());
    }
    return new FlatGraph(result, signatures, initOp, frame, restore, names);
  }

  /** What the signatures need: this graph as it is written. */
  FlatGraph ofSignatures() {
    return beside.isEmpty()
        ? this
        : new FlatGraph(nodes, signatures, initOp, frame, restore, Set.of()).pruned();
  }

  /** The constants that are not written, as others have the same small value. */
  public Set<String> copiedConstants() {
    return EqualConstants.copies(this).keySet();
  }

  /** As a GraphDef with the same versions and library as the original's. */
  public GraphDef toGraphDef() {
    return frame.toBuilder().addAllNode(nodes.values()).build();
  }

  FlatGraph pruned() {
    Set<String> roots = new LinkedHashSet<>();
    signatures
        .values()
        .forEach(
            signature -> {
              signature.getInputsMap().values().forEach(info -> roots.add(nodeOf(info)));
              signature.getOutputsMap().values().forEach(info -> roots.add(nodeOf(info)));
            });
    initOp.ifPresent(roots::add);
    roots.addAll(beside);
    Set<String> kept = ancestors(roots);
    Map<String, NodeDef> result = new LinkedHashMap<>();
    nodes.forEach(
        (name, node) -> {
          if (kept.contains(name)) {
            result.put(name, node);
          }
        });
    GraphDef needed =
        frame.toBuilder()
            .setLibrary(FunctionLibrary.neededBy(result.values(), frame.getLibrary()))
            .build();
    return having(result, needed);
  }

  private static String nodeOf(TensorInfo info) {
    return TensorRef.parse(info.getName()).node();
  }

  /** These nodes and all that they need, by data or by control. */
  public Set<String> ancestors(Collection<String> roots) {
    Set<String> found = new HashSet<>(roots);
    Deque<String> open = new ArrayDeque<>(roots);
    while (!open.isEmpty()) {
      for (String input : node(open.pop()).getInputList()) {
        String name = TensorRef.nodeOf(input);
        if (found.add(name)) {
          open.push(name);
        }
      }
    }
    return found;
  }
}
