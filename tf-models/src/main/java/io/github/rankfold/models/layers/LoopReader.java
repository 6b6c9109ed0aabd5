package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.FunctionBody;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
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
    List<TensorRef> inputs = NodeReader.dataInputs(loop);
    Optional<FunctionBody> body = graph.functionBody(loop, "body");
    Optional<FunctionBody> condition = graph.functionBody(loop, "cond");
    if (body.isEmpty() || condition.isEmpty()) {
      return readings;
    }
    for (int slot = 0; slot < inputs.size(); slot++) {
      TensorRef weight = inputs.get(slot);
      if (cones.contains(weight) && !cones.roots(weight).isEmpty()) {
        Optional<List<Integer>> shape = kernelShape(weight);
        if (shape.isPresent() && shape.get().size() >= 2) {
          readSlot(loop, body.get(), condition.get(), weight, shape.get(), slot, readings);
        }
      }
    }
    return readings;
  }

  private static void readSlot(
      NodeDef loop,
      FunctionBody body,
      FunctionBody condition,
      TensorRef weight,
      List<Integer> shape,
      int slot,
      List<Reading> readings) {
    SlotUse found = new SlotUse(body, slot);
    Optional<String> obstacle =
        new SlotUse(condition, slot).isUsed()
            ? Optional.of("the loop's condition uses it")
            : found.obstacle(shape);
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
              1,
              Optional.of(new KernelUse.LoopSlot(loop.getName(), slot)));
      DataType type = product.getAttrOrThrow("T").getType();
      readings.add(new Reading.Product(LayerKind.RECURRENT, use, type));
    }
  }

  /** Of what enters the loop: a value, or the variable behind a handle. */
  private Optional<List<Integer>> kernelShape(TensorRef tensor) {
    NodeDef node = graph.node(tensor.node());
    if (NodeReader.isVariable(node) && NodeReader.isResource(node)) {
      return Optional.of(NodeReader.variableShape(node));
    }
    Shape shape = shapes.of(tensor);
    return ProductReader.knownShape(shape);
  }

  /** What a loop's body does with one slot. */
  private static final class SlotUse {
    private final FunctionBody body;
    private final int slot;
    private final List<NodeDef> products = new ArrayList<>();
    private final Set<String> carriers = new HashSet<>();
    private final Set<String> otherUses = new LinkedHashSet<>();

    SlotUse(FunctionBody body, int slot) {
      this.body = body;
      this.slot = slot;
      follow(new TensorRef(List.copyOf(body.arguments().keySet()).get(slot), 0));
    }

    boolean isUsed() {
      return !products.isEmpty() || !otherUses.isEmpty();
    }

    /** Through reads and identities to what uses the value. */
    private void follow(TensorRef tensor) {
      carriers.add(tensor.node());
      for (NodeDef node : body.nodes().values()) {
        List<TensorRef> inputs = NodeReader.dataInputs(node);
        if (!inputs.contains(tensor)) {
          continue;
        }
        switch (node.getOp()) {
          case "ReadVariableOp", "Identity" -> follow(new TensorRef(node.getName(), 0));
          case "MatMul", "BatchMatMulV2" -> addProduct(node, inputs, tensor);
          default -> otherUses.add(node.getOp());
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
        otherUses.add(node.getOp());
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
      if (!isUsed()) {
        return Optional.of("the loop does nothing with it");
      }
      if (!otherUses.isEmpty()) {
        return Optional.of(becauseOf(otherUses.iterator().next()));
      }
      return shape.size() == 2
          ? Optional.empty()
          : Optional.of("the weight is not one matrix of known size");
    }

    private static String becauseOf(String operation) {
      return switch (operation) {
        case "Split", "SplitV", "Unpack", "Slice", "StridedSlice" -> "the loop cuts it into parts";
        case "If", "StatelessIf", "Case", "StatelessCase" -> "it goes into a branch in the loop";
        case "While", "StatelessWhile" -> "it goes into a loop in the loop";
        case "Conv1D", "Conv2D", "Conv3D" -> "the loop convolves with it";
        default -> "the loop does more with it than multiply: " + operation;
      };
    }
  }
}
