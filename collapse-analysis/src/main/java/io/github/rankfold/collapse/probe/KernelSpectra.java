package io.github.rankfold.collapse.probe;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.MatrixRows;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Workers;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.SkippedKernel;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.tensorflow.proto.DataType;

/**
 * The singular values of every kernel of a model, which need no data. Immutable.
 *
 * @param byLayer in the order in which data meets the layers
 * @param skipped kernels that are no matrices here, with the reason
 */
public record KernelSpectra(Map<Layer, Spectrum> byLayer, List<SkippedKernel> skipped) {
  private static final RankTolerance THOUSANDTH = RankTolerance.relative(1e-3);

  public KernelSpectra {
    byLayer = new LinkedHashMap<>(byLayer);
    skipped = List.copyOf(skipped);
  }

  public static KernelSpectra of(LiveModel model) {
    return of(model, layer -> {});
  }

  /**
   * As above, telling which layer it is at.
   *
   * @param beforeEach told of each layer before its SVD, which is what takes time; large layers
   *     come first, and not all in the same thread, but one at a time
   */
  public static KernelSpectra of(LiveModel model, Consumer<Layer> beforeEach) {
    List<Layer> layers = model.layers();
    List<Spectrum> spectra =
        Workers.map(
            layers,
            Layer::fullRank,
            layer -> {
              synchronized (model) {
                beforeEach.accept(layer);
              }
              return Spectrum.of(kernel(model, layer), precision(layer));
            });
    Map<Layer, Spectrum> byLayer = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      byLayer.put(layers.get(i), spectra.get(i));
    }
    return new KernelSpectra(byLayer, model.skipped());
  }

  /** The kernel of a layer as the matrix W [rows x cols]. */
  public static Matrix kernel(LiveModel model, Layer layer) {
    return Matrix.owning(layer.rows(), layer.cols(), model.kernel(layer));
  }

  /** The same, read from the open model some rows at a time. */
  public static MatrixRows rows(LiveModel model, Layer layer) {
    return new MatrixRows() {
      @Override
      public int rows() {
        return layer.rows();
      }

      @Override
      public int cols() {
        return layer.cols();
      }

      @Override
      public void read(int from, int to, double[] target) {
        model.readKernel(layer, from, to, target);
      }

      @Override
      public Matrix toMatrix() {
        return kernel(model, layer);
      }
    };
  }

  /** The weights' own precision: more digits than they have would be noise, at twice the time. */
  public static Precision precision(Layer layer) {
    return layer.dtype() == DataType.DT_DOUBLE ? Precision.FLOAT64 : Precision.FLOAT32;
  }

  /** The table of layers.csv. */
  public CsvTable layersTable() {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer",
            "kind",
            "rows",
            "cols",
            "parameters",
            "rank_float32",
            "rank_1e-3",
            "stable_rank",
            "effective_rank",
            "break_even_rank",
            "skipped_because");
    byLayer.forEach(
        (layer, spectrum) ->
            table.row(
                layer.name(),
                layer.kind(),
                layer.rows(),
                layer.cols(),
                layer.parameters(),
                spectrum.rank(RankTolerance.float32()),
                spectrum.rank(THOUSANDTH),
                spectrum.stableRank(),
                spectrum.effectiveRank(),
                layer.breakEvenRank(),
                null));
    for (SkippedKernel kernel : skipped) {
      table.row(
          kernel.name(),
          kernel.operation(),
          null,
          null,
          kernel.parameters(),
          null,
          null,
          null,
          null,
          null,
          kernel.because());
    }
    return table.build();
  }

  /** The table of spectra.csv. */
  public CsvTable spectraTable() {
    CsvTable.Builder table = CsvTable.columns("layer", "index", "singular_value");
    byLayer.forEach(
        (layer, spectrum) -> {
          for (int i = 0; i < spectrum.size(); i++) {
            table.row(layer.name(), i + 1, spectrum.value(i));
          }
        });
    return table.build();
  }

  /**
   * The table of ranks.csv: what two factors of each rank, from 1 to the full one, would have.
   *
   * <p>{@code output_bound} is {@code s_{r+1}}: for any input z of the layer, {@code ||z W - z
   * W_r|| <= s_{r+1} ||z||}.
   */
  public CsvTable ranksTable() {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer", "rank", "parameters", "multiply_adds", "bytes", "kept_energy", "output_bound");
    byLayer.forEach(
        (layer, spectrum) -> {
          for (int rank = 1; rank <= spectrum.size(); rank++) {
            table.row(
                layer.name(),
                rank,
                layer.parametersAtRank(rank),
                layer.multiplyAddsAtRank(rank),
                layer.parametersAtRank(rank) * ModelSize.widthOf(layer.dtype()),
                spectrum.keptEnergy(rank),
                rank < spectrum.size() ? spectrum.value(rank) : 0.0);
          }
        });
    return table.build();
  }
}
