package io.github.rankfold.compression.search;

import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.NodeWriter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/**
 * What leaves a model with a kernel: the mask, norms or scales that only it is computed from, and
 * its own values in the type that they are stored in, which need not be the one it is multiplied
 * in.
 */
final class LeavingWeights {
  private LeavingWeights() {}

  /**
   * For the layers where that is not just a matrix in the layer's type: by how much it is more, or
   * less.
   */
  static Map<Layer, ModelSize> of(LiveModel model) {
    Map<Layer, ModelSize> more = new LinkedHashMap<>();
    ModelSize all = model.size();
    for (Layer layer : model.layers()) {
      Set<String> kernels = new HashSet<>();
      layer.uses().stream().map(KernelUse::kernel).forEach(kernel -> kernels.add(kernel.node()));
      if (!isPlain(model.flatGraph(), kernels, layer)) {
        ModelSize without = model.sizeOf(cut(model.flatGraph(), kernels));
        long parameters = all.parameters() - without.parameters() - layer.parameters();
        long bytes = all.bytes() - without.bytes() - Cost.BYTES.whole(layer);
        more.put(layer, new ModelSize(parameters, bytes));
      }
    }
    return more;
  }

  /** Whether the kernel is one variable, or constant, in the type that it is multiplied in. */
  private static boolean isPlain(FlatGraph graph, Set<String> kernels, Layer layer) {
    Set<String> weights = new HashSet<>();
    for (String name : graph.ancestors(kernels)) {
      NodeDef node = graph.node(name);
      boolean variable = NodeReader.isVariable(node);
      if (variable || ModelSize.constantWeights(node) > 0) {
        weights.add(variable ? NodeReader.variableName(node) : name);
        int width = ModelSize.widthOf(node.getAttrOrThrow("dtype").getType());
        if (width != ModelSize.widthOf(layer.dtype())) {
          return false;
        }
      }
    }
    return weights.size() == 1;
  }

  private static FlatGraph cut(FlatGraph graph, Set<String> kernels) {
    List<NodeDef> cut =
        kernels.stream().map(name -> NodeWriter.node(name, "Placeholder").build()).toList();
    return graph.with(cut);
  }
}
