package io.github.rankfold.models.live;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.List;
import java.util.Optional;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The logits of a classifier of two classes that has one output, the probability of the second by a
 * sigmoid: {@code [0, z]} of the sigmoid's input z, [N x 2], whose softmax is {@code [1 - p, p]}.
 * So it is a classifier like any other to whoever asks for logits.
 */
final class TwoClasses {
  private static final String LOGITS = "rankfold_two_classes";
  private static final String PADDINGS = LOGITS + "/paddings";

  private TwoClasses() {}

  /** Them in a graph that has been given some. */
  static Optional<TensorRef> in(FlatGraph graph) {
    return graph.contains(PADDINGS) ? Optional.of(new TensorRef(LOGITS, 0)) : Optional.empty();
  }

  /** The graph with them, or as it is where {@code output} is no sigmoid of shape [N x 1]. */
  static FlatGraph addedTo(FlatGraph graph, TensorInfo output) {
    TensorShapeProto shape = output.getTensorShape();
    boolean one = shape.getDimCount() == 2 && shape.getDim(1).getSize() == 1;
    Optional<TensorRef> logit =
        one
            ? FinalActivation.inputOf(graph, TensorRef.parse(output.getName()), "Sigmoid")
            : Optional.empty();
    return logit
        .filter(z -> !graph.contains(LOGITS))
        .map(z -> graph.withBeside(nodes(z, output.getDtype())))
        .orElse(graph);
  }

  /** A column of zeros before the logit's: of padding there is a gradient. */
  private static List<NodeDef> nodes(TensorRef logit, DataType type) {
    return List.of(
        NodeWriter.integers(PADDINGS, List.of(2, 2), 0, 0, 1, 0),
        NodeWriter.node(LOGITS, "Pad")
            .input(logit)
            .input(PADDINGS)
            .type("T", type)
            .type("Tpaddings", DataType.DT_INT32)
            .build());
  }
}
