package io.github.rankfold.compression.rewriting;

import com.google.protobuf.ByteString;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Tensor;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The nodes that hold a layer's factors: variables where the kernel was one, constants where it was
 * one.
 *
 * @param left the left factor's tensor
 * @param core the tensor of what is between the two, if anything is
 * @param right the right factor's tensor
 * @param leftHandle the node of the left factor's variable or constant
 * @param rightHandle the same of the right one's
 * @param table the left factor where it is stored in fewer bits
 * @param nodes to be added to the graph
 */
record FactorNodes(
    TensorRef left,
    Optional<TensorRef> core,
    TensorRef right,
    String leftHandle,
    String rightHandle,
    Optional<StoredWeight> table,
    List<NodeDef> nodes) {

  public static FactorNodes of(FlatGraph graph, LayerDecision decision, FactorStorage storage) {
    Layer layer = decision.layer();
    Factorization factors = decision.factors().orElseThrow();
    Optional<WeightFormat> format = storage.format(decision);
    if (format.isPresent()) {
      return stored(graph, layer, factors, format.get());
    }
    if (!storage.isVariable(graph, layer)) {
      factors = heldBy(layer, factors); // their values are in the graph
    }
    List<NodeDef> nodes = new ArrayList<>();
    FactorTensor left = left(graph, layer, factors);
    FactorTensor right = right(graph, layer, factors);
    return new FactorNodes(
        add(left, graph, layer, storage, nodes),
        core(graph, layer, factors).map(core -> add(core, graph, layer, storage, nodes)),
        add(right, graph, layer, storage, nodes),
        left.name(),
        right.name(),
        Optional.empty(),
        nodes);
  }

  private static FactorNodes stored(
      FlatGraph graph, Layer layer, Factorization factors, WeightFormat format) {
    List<NodeDef> nodes = new ArrayList<>();
    List<StoredWeight> weights = new ArrayList<>();
    List<TensorRef> values = new ArrayList<>();
    for (FactorTensor tensor : tensors(graph, layer, factors)) {
      StoredWeight weight = new StoredWeight(graph, tensor, format, layer.dtype());
      weights.add(weight);
      nodes.addAll(weight.nodes(weight.value()));
      values.add(new TensorRef(weight.value(), 0));
    }
    int last = values.size() - 1;
    return new FactorNodes(
        values.get(0),
        last == 2 ? Optional.of(values.get(1)) : Optional.empty(),
        values.get(last),
        weights.get(0).handle(),
        weights.get(last).handle(),
        Optional.of(weights.get(0)),
        nodes);
  }

  static FactorTensor left(FlatGraph graph, Layer layer, Factorization factors) {
    return FactorTensor.left(unused(graph, layer.variable() + "/left"), layer, factors);
  }

  private static Optional<FactorTensor> core(FlatGraph graph, Layer layer, Factorization factors) {
    String name = unused(graph, layer.variable() + "/core");
    return factors.core().map(values -> FactorTensor.core(name, layer, factors, values));
  }

  /** Factors rounded to the layer's own type, where that is half precision, with care. */
  static Factorization heldBy(Layer layer, Factorization factors) {
    return WeightFormat.ofType(layer.dtype())
        .map(format -> format.rounded(factors, "layer " + layer.name()))
        .orElse(factors);
  }

  /** The values of all factors. */
  static List<FactorTensor> tensors(FlatGraph graph, Layer layer, Factorization factors) {
    List<FactorTensor> tensors = new ArrayList<>();
    tensors.add(left(graph, layer, factors));
    core(graph, layer, factors).ifPresent(tensors::add);
    tensors.add(right(graph, layer, factors));
    return tensors;
  }

  static FactorTensor right(FlatGraph graph, Layer layer, Factorization factors) {
    return FactorTensor.right(unused(graph, layer.variable() + "/right"), layer, factors);
  }

  /** A name like {@code wanted} that no node has. */
  static String unused(FlatGraph graph, String wanted) {
    String name = wanted;
    while (graph.contains(name)) {
      name += "_factor";
    }
    return name;
  }

  private static TensorRef add(
      FactorTensor factor,
      FlatGraph graph,
      Layer layer,
      FactorStorage storage,
      List<NodeDef> nodes) {
    if (!storage.isVariable(graph, layer)) {
      nodes.add(constant(factor, layer));
      return new TensorRef(factor.name(), 0);
    }
    int[] shape = factor.shape().stream().mapToInt(Integer::intValue).toArray();
    nodes.add(NodeWriter.variable(factor.name(), layer.dtype(), shape));
    String read = unused(graph, factor.name() + "/Read");
    nodes.add(NodeWriter.read(read, factor.name(), layer.dtype()));
    return new TensorRef(read, 0);
  }

  private static NodeDef constant(FactorTensor factor, Layer layer) {
    try (Tensor tensor = factor.tensor(layer.dtype())) {
      byte[] content = new byte[Math.toIntExact(tensor.numBytes())];
      tensor.asRawTensor().data().read(content);
      TensorProto.Builder proto = TensorProto.newBuilder().setDtype(layer.dtype());
      for (int size : factor.shape()) {
        proto.getTensorShapeBuilder().addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
      }
      return NodeWriter.constant(
          factor.name(), proto.setTensorContent(ByteString.copyFrom(content)).build());
    }
  }
}
