package io.github.rankfold.models.savedmodel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * Takes out the variables that do no more than hold the path of an asset, as TensorFlow 2 writes
 * them: the path itself goes where they were read.
 *
 * <p>Such a variable is no weight. Written as one, its text would be saved among them, which
 * converters do not expect, and which file a table is read from could not be told from the graph.
 */
final class AssetVariables {
  private final Map<String, NodeDef> nodes;
  private final Set<String> assets;
  private final Set<String> called;
  private final Map<String, TensorRef> pathByRead = new HashMap<>();

  /**
   * @param nodes by name
   * @param assets nodes that are fed the paths of assets when the model is loaded, and only then
   * @param called what the signatures need: a variable that they read must stay
   */
  AssetVariables(Map<String, NodeDef> nodes, Set<String> assets, Set<String> called) {
    this.nodes = nodes;
    this.assets = Set.copyOf(assets);
    this.called = Set.copyOf(called);
  }

  /** The nodes without those variables. */
  Map<String, NodeDef> takenOut() {
    Map<String, NodeDef> result = new LinkedHashMap<>(nodes);
    if (!assets.isEmpty()) {
      uses().values().forEach(users -> takeOut(users, result));
      result.replaceAll((name, node) -> withPaths(node));
    }
    return result;
  }

  /** What takes a handle of each variable of text, by the variable's shared name. */
  private Map<String, List<NodeDef>> uses() {
    Map<String, List<NodeDef>> uses = new LinkedHashMap<>();
    for (NodeDef node : nodes.values()) {
      for (TensorRef input : new HashSet<>(NodeReader.dataInputs(node))) {
        NodeDef handle = nodes.get(input.node());
        if (handle != null && isText(handle)) {
          uses.computeIfAbsent(NodeReader.variableName(handle), k -> new ArrayList<>()).add(node);
        }
      }
    }
    return uses;
  }

  private static boolean isText(NodeDef node) {
    return NodeReader.isVariable(node)
        && NodeReader.isResource(node)
        && node.getAttrOrDefault("dtype", AttrValue.getDefaultInstance()).getType()
            == DataType.DT_STRING;
  }

  private void takeOut(List<NodeDef> users, Map<String, NodeDef> result) {
    List<NodeDef> assignments = users.stream().filter(AssetVariables::assigns).toList();
    if (assignments.size() != 1
        || users.stream().anyMatch(user -> called.contains(user.getName()))) {
      return;
    }
    // One that is read before it is assigned would give what the checkpoint says.
    String assigned = "^" + assignments.get(0).getName();
    boolean onlyReadAfterwards =
        users.stream()
            .allMatch(
                user ->
                    assigns(user)
                        || (user.getOp().equals("ReadVariableOp")
                            && user.getInputList().contains(assigned)));
    TensorRef path = NodeReader.dataInputs(assignments.get(0)).get(1);
    if (!onlyReadAfterwards || !assets.contains(path.node())) {
      return;
    }
    for (NodeDef user : users) {
      NodeWriter replacement = NodeWriter.node(user.getName(), "NoOp");
      user.getInputList().stream().filter(TensorRef::isControl).forEach(replacement::waitFor);
      result.put(user.getName(), replacement.build());
      if (!assigns(user)) {
        pathByRead.put(user.getName(), path);
      }
    }
  }

  /** With the path itself as input: behind an Identity, converting to TFLite crashes. */
  private NodeDef withPaths(NodeDef node) {
    NodeDef.Builder result = node.toBuilder();
    for (int i = 0; i < node.getInputCount(); i++) {
      String input = node.getInput(i);
      TensorRef path = TensorRef.isControl(input) ? null : pathByRead.get(TensorRef.nodeOf(input));
      if (path != null) {
        result.setInput(i, path.asInput());
      }
    }
    return result.build();
  }

  private static boolean assigns(NodeDef node) {
    return node.getOp().equals("AssignVariableOp");
  }
}
