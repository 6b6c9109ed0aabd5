package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.MatrixView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.proto.DataType;

/** The kernel that two factors stand for, in the layout in which an operation takes its weight. */
final class KernelChange {
  private KernelChange() {}

  /**
   * {@code W'}, row-major in the shape of the use's own kernel.
   *
   * @param decision one that replaces its kernel
   */
  static double[] kernel(LayerDecision decision, KernelUse use) {
    Layer layer = decision.layer();
    Factorization factors = decision.factors().orElseThrow();
    if (factors.form() == ConvolutionForm.TUCKER) {
      return tucker(factors, layer.dtype());
    }
    Matrix product =
        rounded(factors.left(), layer.dtype()).times(rounded(factors.right(), layer.dtype()));
    if (factors.form() == ConvolutionForm.SPATIAL) {
      return inLayout(product, new MatrixView(layer.shape(), List.of(0, 2), List.of(1, 3)));
    }
    return inLayout(use.transposed() ? product.transpose() : product, use.view());
  }

  /** {@code left core_t right} for each position t of the filter, one after the other. */
  private static double[] tucker(Factorization factors, DataType type) {
    Matrix left = rounded(factors.left(), type);
    Matrix right = rounded(factors.right(), type);
    Matrix core = rounded(factors.core().orElseThrow(), type);
    int block = left.rows() * right.cols();
    double[] values = new double[core.rows() / left.cols() * block];
    for (int tap = 0; tap * block < values.length; tap++) {
      double[] part = new double[left.cols() * core.cols()];
      for (int row = 0; row < left.cols(); row++) {
        System.arraycopy(
            core.row(tap * left.cols() + row), 0, part, row * core.cols(), core.cols());
      }
      Matrix middle = Matrix.owning(left.cols(), core.cols(), part);
      System.arraycopy(left.times(middle).times(right).toDoubles(), 0, values, tap * block, block);
    }
    return values;
  }

  /** The factors as they are written. */
  private static Matrix rounded(Matrix factor, DataType type) {
    return type == DataType.DT_DOUBLE
        ? factor
        : Matrix.fromFloats(factor.rows(), factor.cols(), factor.toFloats());
  }

  /** Undoes {@link MatrixView#matrix}. */
  private static double[] inLayout(Matrix matrix, MatrixView view) {
    List<Integer> order = new ArrayList<>(view.rowAxes());
    order.addAll(view.columnAxes());
    List<Integer> shape = order.stream().map(view.shape()::get).toList();
    Integer[] back = new Integer[order.size()];
    for (int i = 0; i < back.length; i++) {
      back[order.get(i)] = i;
    }
    return MatrixView.permuted(matrix.toDoubles(), shape, Arrays.asList(back));
  }
}
