package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.layers.MatrixView;
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
    if (this != SPATIAL) {
      return kernel;
    }
    // Patches are the kernel's own values in their own order.
    MatrixView view = new MatrixView(layer.shape(), List.of(0, 2), List.of(1, 3));
    return Matrix.owning(view.rows(), view.columns(), view.matrix(kernel.toDoubles()));
  }
}
