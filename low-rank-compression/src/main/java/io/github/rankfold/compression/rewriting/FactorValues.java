package io.github.rankfold.compression.rewriting;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Workers;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.OutputShift;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.tensorflow.Tensor;

/** The values of the variables that a rewrite adds. */
public final class FactorValues {
  private FactorValues() {}

  /**
   * By variable name; the caller closes them. Factors that are constants are in the graph. Those of
   * several layers are multiplied side by side.
   *
   * @throws io.github.rankfold.models.InvalidInputException for values beyond a format's range
   */
  public static Map<String, Tensor> of(
      FlatGraph graph, List<LayerDecision> decisions, FactorStorage storage) {
    List<Map<String, Tensor>> parts = new ArrayList<>();
    decisions.forEach(decision -> parts.add(new LinkedHashMap<>()));
    try {
      Workers.map(
          IntStream.range(0, decisions.size()).boxed().toList(),
          i -> decisions.get(i).layer().fullRank(),
          i -> addTo(parts.get(i), graph, decisions.get(i), storage));
    } catch (RuntimeException | Error e) {
      parts.forEach(part -> part.values().forEach(Tensor::close));
      throw e;
    }
    Map<String, Tensor> values = new LinkedHashMap<>();
    parts.forEach(values::putAll);
    return values;
  }

  private static Map<String, Tensor> addTo(
      Map<String, Tensor> values, FlatGraph graph, LayerDecision decision, FactorStorage storage) {
    Layer layer = decision.layer();
    Optional<WeightFormat> format = storage.format(decision);
    if (decision.factors().isPresent()
        && (format.isPresent() || storage.isVariable(graph, layer))) {
      Factorization factors = FactorNodes.heldBy(layer, decision.factors().get());
      for (FactorTensor factor : FactorNodes.tensors(graph, layer, factors)) {
        if (format.isPresent()) {
          values.putAll(new StoredWeight(graph, factor, format.get(), layer.dtype()).values());
        } else {
          values.put(factor.name(), factor.tensor(layer.dtype()));
        }
      }
    }
    decision
        .shift()
        .map(shift -> ShiftNodes.of(graph, layer, shift))
        .ifPresent(nodes -> values.put(nodes.value().name(), nodes.value().tensor(nodes.dtype())));
    return values;
  }

  /** A decision with other values of its variables; those that {@code values} lacks stay. */
  public static LayerDecision replaced(
      FlatGraph graph, LayerDecision decision, Map<String, double[]> values) {
    Layer layer = decision.layer();
    Factorization old = decision.factors().orElseThrow();
    FactorTensor left = FactorNodes.left(graph, layer, old);
    FactorTensor right = FactorNodes.right(graph, layer, old);
    Matrix newLeft = matrix(values, left.name(), old.left(), old.left().rows());
    // The right factor of a transposed convolution is stored as its transpose.
    boolean transposed = layer.kind() == LayerKind.TRANSPOSED_CONVOLUTION;
    Matrix asStored = transposed ? old.right().transpose() : old.right();
    Matrix stored = matrix(values, right.name(), asStored, asStored.rows());
    Factorization factors = new Factorization(newLeft, transposed ? stored.transpose() : stored);
    LayerDecision result =
        LayerDecision.factored(layer, decision.spectrum(), factors, decision.discardedEnergy());
    if (decision.shift().isEmpty()) {
      return result;
    }
    OutputShift shift = decision.shift().get();
    String name = ShiftNodes.of(graph, layer, shift).value().name();
    return result.shifted(OutputShift.ofItsOwn(matrix(values, name, shift.amount(), 1)));
  }

  private static Matrix matrix(
      Map<String, double[]> values, String name, Matrix otherwise, int rows) {
    double[] found = values.get(name);
    return found == null ? otherwise : Matrix.owning(rows, found.length / rows, found);
  }
}
