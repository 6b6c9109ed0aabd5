package io.github.rankfold.cli.forecast;

import io.github.rankfold.collapse.linalg.GramSvd;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.MatrixRows;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.RowBlocks;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import java.nio.DoubleBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Samples in the coordinates of their principal directions, without those that hold next to
 * nothing: fewer inputs, and so a cheaper first kernel that has the same spectrum.
 *
 * <p>Let U [m x k] be orthonormal. On the samples x U a first kernel {@code U^T W_1} [k x n] does
 * what W_1 does on x where all samples lie in the span of U, at the same penalty; and W_1 has
 * nothing outside that span at a critical point, so that both have the same singular values. Where
 * samples leave the span by a little, {@code lambda W_1 = -mean x^T delta} (delta: gradients of the
 * loss at the first pre-activations) bounds what W_1 has outside:
 *
 * <pre>||(I - U U^T) W_1||_F <= sqrt(mean ||x (I - U U^T)||^2  mean ||delta||^2) / lambda.</pre>
 *
 * Directions are those of {@code mean x^T x}, about 0 and not about the mean, for which no bias
 * need make up.
 *
 * @param samples [N x k], or as they were where too little would be saved
 * @param multiplyAdds of finding U and of the products with it
 */
record PrincipalInputs(LabeledData samples, double multiplyAdds) {
  /** The share of {@code mean ||x||^2} that may be lost. */
  private static final double LOST = 1e-3;

  /** Samples that directions are taken from, at most, unless they have more values than that. */
  private static final int ROWS = 10_000;

  /** The most of all directions that may be left for the products to be worth their time. */
  private static final double WORTH = 0.75;

  static PrincipalInputs of(LabeledData data) {
    int width = data.featureWidth();
    int count = Math.min(data.size(), Math.max(ROWS, width));
    MatrixRows rows = new Rows(data.select(spread(data.size(), count)));
    double gram = (double) count * width * Math.min(count, width);
    Spectrum spectrum;
    Matrix vectors;
    if (count >= width) {
      GramSvd svd = GramSvd.of(rows);
      spectrum = svd.spectrum();
      vectors = svd.vectors();
    } else {
      Svd svd = Svd.of(rows.toMatrix(), Precision.FLOAT32);
      spectrum = svd.spectrum();
      vectors = svd.vt();
    }
    int kept = Math.max(1, spectrum.keptEnergyRank(1 - LOST));
    if (kept > WORTH * width) {
      return new PrincipalInputs(data, gram);
    }
    return new PrincipalInputs(
        projected(data, vectors.leadingRows(kept)), gram + (double) data.size() * width * kept);
  }

  /** {@code count} of {@code size} samples, evenly. */
  static int[] spread(int size, int count) {
    return IntStream.range(0, count).map(i -> (int) ((long) i * size / count)).toArray();
  }

  /**
   * @param directions [k x m]
   */
  private static LabeledData projected(LabeledData data, Matrix directions) {
    float[] values = RowBlocks.timesTransposed(new Rows(data), directions).floats();
    int width = directions.rows();
    int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
    return new LabeledData(
        data.name(), Features.ofFloats(values, width), List.of(width), labels, data.classNames());
  }

  /** Samples as the rows of a matrix. */
  private record Rows(LabeledData data) implements MatrixRows {
    @Override
    public int rows() {
      return data.size();
    }

    @Override
    public int cols() {
      return data.featureWidth();
    }

    @Override
    public void read(int from, int to, double[] target) {
      data.copyFeatures(from, to, DoubleBuffer.wrap(target));
    }
  }
}
