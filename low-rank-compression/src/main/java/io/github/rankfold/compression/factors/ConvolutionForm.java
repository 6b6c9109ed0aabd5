package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.MatrixRows;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import java.util.List;

/** How the kernel of a two-dimensional convolution, [kh, kw, Ci, Co], is split into factors. */
public enum ConvolutionForm {
  /**
   * {@code kh x kw} to r channels, then {@code 1 x 1}: the kernel as patches, [kh kw Ci x Co]
   * (Denil et al. 2013; Zhang et al., arXiv 1505.06798).
   */
  CHANNEL,

  /**
   * {@code kh x 1} to r channels, then {@code 1 x kw}: the kernel as [kh Ci x kw Co] (Jaderberg et
   * al., arXiv 1405.3866).
   */
  SPATIAL,

  /**
   * {@code 1 x 1} to r1 channels, {@code kh x kw} from those to r2, then {@code 1 x 1}: three
   * factors, see {@link TuckerDecomposition} (Kim et al., arXiv 1511.06530). The rule is asked for
   * both ranks.
   */
  TUCKER,

  /** Of all, for each layer, the one with fewest parameters at the ranks that the rule gives. */
  SMALLEST;

  /** The forms that are tried for a layer; any layer but such a convolution has one. */
  public List<ConvolutionForm> candidates(Layer layer) {
    boolean splits =
        layer.kind() == LayerKind.CONVOLUTION
            && layer.shape().size() == 4
            && layer.shape().get(0) > 1
            && layer.shape().get(1) > 1;
    if (!splits) {
      return List.of(CHANNEL);
    }
    return this == SMALLEST ? List.of(CHANNEL, SPATIAL, TUCKER) : List.of(this);
  }

  /** The matrix that is factored, from the layer's own one. */
  public Matrix matrix(Layer layer, Matrix kernel) {
    return rows(layer, kernel).toMatrix();
  }

  /** As above, of a kernel that is read some rows at a time. */
  public MatrixRows rows(Layer layer, MatrixRows kernel) {
    return this == SPATIAL
        ? new SpatialRows(kernel, layer.shape().get(0), layer.shape().get(1))
        : kernel;
  }

  /**
   * Patches [kh kw Ci x Co] as [kh Ci x kw Co].
   *
   * @param height kh
   * @param width kw
   */
  private record SpatialRows(MatrixRows patches, int height, int width) implements MatrixRows {
    private int inputs() {
      return patches.rows() / height / width;
    }

    @Override
    public int rows() {
      return height * inputs();
    }

    @Override
    public int cols() {
      return width * patches.cols();
    }

    @Override
    public void read(int from, int to, double[] target) {
      double[] patch = new double[patches.cols()];
      for (int row = from; row < to; row++) {
        int above = row / inputs() * width;
        for (int x = 0; x < width; x++) {
          int source = (above + x) * inputs() + row % inputs();
          patches.read(source, source + 1, patch);
          int place = (row - from) * cols() + x * patch.length;
          System.arraycopy(patch, 0, target, place, patch.length);
        }
      }
    }
  }
}
