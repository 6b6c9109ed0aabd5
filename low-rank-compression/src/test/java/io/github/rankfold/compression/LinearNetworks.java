package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.probe.KernelMoments;
import io.github.rankfold.collapse.probe.OutputDirections;
import io.github.rankfold.compression.factors.KernelApproximations;
import io.github.rankfold.compression.factors.Weighting;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Activation;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Small dense networks with random weights, samples for them, and trial graphs of them. */
public final class LinearNetworks {
  private LinearNetworks() {}

  /** Writes a network 16-14-12-5 with these activations. */
  public static Path write(Path folder, Activation activation, boolean bias, long seed)
      throws IOException {
    NetworkSpec like = NetworkSpec.mlp(16, 14, 12, 5);
    NetworkSpec spec =
        new NetworkSpec(16, List.of(14, 12), 5, activation, false, bias, like.initializer());
    NetworkWeights weights = NetworkWeights.initial(spec, seed);
    for (String name : weights.names()) {
      if (name.endsWith("/bias")) {
        int width = weights.get(name).size();
        float[] values = DenseLayers.gaussian(1, width, seed + width).toFloats();
        weights = weights.with(name, WeightArray.of(List.of(width), values));
      }
    }
    NetworkExport.write(spec, weights, folder);
    return folder;
  }

  /** Normal samples with a mean; their labels mean nothing. */
  public static LabeledData samples(int count, List<Integer> shape, long seed) {
    int width = shape.stream().reduce(1, Math::multiplyExact);
    double[] ones = new double[count];
    java.util.Arrays.fill(ones, 1);
    Matrix values =
        DenseLayers.gaussian(count, width, seed)
            .plus(Matrix.of(count, 1, ones).times(DenseLayers.gaussian(1, width, seed + 1)));
    return data(values.toFloats(), count, shape);
  }

  static LabeledData data(float[] values, int count, List<Integer> shape) {
    List<String> names = IntStream.range(0, 2).mapToObj(Integer::toString).toList();
    return new LabeledData(
        "samples", Features.ofFloats(values, values.length / count), shape, new int[count], names);
  }

  /** The moments of all layers that two factors can make smaller. */
  public static Map<Layer, KernelMoments> moments(LiveModel model, LabeledData data) {
    List<Layer> layers =
        model.layers().stream().filter(layer -> layer.breakEvenRank() >= 1).toList();
    Map<Layer, KernelMoments> all = new java.util.LinkedHashMap<>();
    KernelMoments.collect(model, data, layers, new OutputDirections(false, 3), all::put);
    return Collections.unmodifiableMap(all);
  }

  /** A trial graph of approximations in this norm; the caller closes it. */
  public static TrialGraph trial(
      LiveModel model, Map<Layer, KernelMoments> moments, Weighting weighting, LabeledData data) {
    List<KernelApproximations> all = new ArrayList<>();
    moments.forEach(
        (layer, known) -> all.add(TrialGraph.approximations(model, layer, known, weighting)));
    return new TrialGraph(model, all, data);
  }
}
