package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.layers.MatrixView;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.tensorflow.proto.DataType;

/** Dense layers that belong to no model, and matrices for them. */
public final class DenseLayers {
  private DenseLayers() {}

  /** A kernel of this shape, called once. */
  public static Layer of(String name, int rows, int cols) {
    TensorRef any = new TensorRef(name, 0);
    MatrixView view = new MatrixView(List.of(rows, cols), List.of(0), List.of(1));
    KernelUse use = new KernelUse(name, any, any, any, view, false, 1, 1, Optional.empty());
    return new Layer(
        name, LayerKind.DENSE, name + "/kernel", rows, cols, DataType.DT_DOUBLE, List.of(use));
  }

  /** Independent standard normal entries. */
  public static Matrix gaussian(int rows, int cols, long seed) {
    Random random = new Random(seed);
    double[] values = new double[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Matrix.owning(rows, cols, values);
  }
}
