package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.FunctionBody;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * Reads the products inside the bodies of While loops, as recurrent layers have them.
 *
 * <p>A kernel enters a loop in a slot that every round hands on unchanged, as a value or as the
 * handle of its variable. It can be rewritten where the body does nothing with it but multiply.
 */
final class LoopReader {
  private final FlatGraph graph;
  private final LayerFinder.StaticShapes shapes;
  private final ConstantCones cones;

  LoopReader(FlatGraph graph, LayerFinder.StaticShapes shapes, ConstantCones cones) {
    this.graph = graph;
    this.shapes = shapes;
    this.cones = cones;
  }

  static boolean isLoop(NodeDef node) {
    return node.getOp().equals("While") || node.getOp().equals("StatelessWhile");
  }

  /** The readings of all slots of a loop into which a weight goes. */
  List<Reading> read(NodeDef loop) {
    List<Reading> readings = new ArrayList<>();
    List<TensorRef> inputs = FlatGraph.dataInputs(loop);
    Optional<FunctionBody> body = graph.functionBody(loop, "body");
    if (body.isEmpty()) {
      return readings;
    }
    for (int slot = 0; slot < inputs.size(); slot++) {
      TensorRef weight = inputs.get(slot);
      if (cones.contains(weight) && !cones.roots(weight).isEmpty()) {
        Optional<List<Integer>> shape = kernelShape(weight);
        if (shape.isPresent() && shape.get().size() >= 2) {
          readSlot(loop, body.get(), weight, shape.get(), slot, readings);
        }
      }
    }
    return readings;
  }

  private static void readSlot(
      NodeDef loop,
      FunctionBody body,
      TensorRef weight,
      List<Integer> shape,
      int slot,
      List<Reading> readings) {
    SlotUse found = new SlotUse(body, List.copyOf(body.arguments().keySet()).get(slot), slot);
    Optional<String> obstacle = found.obstacle(shape);
    if (obstacle.isPresent()) {
      readings.add(new Reading.LeftAlone("a loop", weight, obstacle.get()));
      return;
    }
    for (NodeDef product : found.products) {
      boolean transposed =
          ProductReader.flag(product, "transpose_b") || ProductReader.flag(product, "adj_y");
      KernelUse use =
          new KernelUse(
              product.getName(),
              TensorRef.parse(product.getInput(0)),
              weight,
              new TensorRef(product.getName(), 0),
              transposed ? MatrixView.transposed(shape) : MatrixView.leadingByLast(shape),
              false,
              1,
              Optional.of(new KernelUse.LoopSlot(loop.getName(), slot)));
      DataType type = product.getAttrOrThrow("T").getType();
      readings.add(new Reading.Product(LayerKind.RECURRENT, use, type));
    }
  }

  /** Of what enters the loop: a value, or the variable behind a handle. */
  private Optional<List<Integer>> kernelShape(TensorRef tensor) {
    NodeDef node = graph.node(tensor.node());
    if (FlatGraph.isVariable(node) && FlatGraph.isResource(node)) {
      return Optional.of(FlatGraph.variableShape(node));
    }
    Shape shape = shapes.of(tensor);
    return ProductReader.knownShape(shape);
  }

  /** What a loop's body does with one slot. */
  private static final class SlotUse {
    private final FunctionBody body;
    private final TensorRef argument;
    private final int slot;
    private final List<NodeDef> products = new ArrayList<>();
    private final Set<String> carriers = new HashSet<>();
    private boolean usedOtherwise;

    SlotUse(FunctionBody body, String argument, int slot) {
      this.body = body;
      this.argument = new TensorRef(argument, 0);
      this.slot = slot;
      follow(this.argument);
    }

    /** Through reads and identities to what uses the value. */
    private void follow(TensorRef tensor) {
      carriers.add(tensor.node());
      for (NodeDef node : body.nodes().values()) {
        List<TensorRef> inputs = FlatGraph.dataInputs(node);
        if (!inputs.contains(tensor)) {
          continue;
        }
        switch (node.getOp()) {
          case "ReadVariableOp", "Identity" -> follow(new TensorRef(node.getName(), 0));
          case "MatMul", "BatchMatMulV2" -> addProduct(node, inputs, tensor);
          default -> usedOtherwise = true;
        }
      }
    }

    private void addProduct(NodeDef node, List<TensorRef> inputs, TensorRef tensor) {
      boolean plain =
          inputs.get(1).equals(tensor)
              && !inputs.get(0).equals(tensor)
              && !ProductReader.flag(node, "transpose_a")
              && !ProductReader.flag(node, "adj_x");
      if (plain) {
        products.add(node);
      } else {
        usedOtherwise = true;
      }
    }

    Optional<String> obstacle(List<Integer> shape) {
      if (slot >= body.results().size() || !carriers.contains(body.results().get(slot).node())) {
        return Optional.of("the loop changes it from round to round");
      }
      for (int i = 0; i < body.results().size(); i++) {
        if (i != slot && carriers.contains(body.results().get(i).node())) {
          return Optional.of("the loop hands it on in another place");
        }
      }
      if (products.isEmpty() || usedOtherwise) {
        return Optional.of("the loop does more with it than multiply");
      }
      return shape.size() == 2
          ? Optional.empty()
          : Optional.of("the weight is not one matrix of known size");
    }
  }
}
