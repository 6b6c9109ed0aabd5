package io.github.rankfold.models.live;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Optional;
import org.tensorflow.proto.NodeDef;

/** What the last operation of a network is taken of. */
final class FinalActivation {
  private FinalActivation() {}

  /** The input of the operation that gives {@code output}, if that is such an operation. */
  static Optional<TensorRef> inputOf(FlatGraph graph, TensorRef output, String operation) {
    TensorRef current = output;
    NodeDef node = graph.node(current.node());
    while (node.getOp().equals("Identity")) {
      current = NodeReader.dataInputs(node).get(0);
      node = graph.node(current.node());
    }
    return node.getOp().equals(operation)
        ? Optional.of(NodeReader.dataInputs(node).get(0))
        : Optional.empty();
  }
}
