package io.github.rankfold.models.savedmodel;

import com.google.protobuf.ByteString;
import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;

/**
 * Under which key of the checkpoint the value of each variable is saved, read off a model's restore
 * operation.
 *
 * <p>So only the variables that the signatures need are read: an exporter may save each weight
 * twice, and TensorFlow's own loader restores them all.
 *
 * @param keys by the variable's shared name
 */
public record VariableRestore(Map<String, String> keys) {
  private static final String SCOPE = "rankfold_restore";

  /** The node that restores all. */
  public static final String RUN = SaverNodes.restoreAll(SCOPE);

  /** What restoring values as they were saved takes; with anything else, it is more than that. */
  private static final Set<String> PLAIN =
      Set.of(
          "NoOp",
          "Const",
          "Identity",
          "Placeholder",
          "PlaceholderWithDefault",
          "RestoreV2",
          "Assign",
          "AssignVariableOp",
          "Variable",
          "VariableV2",
          "VarHandleOp");

  public VariableRestore {
    keys = Map.copyOf(keys);
  }

  /**
   * The keys; empty where the operation does anything but restore variables as they were saved.
   *
   * @param nodes the graph with its calls inlined
   * @param restoreOp the node that is run to restore
   * @param filename the node that the checkpoint's name is fed to
   */
  static Optional<VariableRestore> of(
      Map<String, NodeDef> nodes, String restoreOp, String filename) {
    return new Reader(nodes, filename).read(restoreOp);
  }

  /** Whether there is a key for each of these variables. */
  boolean coversAll(Set<String> variables) {
    return keys.keySet().containsAll(variables);
  }

  /**
   * Refuses values of other shapes than the graph's variables have, or none: TensorFlow would take
   * them, as each assignment stands for itself.
   *
   * @param saved the shape that is saved under each key
   */
  public void check(FlatGraph graph, Map<String, List<Long>> saved) {
    graph
        .variables()
        .forEach(
            (name, variable) -> {
              List<Long> found = saved.get(keys.getOrDefault(name, name));
              if (found == null || !fits(NodeReader.variableShape(variable), found)) {
                throw new InvalidInputException(
                    "variable %s: expected a saved value of shape %s, found %s"
                        .formatted(
                            name,
                            NodeReader.variableShape(variable),
                            found == null ? "none" : found));
              }
            });
  }

  /** A declared shape of no sizes may also stand for an unknown one. */
  private static boolean fits(List<Integer> declared, List<Long> found) {
    if (declared.isEmpty()) {
      return true;
    }
    boolean fits = declared.size() == found.size();
    for (int axis = 0; fits && axis < found.size(); axis++) {
      fits = declared.get(axis) < 0 || declared.get(axis).longValue() == found.get(axis);
    }
    return fits;
  }

  /**
   * The nodes that restore the variables of a graph; {@link #RUN} is the one to run.
   *
   * @param checkpoint the files' common path, {@code .../variables/variables}
   */
  public List<NodeDef> nodes(FlatGraph graph, String checkpoint) {
    Map<String, NodeDef> variables = graph.variables();
    List<NodeDef> nodes = new ArrayList<>();
    String file = SCOPE + "/checkpoint";
    nodes.add(NodeWriter.strings(file, List.of(checkpoint), true));
    List<String> wanted = variables.keySet().stream().map(keys::get).toList();
    nodes.addAll(SaverNodes.restore(SCOPE, file, wanted, variables.values()));
    return nodes;
  }

  private record Reader(Map<String, NodeDef> nodes, String filename) {
    Optional<VariableRestore> read(String restoreOp) {
      Map<String, String> keys = new HashMap<>();
      Set<String> seen = new HashSet<>(Set.of(restoreOp));
      List<String> open = new ArrayList<>(List.of(restoreOp));
      while (!open.isEmpty()) {
        NodeDef node = nodes.get(open.remove(open.size() - 1));
        if (node == null || !PLAIN.contains(node.getOp())) {
          return Optional.empty();
        }
        if (node.getOp().startsWith("Assign") && !addKey(node, keys)) {
          return Optional.empty();
        }
        for (String input : node.getInputList()) {
          if (seen.add(TensorRef.nodeOf(input))) {
            open.add(TensorRef.nodeOf(input));
          }
        }
      }
      return Optional.of(new VariableRestore(keys));
    }

    /** Whether an assignment gives a variable the value that was saved under one key, all of it. */
    private boolean addKey(NodeDef assign, Map<String, String> keys) {
      List<TensorRef> inputs = NodeReader.dataInputs(assign);
      NodeDef variable = nodes.get(inputs.get(0).node());
      TensorRef value = source(inputs.get(1));
      NodeDef restore = nodes.get(value.node());
      if (variable == null
          || !NodeReader.isVariable(variable)
          || restore == null
          || !restore.getOp().equals("RestoreV2")) {
        return false;
      }
      List<TensorRef> arguments = NodeReader.dataInputs(restore);
      List<String> names = strings(arguments.get(1));
      List<String> slices = strings(arguments.get(2));
      List<DataType> types =
          restore
              .getAttrOrDefault("dtypes", AttrValue.getDefaultInstance())
              .getList()
              .getTypeList();
      int index = value.index();
      return index < names.size()
          && index < slices.size()
          && index < types.size()
          && slices.get(index).isEmpty()
          && types.get(index)
              == variable.getAttrOrDefault("dtype", AttrValue.getDefaultInstance()).getType()
          && source(arguments.get(0)).node().equals(filename)
          && keys.putIfAbsent(NodeReader.variableName(variable), names.get(index)) == null;
    }

    /** Where a tensor comes from, behind what passes it on; a chain of them has an end. */
    private TensorRef source(TensorRef tensor) {
      TensorRef current = tensor;
      for (int hops = 0; hops < nodes.size(); hops++) {
        NodeDef node = nodes.get(current.node());
        if (node == null || !node.getOp().equals("Identity")) {
          return current;
        }
        current = NodeReader.dataInputs(node).get(0);
      }
      return current;
    }

    private List<String> strings(TensorRef tensor) {
      NodeDef node = nodes.get(source(tensor).node());
      if (node == null || !node.getOp().equals("Const")) {
        return List.of();
      }
      TensorProto value =
          node.getAttrOrDefault("value", AttrValue.getDefaultInstance()).getTensor();
      List<String> texts = value.getStringValList().stream().map(ByteString::toStringUtf8).toList();
      long size =
          value.getTensorShape().getDimCount() == 1
              ? value.getTensorShape().getDim(0).getSize()
              : -1;
      // One text stands for all where they are the same.
      return texts.size() == 1 && size > 1 && size < 1 << 20
          ? Collections.nCopies((int) size, texts.get(0))
          : texts;
    }
  }
}
