package io.github.rankfold.compression.trials;

import com.google.protobuf.ByteString;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.GraphDef;

/**
 * A rewritten graph in memory, beside the original one: it shares the variables that stayed, and
 * the factors are assigned. Whoever makes it closes it, which frees the factors.
 */
public final class PlannedGraph implements AutoCloseable {
  private static final String VALUE = "/planned";
  private static final String ASSIGN = "/planned/Assign";
  private static final String DESTROY = "/planned/Destroy";

  private static final AtomicLong GRAPHS = new AtomicLong();

  private final LiveModel model;
  private final Set<String> factors;
  private final String prefix;

  public PlannedGraph(LiveModel model, FlatGraph rewritten, Map<String, Tensor> factors) {
    this.model = model;
    this.factors = Set.copyOf(factors.keySet());
    GraphDef.Builder graph = withOwnFactors(rewritten.toGraphDef()).toBuilder();
    factors.forEach((name, value) -> addAssignment(graph, name, value));
    this.prefix = model.addBeside(graph.build());
    assign(factors);
  }

  /** The session has one variable of a shared name, and other graphs beside have those factors. */
  private GraphDef withOwnFactors(GraphDef graph) {
    String suffix = "/planned_" + GRAPHS.incrementAndGet();
    GraphDef.Builder renamed = graph.toBuilder();
    for (int i = 0; i < renamed.getNodeCount(); i++) {
      String name = renamed.getNode(i).getName();
      if (factors.contains(name)) {
        AttrValue shared =
            AttrValue.newBuilder().setS(ByteString.copyFromUtf8(name + suffix)).build();
        renamed.getNodeBuilder(i).putAttr("shared_name", shared);
      }
    }
    return renamed.build();
  }

  /** Gives variables among the factors other values, of the same shape. */
  void assign(Map<String, Tensor> values) {
    if (!values.isEmpty()) {
      Session.Runner runner = model.session().runner();
      values.forEach((name, value) -> runner.feed(named(name, VALUE), value));
      values.keySet().forEach(name -> runner.addTarget(named(name, ASSIGN)));
      runner.run().close();
    }
  }

  private static void addAssignment(GraphDef.Builder graph, String name, Tensor value) {
    graph.addNode(
        NodeWriter.node(name + VALUE, "Placeholder").type("dtype", value.dataType()).build());
    graph.addNode(
        NodeWriter.node(name + ASSIGN, "AssignVariableOp")
            .input(name)
            .input(name + VALUE)
            .type("dtype", value.dataType())
            .build());
    graph.addNode(NodeWriter.node(name + DESTROY, "DestroyResourceOp").input(name).build());
  }

  private String named(String factor, String suffix) {
    return prefix + "/" + factor + suffix;
  }

  /** A tensor of the rewritten graph. */
  public Output<?> tensor(TensorRef tensor) {
    return model.graph().operationOrThrow(prefix + "/" + tensor.node()).output(tensor.index());
  }

  @Override
  public void close() {
    if (!factors.isEmpty()) {
      Session.Runner runner = model.session().runner();
      factors.forEach(name -> runner.addTarget(named(name, DESTROY)));
      runner.run().close();
    }
  }
}
