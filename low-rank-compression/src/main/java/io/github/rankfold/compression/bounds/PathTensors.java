package io.github.rankfold.compression.bounds;

import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TUint8;

/**
 * What is known of the tensors between a model's input and its logits: which depend on the input's
 * values, the values of those that don't, the shapes of those that do. Heap copies only.
 */
final class PathTensors {
  /** Operations whose result depends on the shape of the data, not on its values. */
  private static final Set<String> OF_SHAPE = Set.of("Shape", "ShapeN", "Size", "Rank");

  private static final int[] PROBES = {2, 3};

  /** A tensor that does not depend on the input. */
  static final class Constant {
    private final double[] values;
    private final List<Integer> shape;

    Constant(double[] values, List<Integer> shape) {
      this.values = values;
      this.shape = List.copyOf(shape);
    }

    /** The array itself: nobody writes to it. */
    double[] values() {
      return values;
    }

    List<Integer> shape() {
      return shape;
    }

    double largest() {
      double largest = 0;
      for (double value : values) {
        largest = Math.max(largest, Math.abs(value));
      }
      return largest;
    }

    double smallest() {
      double smallest = Double.POSITIVE_INFINITY;
      for (double value : values) {
        smallest = Math.min(smallest, Math.abs(value));
      }
      return smallest;
    }
  }

  private final FlatGraph graph;
  private final List<NodeDef> live = new ArrayList<>();
  private final Set<String> liveNames = new HashSet<>();
  private final Map<TensorRef, Constant> constants = new HashMap<>();

  /** The shapes at two batch sizes. */
  private final List<Map<TensorRef, long[]>> shapes = new ArrayList<>();

  private PathTensors(FlatGraph graph) {
    this.graph = graph;
  }

  static PathTensors of(LiveModel model) {
    FlatGraph graph = model.flatGraph();
    PathTensors tensors = new PathTensors(graph);
    Set<String> needed = graph.ancestors(List.of(model.logits().node()));
    Set<String> fromInput = new HashSet<>(Set.of(model.input().node()));
    tensors.liveNames.add(model.input().node());
    for (NodeDef node : graph.inDataOrder()) {
      List<TensorRef> inputs = NodeReader.dataInputs(node);
      if (needed.contains(node.getName())
          && inputs.stream().anyMatch(in -> fromInput.contains(in.node()))) {
        fromInput.add(node.getName());
        if (!OF_SHAPE.contains(node.getOp())
            && inputs.stream().anyMatch(in -> tensors.liveNames.contains(in.node()))) {
          tensors.liveNames.add(node.getName());
          tensors.live.add(node);
        }
      }
    }
    tensors.readConstants(model, fromInput);
    tensors.probe(model);
    return tensors;
  }

  /** The nodes that depend on the input's values, in data order; the input itself is none. */
  List<NodeDef> live() {
    return live;
  }

  boolean isLive(TensorRef tensor) {
    return liveNames.contains(tensor.node());
  }

  /** The value of a tensor that needs no data; empty for one that does, or is no number. */
  Optional<Constant> constant(TensorRef tensor) {
    return Optional.ofNullable(constants.get(tensor));
  }

  /** The shape at a batch of two; empty where it could not be found out. */
  Optional<long[]> shape(TensorRef tensor) {
    return Optional.ofNullable(shapes.get(0).get(tensor)).map(long[]::clone);
  }

  /**
   * Values a sample; empty where the tensor does not hold its samples one after the other, which is
   * so where its first axis does not grow with the batch, or another one does.
   */
  Optional<Long> sampleSize(TensorRef tensor) {
    long[] two = shapes.get(0).get(tensor);
    long[] three = shapes.get(1).get(tensor);
    if (two == null || three == null || two.length != three.length || two.length == 0) {
      return Optional.empty();
    }
    long size = 1;
    for (int axis = 0; axis < two.length; axis++) {
      boolean grows = axis == 0 && two[0] * 3 == three[0] * 2;
      if (!grows && (axis == 0 || two[axis] != three[axis])) {
        return Optional.empty();
      }
      size *= two[axis];
    }
    return Optional.of(size / 2);
  }

  private void readConstants(LiveModel model, Set<String> fromInput) {
    Set<TensorRef> wanted = new LinkedHashSet<>();
    for (NodeDef node : live) {
      for (TensorRef input : NodeReader.dataInputs(node)) {
        if (!fromInput.contains(input.node()) && isNumber(model.fetchable(input).dataType())) {
          wanted.add(input);
        }
      }
    }
    List<TensorRef> fetched = List.copyOf(wanted);
    fetch(model, model.session().runner(), fetched)
        .forEach((tensor, value) -> constants.put(tensor, value));
  }

  private static boolean isNumber(DataType type) {
    return switch (type) {
      case DT_FLOAT, DT_DOUBLE, DT_HALF, DT_BFLOAT16, DT_INT32, DT_INT64 -> true;
      default -> false;
    };
  }

  private static Map<TensorRef, Constant> fetch(
      LiveModel model, Session.Runner runner, List<TensorRef> tensors) {
    Map<TensorRef, Constant> values = new HashMap<>();
    if (tensors.isEmpty()) {
      return values;
    }
    tensors.forEach(tensor -> runner.fetch(model.fetchable(tensor)));
    try (Result result = runner.run()) {
      for (int i = 0; i < tensors.size(); i++) {
        Tensor tensor = result.get(i);
        List<Integer> shape = new ArrayList<>();
        for (long size : tensor.shape().asArray()) {
          shape.add(Math.toIntExact(size));
        }
        values.put(tensors.get(i), new Constant(numbers(tensor), shape));
      }
    }
    return values;
  }

  private static double[] numbers(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.shape().size())];
    switch (tensor.dataType()) {
      case DT_INT32 -> {
        var data = tensor.asRawTensor().data().asInts();
        for (int i = 0; i < values.length; i++) {
          values[i] = data.getInt(i);
        }
        return values;
      }
      case DT_INT64 -> {
        var data = tensor.asRawTensor().data().asLongs();
        for (int i = 0; i < values.length; i++) {
          values[i] = data.getLong(i);
        }
        return values;
      }
      default -> {
        return TensorValues.toDoubles(tensor);
      }
    }
  }

  /** Runs zeros through the model; where that does not work, no shape is known. */
  private void probe(LiveModel model) {
    Set<TensorRef> wanted = new LinkedHashSet<>();
    for (NodeDef node : live) {
      wanted.addAll(NodeReader.dataInputs(node));
    }
    wanted.add(model.logits());
    List<TensorRef> tensors = wanted.stream().filter(this::isLive).toList();
    for (int batch : PROBES) {
      Map<TensorRef, long[]> found = new HashMap<>();
      shapes.add(found);
      Optional<InputBatch> zeros = zeros(model, batch);
      if (zeros.isEmpty()) {
        continue;
      }
      try (InputBatch input = zeros.get()) {
        probe(model, input, tensors, found);
      }
    }
  }

  /**
   * Fetches by halves where a run fails: TensorFlow's remapper loses the sigmoid of a SiLU even
   * where it is fetched, and a graph may not take such a batch at all.
   */
  private static void probe(
      LiveModel model, InputBatch input, List<TensorRef> tensors, Map<TensorRef, long[]> found) {
    Session.Runner runner = model.feeding(input);
    tensors.forEach(tensor -> runner.fetch(model.fetchable(tensor)));
    try (Result result = runner.run()) {
      for (int i = 0; i < tensors.size(); i++) {
        found.put(tensors.get(i), result.get(i).shape().asArray());
      }
    } catch (TensorFlowException | IllegalArgumentException e) {
      int half = tensors.size() / 2;
      if (half > 0) {
        probe(model, input, tensors.subList(0, half), found);
        probe(model, input, tensors.subList(half, tensors.size()), found);
      }
    }
  }

  /** Zeros for the input; empty where it is of open size, or of a type that data is not. */
  static Optional<InputBatch> zeros(LiveModel model, int batch) {
    Shape declared = model.tensor(model.input()).shape();
    if (declared.isUnknown() || declared.numDimensions() == 0) {
      return Optional.empty();
    }
    long[] sizes = declared.asArray().clone();
    if (sizes[0] != Shape.UNKNOWN_SIZE && sizes[0] != batch) {
      return Optional.empty();
    }
    sizes[0] = batch;
    for (long size : sizes) {
      if (size == Shape.UNKNOWN_SIZE) {
        return Optional.empty();
      }
    }
    Shape shape = Shape.of(sizes);
    int size = Math.toIntExact(shape.size());
    DataType type = model.tensor(model.input()).dataType();
    Optional<Tensor> zeros =
        switch (type) {
          case DT_FLOAT, DT_DOUBLE, DT_HALF, DT_BFLOAT16 ->
              Optional.of(TensorValues.of(type, shape, new float[size]));
          case DT_UINT8 ->
              Optional.of(TUint8.tensorOf(shape, DataBuffers.of(new byte[size], true, false)));
          default -> Optional.empty();
        };
    return zeros.map(tensor -> InputBatch.of(model.input(), tensor));
  }

  FlatGraph graph() {
    return graph;
  }
}
