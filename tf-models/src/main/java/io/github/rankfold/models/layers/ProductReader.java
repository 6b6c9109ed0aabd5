package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;

/** Reads the operations of a flat graph, outside of loops, that multiply data by a weight. */
final class ProductReader {
  private final FlatGraph graph;
  private final LayerFinder.StaticShapes shapes;
  private final ConstantCones cones;
  private final AxisCounts axisCounts;

  ProductReader(FlatGraph graph, LayerFinder.StaticShapes shapes, ConstantCones cones) {
    this.graph = graph;
    this.shapes = shapes;
    this.cones = cones;
    this.axisCounts = new AxisCounts(graph, shapes);
  }

  /** What this operation does with a weight; nothing for most operations. */
  Optional<Reading> read(NodeDef node) {
    return switch (node.getOp()) {
      case "MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3" -> matrixProduct(node);
      case "Einsum" -> einsum(node);
      case "Conv2D", "Conv3D" -> convolution(node);
      case "Conv2DBackpropInput", "Conv3DBackpropInputV2" -> transposedConvolution(node);
      case "GatherV2" -> gather(node);
      case "ResourceGather" -> resourceGather(node);
      case "DepthwiseConv2dNative" -> leaveAlone(node, 1, "each channel has a filter of its own");
      default -> Optional.empty();
    };
  }

  private Optional<Reading> matrixProduct(NodeDef node) {
    TensorRef left = input(node, 0);
    TensorRef right = input(node, 1);
    if (cones.contains(left) == cones.contains(right)) {
      return Optional.empty(); // data times data, as in attention, or a constant to be folded
    }
    return cones.contains(left) ? weightOnTheLeft(node, left, right) : weightOnTheRight(node);
  }

  private Optional<Reading> weightOnTheRight(NodeDef node) {
    TensorRef weight = input(node, 1);
    if (flag(node, "transpose_a") || flag(node, "adj_x")) {
      return leaveAlone(node, 1, "the product transposes its data");
    }
    Optional<List<Integer>> shape = shape(weight).flatMap(sizes -> oneMatrix(node, sizes));
    if (shape.isEmpty()) {
      return leaveAlone(node, 1, "the weight is not one matrix of known size");
    }
    boolean transposed = flag(node, "transpose_b") || flag(node, "adj_y");
    MatrixView view =
        transposed ? MatrixView.transposed(shape.get()) : MatrixView.leadingByLast(shape.get());
    return product(LayerKind.DENSE, node, input(node, 0), weight, view, middlePositions(node));
  }

  /**
   * The matrix that a weight [1, ..., 1, m, n] is, as {@code tf.matmul(x, [w])} makes of a list of
   * one: a matrix without those axes gives the same where the data has as many itself.
   */
  private Optional<List<Integer>> oneMatrix(NodeDef node, List<Integer> shape) {
    int leading = shape.size() - 2;
    if (leading == 0) {
      return Optional.of(shape);
    }
    boolean broadcasts =
        node.getOp().equals("BatchMatMulV2") || node.getOp().equals("BatchMatMulV3");
    boolean same =
        leading > 0
            && broadcasts
            && shape.subList(0, leading).stream().allMatch(size -> size == 1)
            && axisCounts.of(input(node, 0)).orElse(0) >= shape.size();
    return same ? Optional.of(shape.subList(leading, shape.size())) : Optional.empty();
  }

  /** {@code a^T = W^T z^T}: the weight is the transpose of the one in {@code a = z W}. */
  private Optional<Reading> weightOnTheLeft(NodeDef node, TensorRef weight, TensorRef data) {
    Optional<List<Integer>> shape = shape(weight);
    if (shape.isEmpty() || shape.get().size() != 2 || !node.getOp().equals("MatMul")) {
      return leaveAlone(node, 0, "the weight is on the left, and not one matrix of known size");
    }
    MatrixView view =
        flag(node, "transpose_a")
            ? MatrixView.leadingByLast(shape.get())
            : MatrixView.transposed(shape.get());
    return product(LayerKind.DENSE, node, data, weight, view, 1);
  }

  private Optional<Reading> einsum(NodeDef node) {
    if (node.getInputCount() < 2 || isControl(node.getInput(1))) {
      return Optional.empty();
    }
    int weight = cones.contains(input(node, 1)) ? 1 : 0;
    if (!cones.contains(input(node, weight)) || cones.contains(input(node, 1 - weight))) {
      return Optional.empty();
    }
    Optional<List<Integer>> shape = shape(input(node, weight));
    Optional<EinsumEquation> equation = EinsumEquation.parse(node, weight);
    if (shape.isEmpty() || equation.isEmpty()) {
      return leaveAlone(node, weight, "its equation has repeated labels or unknown sizes");
    }
    if (equation.get().contractedAxes().isEmpty() || equation.get().keptAxes().isEmpty()) {
      return leaveAlone(node, weight, "its equation sums over no axis of the weight, or all");
    }
    if (equation.get().sharesBatchLabels()) {
      return leaveAlone(node, weight, "the weight has a matrix for each entry of a batch axis");
    }
    MatrixView view =
        new MatrixView(shape.get(), equation.get().contractedAxes(), equation.get().keptAxes());
    return product(LayerKind.EINSUM, node, input(node, 1 - weight), input(node, weight), view, 1);
  }

  private Optional<Reading> convolution(NodeDef node) {
    TensorRef data = input(node, 0);
    TensorRef filter = input(node, 1);
    if (!cones.contains(filter) || cones.contains(data)) {
      return Optional.empty();
    }
    Optional<List<Integer>> shape = shape(filter);
    Shape dataShape = shapes.of(data);
    if (shape.isEmpty() || dataShape.isUnknown()) {
      return leaveAlone(node, 1, "its filter has unknown sizes");
    }
    long channels = dataShape.get(channelAxis(node, dataShape.numDimensions()));
    int filterChannels = shape.get().get(shape.get().size() - 2);
    if (channels != filterChannels) {
      return leaveAlone(node, 1, "the convolution is grouped");
    }
    return product(
        LayerKind.CONVOLUTION,
        node,
        data,
        filter,
        MatrixView.leadingByLast(shape.get()),
        spatialPositions(node, new TensorRef(node.getName(), 0)));
  }

  private Optional<Reading> transposedConvolution(NodeDef node) {
    TensorRef filter = input(node, 1);
    TensorRef data = input(node, 2);
    if (!cones.contains(filter) || cones.contains(data)) {
      return Optional.empty();
    }
    Optional<List<Integer>> shape = shape(filter);
    if (shape.isEmpty()) {
      return leaveAlone(node, 1, "its filter has unknown sizes");
    }
    return product(
        LayerKind.TRANSPOSED_CONVOLUTION,
        node,
        data,
        filter,
        MatrixView.leadingByLast(shape.get()),
        spatialPositions(node, data));
  }

  private Optional<Reading> gather(NodeDef node) {
    TensorRef table = input(node, 0);
    if (!cones.contains(table) || cones.contains(input(node, 1))) {
      return Optional.empty();
    }
    Optional<List<Integer>> shape = shape(table);
    if (shape.isEmpty() || shape.get().size() != 2 || cones.roots(table).isEmpty()) {
      return Optional.empty(); // a lookup in a shape or a list of numbers, not in an embedding
    }
    if (!isZero(input(node, 2)) || number(node, "batch_dims") != 0) {
      return leaveAlone(node, 0, "it looks up columns, not rows");
    }
    return lookup(node, table, shape.get());
  }

  private Optional<Reading> resourceGather(NodeDef node) {
    TensorRef table = input(node, 0);
    NodeDef variable = graph.node(table.node());
    if (!NodeReader.isVariable(variable) || !cones.contains(table)) {
      return Optional.empty();
    }
    List<Integer> shape = NodeReader.variableShape(variable);
    if (shape.size() != 2 || number(node, "batch_dims") != 0) {
      return leaveAlone(node, 0, "it looks up more than rows of a matrix");
    }
    return lookup(node, table, shape);
  }

  private Optional<Reading> lookup(NodeDef node, TensorRef table, List<Integer> shape) {
    OptionalInt indexAxes = axisCounts.of(input(node, 1));
    if (indexAxes.isEmpty()) {
      return leaveAlone(node, 0, "it is not known how many axes the looked-up rows have");
    }
    if (indexAxes.getAsInt() < 1) {
      return leaveAlone(node, 0, "it looks up a single row");
    }
    return product(
        LayerKind.EMBEDDING,
        node,
        input(node, 1),
        table,
        MatrixView.leadingByLast(shape),
        middlePositions(node));
  }

  /**
   * The kernels that this operation hands to functions which are not looked into: branches, and
   * what XLA must compile, which is not inlined.
   */
  List<Reading> handedOver(NodeDef node) {
    Optional<String> because =
        switch (node.getOp()) {
          case "StatefulPartitionedCall", "PartitionedCall" ->
              Optional.of("it goes into a function that XLA compiles");
          case "If", "StatelessIf", "Case", "StatelessCase" ->
              Optional.of("it goes into a branch of a condition");
          default -> Optional.empty();
        };
    if (because.isEmpty()) {
      return List.of();
    }
    return NodeReader.dataInputs(node).stream()
        .filter(tensor -> cones.contains(tensor) && !cones.roots(tensor).isEmpty())
        .filter(tensor -> axes(tensor) >= 2)
        .<Reading>map(tensor -> new Reading.LeftAlone(node.getOp(), tensor, because.get()))
        .toList();
  }

  /** How many axes a tensor has, or the variable whose handle it is; 0 where it is not known. */
  private int axes(TensorRef tensor) {
    NodeDef node = graph.node(tensor.node());
    if (NodeReader.isVariable(node)) {
      return NodeReader.variableShape(node).size();
    }
    Shape shape = shapes.of(tensor);
    return shape.isUnknown() ? 0 : shape.numDimensions();
  }

  private Optional<Reading> product(
      LayerKind kind,
      NodeDef node,
      TensorRef data,
      TensorRef weight,
      MatrixView view,
      long positions) {
    if (cones.roots(weight).isEmpty()) {
      return Optional.empty(); // made from no weight, such as a range of numbers
    }
    String attribute = // a matrix product of type V3 has three, a lookup its own
        Stream.of("T", "Tout", "Tparams", "dtype").filter(node::containsAttr).findFirst().get();
    DataType type = node.getAttrOrThrow(attribute).getType();
    if (!NodeReader.isFloating(type)) {
      return Optional.of(
          new Reading.LeftAlone(node.getOp(), weight, "its product is of type " + nameOf(type)));
    }
    KernelUse use =
        new KernelUse(
            node.getName(),
            data,
            weight,
            new TensorRef(node.getName(), 0),
            view,
            false,
            positions,
            kind == LayerKind.CONVOLUTION ? spatialPositions(node, data) : positions,
            Optional.empty());
    return Optional.of(new Reading.Product(kind, use, type));
  }

  private static String nameOf(DataType type) {
    return type.name().substring("DT_".length()).toLowerCase(Locale.ROOT);
  }

  private Optional<Reading> leaveAlone(NodeDef node, int weight, String because) {
    TensorRef tensor = input(node, weight);
    return cones.contains(tensor)
        ? Optional.of(new Reading.LeftAlone(node.getOp(), tensor, because))
        : Optional.empty();
  }

  private static TensorRef input(NodeDef node, int index) {
    return TensorRef.parse(node.getInput(index));
  }

  private static boolean isControl(String input) {
    return input.startsWith("^");
  }

  private Optional<List<Integer>> shape(TensorRef tensor) {
    return knownShape(shapes.of(tensor));
  }

  static Optional<List<Integer>> knownShape(Shape shape) {
    if (shape.hasUnknownDimension()) {
      return Optional.empty();
    }
    List<Integer> sizes = new ArrayList<>();
    for (long size : shape.asArray()) {
      sizes.add(Math.toIntExact(size));
    }
    return Optional.of(sizes);
  }

  static int channelAxis(NodeDef node, int axes) {
    return NodeReader.hasChannelsFirst(node) ? 1 : axes - 1;
  }

  /** The known sizes between the batch axis and the last one, multiplied. */
  private long middlePositions(NodeDef node) {
    Shape shape = shapes.of(new TensorRef(node.getName(), 0));
    long positions = 1;
    for (int axis = 1; axis < shape.numDimensions() - 1; axis++) {
      positions *= Math.max(1, shape.get(axis));
    }
    return positions;
  }

  /** The known sizes of all axes but the batch and the channels, multiplied. */
  private long spatialPositions(NodeDef node, TensorRef tensor) {
    Shape shape = shapes.of(tensor);
    long positions = 1;
    for (int axis = 1; axis < shape.numDimensions(); axis++) {
      if (axis != channelAxis(node, shape.numDimensions())) {
        positions *= Math.max(1, shape.get(axis));
      }
    }
    return positions;
  }

  private boolean isZero(TensorRef tensor) {
    NodeDef node = graph.node(tensor.node());
    if (!node.getOp().equals("Const")) {
      return false;
    }
    TensorProto value = node.getAttrOrThrow("value").getTensor();
    return value.getIntValList().stream().allMatch(v -> v == 0)
        && value.getInt64ValList().stream().allMatch(v -> v == 0)
        && allZero(value.getTensorContent().toByteArray());
  }

  private static boolean allZero(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static long number(NodeDef node, String attribute) {
    return node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance()).getI();
  }

  static boolean flag(NodeDef node, String attribute) {
    return node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance()).getB();
  }
}
