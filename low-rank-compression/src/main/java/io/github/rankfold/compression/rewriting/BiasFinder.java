package io.github.rankfold.compression.rewriting;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.factors.OutputShift;
import io.github.rankfold.models.layers.EinsumEquation;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Result;
import org.tensorflow.proto.NodeDef;

/** Finds the place where a layer's output can be shifted: its bias, as a rule. */
public final class BiasFinder {
  private static final Set<String> RESHAPING =
      Set.of("Identity", "Reshape", "Squeeze", "ExpandDims");

  private final LiveModel model;
  private final FlatGraph graph;
  private final Map<String, Set<String>> consumers;
  private final Set<String> outputs;

  /** Null until a bias is to be shifted. */
  private @Nullable Map<String, double[]> vectors;

  public BiasFinder(LiveModel model) {
    this.model = model;
    this.graph = model.flatGraph();
    this.consumers = graph.consumers();
    this.outputs = graph.outputNodes();
  }

  /** Whether the product of every use can be shifted by one vector, its columns being last. */
  public boolean canShift(Layer layer) {
    return layer.uses().stream().allMatch(this::canShift);
  }

  private boolean canShift(KernelUse use) {
    if (use.loop().isPresent() || use.transposed()) {
      return false;
    }
    NodeDef node = graph.node(use.operation());
    boolean weightFirst = TensorRef.parse(node.getInput(0)).equals(use.kernel());
    return switch (node.getOp()) {
      case "MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3" -> !weightFirst;
      case "Einsum" -> {
        EinsumEquation equation = EinsumEquation.of(node, weightFirst);
        yield equation.output().endsWith(equation.kept());
      }
      case "Conv2D", "Conv3D" -> true;
      default -> false;
    };
  }

  /** Where all products of a layer take the same bias, and nothing else does. */
  private record Place(NodeDef variable, int sign, List<OutputShift.Operand> operands) {}

  /** Whether there is a bias that takes a shift of this layer, which then costs no parameters. */
  public boolean hasBias(Layer layer) {
    return place(layer).isPresent();
  }

  /** The shift by this amount, into a bias where there is one. */
  public OutputShift shift(Layer layer, Matrix amount) {
    return place(layer)
        .map(
            place ->
                new OutputShift(
                    amount,
                    Optional.of(
                        new OutputShift.Bias(
                            NodeReader.variableName(place.variable()),
                            place.variable().getAttrOrThrow("dtype").getType(),
                            value(place.variable()).plusScaled(place.sign(), amount),
                            place.operands()))))
        .orElseGet(() -> OutputShift.ofItsOwn(amount));
  }

  private Optional<Place> place(Layer layer) {
    List<OutputShift.Operand> operands = new ArrayList<>();
    Set<String> variables = new HashSet<>();
    int sign = 1;
    for (KernelUse use : layer.uses()) {
      Optional<OutputShift.Operand> operand = operand(use, layer.cols());
      if (operand.isEmpty()) {
        return Optional.empty();
      }
      operands.add(operand.get());
      NodeDef taker = graph.node(operand.get().node());
      sign = taker.getOp().startsWith("FusedBatchNorm") ? -1 : 1;
      NodeDef value = unshaped(TensorRef.parse(taker.getInput(operand.get().index())));
      variables.add(TensorRef.parse(value.getInput(0)).node());
    }
    if (variables.size() != 1) {
      return Optional.empty();
    }
    NodeDef variable = graph.node(variables.iterator().next());
    return takenOnlyBy(variable, operands)
        ? Optional.of(new Place(variable, sign, operands))
        : Optional.empty();
  }

  private Matrix value(NodeDef variable) {
    double[] value = Objects.requireNonNull(vectors().get(variable.getName()));
    return Matrix.owning(1, value.length, value.clone());
  }

  /**
   * The values of all variables that are vectors and read, by node: small, and fetched in one run,
   * as TensorFlow prepares the whole graph for each.
   */
  private synchronized Map<String, double[]> vectors() {
    Map<String, double[]> known = vectors;
    if (known == null) {
      List<String> names = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      List<TensorRef> reads = new ArrayList<>();
      for (NodeDef node : graph.nodes()) {
        if (node.getOp().equals("ReadVariableOp")) {
          NodeDef variable = graph.node(TensorRef.parse(node.getInput(0)).node());
          if (NodeReader.isVariable(variable)
              && NodeReader.isFloating(variable.getAttrOrThrow("dtype").getType())
              && NodeReader.variableShape(variable).size() == 1
              && seen.add(variable.getName())) {
            names.add(variable.getName());
            reads.add(new TensorRef(node.getName(), 0));
          }
        }
      }
      known = new HashMap<>();
      try (Result result = model.fetch(reads)) {
        for (int i = 0; i < names.size(); i++) {
          known.put(names.get(i), TensorValues.toDoubles(result.get(i)));
        }
      }
      vectors = known;
    }
    return known;
  }

  /** Follows a product to where a variable's value is added to it, or subtracted as a mean. */
  private Optional<OutputShift.Operand> operand(KernelUse use, int width) {
    String current = use.operation();
    while (true) {
      Set<String> next = consumers.getOrDefault(current, Set.of());
      if (next.size() != 1 || outputs.contains(current)) {
        return Optional.empty();
      }
      NodeDef node = graph.node(next.iterator().next());
      List<TensorRef> inputs = NodeReader.dataInputs(node);
      String from = current;
      long fromHere = inputs.stream().filter(input -> input.node().equals(from)).count();
      if (fromHere != 1) {
        return Optional.empty();
      }
      int data = inputs.get(0).node().equals(current) ? 0 : 1;
      switch (node.getOp()) {
        case "BiasAdd", "AddV2", "Add" -> {
          return addend(node, inputs, 1 - data, width);
        }
        case "FusedBatchNormV3" -> {
          return !NodeReader.normalizesByBatch(node) && data == 0
              ? addend(node, inputs, 3, width)
              : Optional.empty();
        }
        case "Identity", "Reshape" -> {
          if (data != 0 || !keepsWidth(node, width)) {
            return Optional.empty();
          }
          current = node.getName();
        }
        default -> {
          return Optional.empty();
        }
      }
    }
  }

  private boolean keepsWidth(NodeDef node, int width) {
    var shape = model.tensor(new TensorRef(node.getName(), 0)).shape();
    return !shape.isUnknown()
        && shape.numDimensions() > 1
        && shape.get(shape.numDimensions() - 1) == width;
  }

  private Optional<OutputShift.Operand> addend(
      NodeDef node, List<TensorRef> inputs, int index, int width) {
    NodeDef read = unshaped(inputs.get(index));
    if (!read.getOp().equals("ReadVariableOp")) {
      return Optional.empty();
    }
    NodeDef variable = graph.node(TensorRef.parse(read.getInput(0)).node());
    boolean vector =
        NodeReader.isVariable(variable)
            && NodeReader.variableShape(variable).equals(List.of(width));
    return vector ? Optional.of(new OutputShift.Operand(node.getName(), index)) : Optional.empty();
  }

  /**
   * What gives a value before it is reshaped: Keras makes [1, 1, 1, n] of a bias and squeezes it.
   */
  private NodeDef unshaped(TensorRef value) {
    NodeDef node = graph.node(value.node());
    while (RESHAPING.contains(node.getOp())) {
      node = graph.node(TensorRef.parse(node.getInput(0)).node());
    }
    return node;
  }

  private boolean takenOnlyBy(NodeDef variable, List<OutputShift.Operand> operands) {
    Set<String> takers = new HashSet<>();
    for (String read : consumers.getOrDefault(variable.getName(), Set.of())) {
      if (!graph.node(read).getOp().equals("ReadVariableOp")) {
        return false;
      }
      addTakers(read, takers);
    }
    Set<String> known = new HashSet<>();
    operands.forEach(operand -> known.add(operand.node()));
    return known.containsAll(takers);
  }

  /** What takes a value, reshaped or not. */
  private void addTakers(String value, Set<String> takers) {
    for (String taker : consumers.getOrDefault(value, Set.of())) {
      if (RESHAPING.contains(graph.node(taker).getOp())) {
        addTakers(taker, takers);
      } else {
        takers.add(taker);
      }
    }
  }
}
