package io.github.rankfold.compression.merging;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.live.VariableValues;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.Tensor;

/**
 * Adds the weights of two networks of one architecture, {@code W = W_A + W_B}.
 *
 * <p>Where the inputs of the two tasks are orthogonal and weight decay has left nothing of the
 * kernels outside the span of their own task's inputs, {@code z_A W_B} vanishes, and the sum does
 * on each task what its own network did: shown for shallow ReLU networks trained by gradient
 * descent and for deep linear ones trained by gradient flow (Kuzborskij and Abbasi-Yadkori, arXiv
 * 2502.17340). Deeper layers share their width, and their inputs need not be orthogonal because the
 * network's are: {@link #overlaps} measures each.
 *
 * <p>A bias is the kernel's row for an input that is always 1, which no two tasks have orthogonal,
 * so that biases are outside of that statement: see {@link Biases}. Any other variable, such as a
 * scale, has no sum that means something, and is refused unless both models agree on it.
 */
public final class ModelMerger {
  /** What is done with biases. */
  public enum Biases {
    /** {@code b_A + b_B}, as kernels are. */
    SUM,
    /** {@code (b_A + b_B) / 2}: each network is off by half of the difference. */
    MEAN
  }

  private final MatchedModels models;

  private ModelMerger(MatchedModels models) {
    this.models = models;
  }

  /**
   * Two open models of one architecture, which their caller closes; any difference is an input
   * error.
   */
  public static ModelMerger of(LiveModel a, LiveModel b) {
    return new ModelMerger(MatchedModels.of(a, b));
  }

  /** The layers of the first model. */
  public List<Layer> layers() {
    return List.copyOf(models.layers().keySet());
  }

  /**
   * How far the tasks are from orthogonal, at each layer of the first model that multiplies rows of
   * features.
   */
  public Map<Layer, LayerOverlap> overlaps(LabeledData dataA, LabeledData dataB) {
    Map<Layer, Matrix> momentsA = FeatureMoments.of(models.a(), dataA);
    Map<Layer, Matrix> momentsB = FeatureMoments.of(models.b(), dataB);
    Map<Layer, LayerOverlap> overlaps = new LinkedHashMap<>();
    models
        .layers()
        .forEach(
            (layer, other) -> {
              Matrix momentA = momentsA.get(layer);
              Matrix momentB = momentsB.get(other);
              if (momentA != null && momentB != null) {
                overlaps.put(
                    layer,
                    LayerOverlap.of(
                        momentA,
                        momentB,
                        KernelSpectra.kernel(models.a(), layer),
                        KernelSpectra.kernel(models.b(), other)));
              }
            });
    return overlaps;
  }

  /**
   * Ranks: singular values above a thousandth of the largest.
   *
   * @param a of the first model's kernel
   * @param b of the second's
   * @param sum of their sum
   */
  public record Ranks(int a, int b, int sum) {}

  /** The ranks that a thousandth of the largest singular value leaves, by layer. */
  public Map<Layer, Ranks> ranks() {
    Map<Layer, Ranks> ranks = new LinkedHashMap<>();
    models
        .layers()
        .forEach(
            (layer, other) -> {
              Matrix a = KernelSpectra.kernel(models.a(), layer);
              Matrix b = KernelSpectra.kernel(models.b(), other);
              ranks.put(layer, new Ranks(rank(a, layer), rank(b, layer), rank(a.plus(b), layer)));
            });
    return ranks;
  }

  private static int rank(Matrix kernel, Layer layer) {
    return Spectrum.of(kernel, KernelSpectra.precision(layer)).rank(RankTolerance.relative(1e-3));
  }

  /**
   * Writes the first model with the sums in place of its weights.
   *
   * @param folder the SavedModel's folder, new or empty
   */
  public void write(Biases biases, Path folder) throws IOException {
    Map<String, Tensor> values = new HashMap<>();
    List<Tensor> made = new ArrayList<>();
    try (VariableValues left = models.a().variables();
        VariableValues right = models.b().variables()) {
      for (Map.Entry<String, String> pair : models.variables().entrySet()) {
        String variable = pair.getKey();
        Tensor a = Objects.requireNonNull(left.byName().get(variable));
        Tensor b = Objects.requireNonNull(right.byName().get(pair.getValue()));
        boolean kernel = isKernel(variable);
        if (kernel && !NodeReader.isFloating(a.dataType())) {
          throw unmergeable(variable); // integers whose scales may differ have no sum
        }
        if (kernel || models.biases().contains(variable)) {
          Tensor sum = sum(a, b, !kernel && biases == Biases.MEAN ? 0.5 : 1);
          made.add(sum);
          values.put(variable, sum);
        } else {
          requireAgreed(variable, a, b);
          values.put(variable, a);
        }
      }
      SavedModelWriter.write(
          folder,
          models.a().flatGraph(),
          models.a().files().tags(),
          values,
          Optional.of(models.a().files()));
    } finally {
      made.forEach(Tensor::close);
    }
  }

  private static Tensor sum(Tensor a, Tensor b, double factor) {
    double[] sum = TensorValues.toDoubles(a);
    double[] other = TensorValues.toDoubles(b);
    for (int i = 0; i < sum.length; i++) {
      sum[i] = factor * (sum[i] + other[i]);
    }
    return TensorValues.of(a.dataType(), a.shape(), sum);
  }

  private boolean isKernel(String variable) {
    return layers().stream().anyMatch(layer -> layer.variable().equals(variable));
  }

  /** By their bytes: counters and quantized weights have types that are no numbers here. */
  private void requireAgreed(String variable, Tensor a, Tensor b) {
    if (a.dataType() != b.dataType()
        || !a.shape().equals(b.shape())
        || !a.asRawTensor().data().equals(b.asRawTensor().data())) {
      throw unmergeable(variable);
    }
  }

  private InvalidInputException unmergeable(String variable) {
    return new InvalidInputException(
        "%s: variable %s: expected kernels, biases and what both models agree on, found another"
            .formatted(models.a().files().folder(), variable));
  }

  /** The variables that are taken for biases, in order. */
  public List<String> biases() {
    List<String> names = new ArrayList<>(models.biases());
    names.sort(null);
    return names;
  }
}
