package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.SecondMoments;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What data says about one kernel: the moments of the rows that it multiplies, and how the output
 * of the model depends on what it gives.
 *
 * @param inputs of z [1 x m], one row a position, which for a convolution is a patch; empty where
 *     the rows cannot be had, inside loops for instance
 * @param lookups how often each of the m rows is looked up [1 x m], where the layer is an embedding
 * @param sensitivity {@code E g^T g} [n x n] with {@code g = s J}, s a standard normal direction of
 *     the output and J the derivative of the output by the pre-activation: {@code E J^T J}, the
 *     Gauss-Newton metric of a change of the pre-activation; empty where the graph has no gradients
 */
public record KernelMoments(
    Optional<SecondMoments> inputs, Optional<Matrix> lookups, Optional<Matrix> sensitivity) {

  /** Values of moments that are collected in one pass, 8 bytes each. */
  private static final long VALUES_IN_A_PASS = 1L << 26;

  /**
   * Hands over the moments of each layer, in order, over as few passes as memory allows.
   *
   * @param data its labels are not used
   * @param options how directions of the output are drawn
   * @param ready told of each layer once; layers that the called signature does not run through
   *     have no moments
   * @return how many passes over the data were made
   */
  public static int collect(
      LiveModel model,
      LabeledData data,
      List<Layer> layers,
      OutputDirections options,
      BiConsumer<Layer, KernelMoments> ready) {
    Map<Layer, List<KernelUse>> uses = new LinkedHashMap<>();
    layers.forEach(layer -> uses.put(layer, model.calledUses(layer)));
    OutputGradients gradients = OutputGradients.addTo(model, uses, options);
    gradients.dropWhatFails(model, data, model::feeding);
    List<Layer> group = new ArrayList<>();
    long values = 0;
    int passes = 0;
    for (Layer layer : layers) {
      long size = (long) layer.rows() * layer.rows() + (long) layer.cols() * layer.cols();
      if (!group.isEmpty() && values + size > VALUES_IN_A_PASS) {
        new KernelMomentsPass(model, data, group, uses, gradients).run(ready);
        passes++;
        group.clear();
        values = 0;
      }
      group.add(layer);
      values += size;
    }
    new KernelMomentsPass(model, data, group, uses, gradients).run(ready);
    return passes + 1;
  }
}
