package io.github.rankfold.compression.trials;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.compression.rewriting.StoredKernel;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.Result;
import org.tensorflow.Tensor;

/**
 * The kernels of a model as they will be read from files that hold them whole, in fewer bits: a
 * trial is then run on what will be written.
 */
final class WholeKernels {
  private final LiveModel model;
  private final Map<Layer, StoredKernel> stored = new LinkedHashMap<>();

  /**
   * @param format of kernels that are left whole; as they are where empty
   */
  WholeKernels(LiveModel model, Optional<WeightFormat> format) {
    this.model = model;
    for (Layer layer : model.layers()) {
      format
          .flatMap(as -> StoredKernel.of(model.flatGraph(), layer, as))
          .ifPresent(kernel -> stored.put(layer, kernel));
    }
  }

  /** The graph with the kernels of all layers but these in fewer bits. */
  FlatGraph storedIn(FlatGraph graph, Set<Layer> except) {
    return graph.with(once(except).stream().flatMap(kernel -> kernel.nodes().stream()).toList());
  }

  /** The values of the variables that this adds, by name; the caller closes them. */
  Map<String, Tensor> values(Set<Layer> except) {
    return StoredKernel.values(model, once(except));
  }

  /** Layers may share a variable. */
  private Collection<StoredKernel> once(Set<Layer> except) {
    Map<String, StoredKernel> byVariable = new LinkedHashMap<>();
    stored.forEach(
        (layer, kernel) -> {
          if (!except.contains(layer)) {
            byVariable.put(layer.variable(), kernel);
          }
        });
    return byVariable.values();
  }

  /**
   * The kernels of these layers as two factors of full rank, one of which is the kernel as it will
   * be read and the other the identity; without the layers whose kernels are stored as they are.
   */
  Map<Layer, Factorization> factors(Set<Layer> layers) {
    Map<Layer, Factorization> factors = new LinkedHashMap<>();
    Set<Layer> rounded = new HashSet<>(stored.keySet());
    rounded.retainAll(layers);
    if (rounded.isEmpty()) {
      return factors;
    }
    Set<Layer> except = new HashSet<>(stored.keySet());
    except.removeAll(rounded);
    Map<String, Tensor> values = values(except);
    try (PlannedGraph beside =
        new PlannedGraph(model, storedIn(model.flatGraph(), except), values)) {
      for (Layer layer : rounded) {
        KernelUse use = layer.uses().get(0);
        try (Result read = model.session().runner().fetch(beside.tensor(use.kernel())).run()) {
          double[] kernel = use.view().matrix(TensorValues.toDoubles(read.get(0)));
          factors.put(layer, pair(Matrix.owning(layer.rows(), layer.cols(), kernel)));
        }
      }
    } finally {
      values.values().forEach(Tensor::close);
    }
    return factors;
  }

  private static Factorization pair(Matrix kernel) {
    return kernel.rows() < kernel.cols()
        ? new Factorization(Matrix.identity(kernel.rows()), kernel)
        : new Factorization(kernel, Matrix.identity(kernel.cols()));
  }
}
