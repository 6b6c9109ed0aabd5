package io.github.rankfold.models.savedmodel;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * Keeps one of each small constant that a graph holds several times: shapes, axes, epsilons.
 *
 * <p>A network with its functions inlined has hundreds of them, once more for each signature, and
 * Python's loader copies every node that a signature needs, one by one.
 */
final class EqualConstants {
  /** In bytes; larger ones may be weights, and are not compared. */
  private static final int SMALL = 256;

  private EqualConstants() {}

  /** The same graph with fewer constants; what signatures name keeps its name. */
  static FlatGraph merged(FlatGraph graph) {
    Map<String, String> instead = copies(graph);
    List<NodeDef> changed = new ArrayList<>();
    for (NodeDef node : graph.nodes()) {
      if (node.getInputList().stream().anyMatch(input -> readsOneOf(instead, input))) {
        changed.add(rewired(node, instead));
      }
    }
    return graph.with(changed);
  }

  /** The constants that another one takes the place of, with that one. */
  static Map<String, String> copies(FlatGraph graph) {
    Set<String> named = new HashSet<>();
    for (SignatureDef signature : graph.signatures().values()) {
      signature.getInputsMap().values().forEach(info -> named.add(nodeOf(info)));
      signature.getOutputsMap().values().forEach(info -> named.add(nodeOf(info)));
    }
    Map<ByteString, String> first = new HashMap<>();
    Map<String, String> instead = new HashMap<>();
    for (NodeDef node : graph.nodes()) {
      if (isSmallConstant(node) && !named.contains(node.getName())) {
        // The name differs; the device stays, as a node may have to be where its reader is.
        String other = first.putIfAbsent(nameless(node), node.getName());
        if (other != null) {
          instead.put(node.getName(), other);
        }
      }
    }
    return instead;
  }

  private static String nodeOf(TensorInfo info) {
    return TensorRef.parse(info.getName()).node();
  }

  private static boolean isSmallConstant(NodeDef node) {
    return node.getOp().equals("Const")
        && node.getInputCount() == 0
        && node.getSerializedSize() - node.getName().length() <= SMALL;
  }

  private static ByteString nameless(NodeDef node) {
    return node.toBuilder()
        .clearName()
        .clearExperimentalDebugInfo()
        .removeAttr("_output_shapes")
        .build()
        .toByteString();
  }

  private static boolean readsOneOf(Map<String, String> instead, String input) {
    return instead.containsKey(TensorRef.nodeOf(input));
  }

  private static NodeDef rewired(NodeDef node, Map<String, String> instead) {
    NodeDef.Builder result = node.toBuilder().clearInput();
    for (String input : node.getInputList()) {
      String other = instead.get(TensorRef.nodeOf(input));
      // A constant has one output, 0.
      result.addInput(other == null ? input : TensorRef.isControl(input) ? "^" + other : other);
    }
    return result.build();
  }
}
