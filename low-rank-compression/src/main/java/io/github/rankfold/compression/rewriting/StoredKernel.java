package io.github.rankfold.compression.rewriting;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.factors.StoredAs;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.tensorflow.Result;
import org.tensorflow.Tensor;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A kernel that is left whole and stored in fewer bits: every node that reads its variable becomes
 * one that gives the same from what is stored, and keeps its name. So do constants.
 *
 * @param graph of the model
 * @param readers the nodes that are replaced: reads of the variable, or the constant
 * @param shape of the variable
 * @param dtype of the variable
 * @param name of the variable, or node of the constant
 * @param format how it is stored
 */
public record StoredKernel(
    FlatGraph graph,
    List<NodeDef> readers,
    List<Integer> shape,
    DataType dtype,
    String name,
    WeightFormat format) {
  /** Empty where something does more with the variable than to read it, as loops by handle do. */
  public static Optional<StoredKernel> of(FlatGraph graph, Layer layer, WeightFormat format) {
    NodeDef variable = graph.variables().get(layer.variable());
    if (variable == null) {
      NodeDef constant = graph.node(layer.variable());
      TensorShapeProto sizes = constant.getAttrOrThrow("value").getTensor().getTensorShape();
      List<Integer> shape = sizes.getDimList().stream().map(dim -> (int) dim.getSize()).toList();
      return kernel(
          graph,
          List.of(constant),
          shape,
          constant.getAttrOrThrow("dtype").getType(),
          layer.variable(),
          format);
    }
    List<NodeDef> readers = new ArrayList<>();
    for (NodeDef handle : graph.handles(layer.variable())) {
      for (String taker : graph.consumers().getOrDefault(handle.getName(), Set.of())) {
        NodeDef node = graph.node(taker);
        if (!node.getOp().equals("ReadVariableOp")) {
          return Optional.empty();
        }
        readers.add(node);
      }
    }
    return kernel(
        graph,
        readers,
        NodeReader.variableShape(variable),
        variable.getAttrOrThrow("dtype").getType(),
        layer.variable(),
        format);
  }

  private static Optional<StoredKernel> kernel(
      FlatGraph graph,
      List<NodeDef> readers,
      List<Integer> shape,
      DataType dtype,
      String name,
      WeightFormat format) {
    boolean known = !shape.isEmpty() && shape.stream().allMatch(size -> size > 0);
    return known && !readers.isEmpty() && WeightFormat.isWider(dtype)
        ? Optional.of(new StoredKernel(graph, readers, shape, dtype, name, format))
        : Optional.empty();
  }

  public StoredAs storedAs() {
    return new StoredAs(format, format.hasScales() ? shape.get(shape.size() - 1) : 0);
  }

  /**
   * What storing a whole kernel in fewer bits saves.
   *
   * @param layer whose kernel it is
   * @param bytes fewer, scales counted
   * @param scales more
   */
  public record Saving(Layer layer, long bytes, long scales) {}

  /** What is saved by it. */
  public Saving saving(Layer layer) {
    long weights = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    long scales = storedAs().scales();
    int own = ModelSize.widthOf(dtype);
    return new Saving(layer, weights * (own - format.width()) - scales * own, scales);
  }

  /** The nodes that take the place of the readers. */
  public List<NodeDef> nodes() {
    List<NodeDef> nodes = new ArrayList<>();
    for (NodeDef reader : readers) {
      StoredWeight weight = weight(() -> Matrix.zeros(0, 0));
      if (nodes.isEmpty()) {
        nodes.addAll(weight.nodes(reader.getName()));
      } else {
        nodes.addAll(weight.decoded(weight.stored(), reader.getName()));
      }
    }
    return nodes;
  }

  /**
   * The values of the variables that these kernels add, by name; the caller closes them. What they
   * are read from is fetched in one run, as TensorFlow prepares the whole graph for each; the value
   * of a variable is no copy.
   */
  public static Map<String, Tensor> values(LiveModel model, Collection<StoredKernel> kernels) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    if (kernels.isEmpty()) {
      return values;
    }
    List<TensorRef> read =
        kernels.stream()
            .map(kernel -> new TensorRef(kernel.readers().get(0).getName(), 0))
            .toList();
    try (Result result = model.fetch(read)) {
      int index = 0;
      for (StoredKernel kernel : kernels) {
        values.putAll(kernel.values(result.get(index++)));
      }
      return values;
    } catch (RuntimeException | Error e) {
      values.values().forEach(Tensor::close);
      throw e;
    }
  }

  private Map<String, Tensor> values(Tensor kernel) {
    double[] values = TensorValues.toDoubles(kernel);
    int columns = shape.get(shape.size() - 1);
    Matrix matrix = Matrix.owning(values.length / columns, columns, values);
    // Also refuses values beyond the format's range.
    Matrix rounded = format.rounded(matrix, "kernel " + name);
    return weight(() -> rounded).values();
  }

  private StoredWeight weight(Supplier<Matrix> values) {
    String stored = FactorNodes.unused(graph, name + "/" + format);
    FactorTensor tensor =
        new FactorTensor(stored, shape, shape.size() - 1, () -> FactorTensor.exact(values.get()));
    return new StoredWeight(graph, tensor, format, dtype);
  }
}
