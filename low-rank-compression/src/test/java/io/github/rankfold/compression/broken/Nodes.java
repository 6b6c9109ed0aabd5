package io.github.rankfold.compression.broken;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;

/** Picks nodes and attributes to damage, in the graph and in the bodies of its functions. */
final class Nodes {
  private final MetaGraphDef.Builder meta;
  private final RandomGenerator random;

  Nodes(MetaGraphDef.Builder meta, RandomGenerator random) {
    this.meta = meta;
    this.random = random;
  }

  GraphDef.Builder graph() {
    return meta.getGraphDefBuilder();
  }

  FunctionDefLibrary.Builder library() {
    return graph().getLibraryBuilder();
  }

  /** Any node, or a new one where none is like this. */
  NodeDef.Builder any(Predicate<NodeDef> wanted) {
    List<NodeDef.Builder> found = new ArrayList<>();
    for (NodeDef.Builder node : graph().getNodeBuilderList()) {
      if (wanted.test(node.buildPartial())) {
        found.add(node);
      }
    }
    for (int i = 0; i < library().getFunctionCount(); i++) {
      for (NodeDef.Builder node : library().getFunctionBuilder(i).getNodeDefBuilderList()) {
        if (wanted.test(node.buildPartial())) {
          found.add(node);
        }
      }
    }
    return found.isEmpty()
        ? graph().addNodeBuilder().setName("made_up").setOp("NoOp")
        : found.get(random.nextInt(found.size()));
  }

  NodeDef.Builder any() {
    return any(node -> true);
  }

  /** Any node that takes an input. */
  NodeDef.Builder withInput() {
    return any(node -> node.getInputCount() > 0);
  }

  /** Changes an attribute of some node that has one of this kind. */
  void attribute(AttrValue.ValueCase kind, Consumer<AttrValue.Builder> change) {
    NodeDef.Builder node =
        any(
            candidate ->
                candidate.getAttrMap().values().stream()
                    .anyMatch(value -> value.getValueCase() == kind));
    List<String> names =
        node.getAttrMap().entrySet().stream()
            .filter(entry -> entry.getValue().getValueCase() == kind)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    String name = names.isEmpty() ? "T" : pick(names);
    AttrValue.Builder value =
        node.getAttrOrDefault(name, AttrValue.getDefaultInstance()).toBuilder();
    change.accept(value);
    node.putAttr(name, value.build());
  }

  /** The name of a node of the main graph. */
  String name() {
    return graph().getNodeCount() == 0
        ? "nothing"
        : graph().getNode(random.nextInt(graph().getNodeCount())).getName();
  }

  <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  long oddSize() {
    return pick(List.of(-2L, -1L, 0L, 1L, 3L, 1L << 31, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE));
  }

  RandomGenerator random() {
    return random;
  }
}
