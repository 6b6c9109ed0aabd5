package io.github.rankfold.compression.rewriting;

import io.github.rankfold.collapse.linalg.CompactMatrix;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.layers.MatrixView;
import io.github.rankfold.models.live.TensorValues;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/**
 * One factor in the shape in which the rewritten graph takes it.
 *
 * @param name of the variable or constant that holds it
 * @param shape of the tensor
 * @param scaleAxis the axis along r, whose entries have a scale each where weights are integers
 * @param values as many as the shape has, in its row-major order; made when they are asked for
 */
record FactorTensor(
    String name, List<Integer> shape, int scaleAxis, Supplier<CompactMatrix> values) {
  FactorTensor {
    shape = List.copyOf(shape);
  }

  /**
   * The left factor: the row axes of the kernel, then r. It takes the kernel's place in a
   * convolution, a lookup or a contraction.
   */
  static FactorTensor left(String name, Layer layer, Factorization factors) {
    if (factors.core().isPresent()) {
      List<Integer> pointwise = List.of(1, 1, factors.left().rows(), factors.left().cols());
      return new FactorTensor(name, pointwise, 3, factors::compactLeft);
    }
    List<Integer> shape = new ArrayList<>(view(layer).rowShape());
    if (factors.form() == ConvolutionForm.SPATIAL) {
      shape.set(1, 1);
    }
    shape.add(factors.rank());
    return new FactorTensor(name, shape, shape.size() - 1, factors::compactLeft);
  }

  /** What is between the two: a filter [kh, kw, r1, r2]. */
  static FactorTensor core(String name, Layer layer, Factorization factors, Matrix values) {
    List<Integer> kernel = layer.shape();
    List<Integer> shape =
        List.of(kernel.get(0), kernel.get(1), factors.left().cols(), factors.rank());
    return new FactorTensor(name, shape, 3, () -> exact(values));
  }

  /** The right factor: r, then the column axes of the kernel; a 1 x 1 filter in convolutions. */
  static FactorTensor right(String name, Layer layer, Factorization factors) {
    if (factors.form() == ConvolutionForm.SPATIAL) {
      return spatialRight(name, layer, factors);
    }
    boolean transposed = layer.kind() == LayerKind.TRANSPOSED_CONVOLUTION;
    List<Integer> shape = new ArrayList<>();
    if (layer.kind() == LayerKind.CONVOLUTION || transposed) {
      shape.addAll(Collections.nCopies(view(layer).shape().size() - 2, 1));
    }
    if (transposed) {
      // Comes first there, and takes the channels that the layer is given to the r between.
      shape.addAll(view(layer).columnShape());
      shape.add(factors.rank());
      return new FactorTensor(
          name, shape, shape.size() - 1, () -> exact(factors.right().transpose()));
    }
    int rankAxis = shape.size();
    shape.add(factors.rank());
    if (factors.isInterpolative()) {
      shape.add(layer.cols() - factors.rank());
    } else {
      shape.addAll(view(layer).columnShape());
    }
    return new FactorTensor(name, shape, rankAxis, factors::compactRight);
  }

  /** The right factor [r x kw Co] as a filter [1, kw, r, Co]. */
  private static FactorTensor spatialRight(String name, Layer layer, Factorization factors) {
    int width = layer.shape().get(1);
    int channels = layer.shape().get(3);
    int rank = factors.rank();
    return new FactorTensor(
        name,
        List.of(1, width, rank, channels),
        2,
        () ->
            exact(
                Matrix.owning(
                    width * rank,
                    channels,
                    MatrixView.permuted(
                        factors.right().toDoubles(),
                        List.of(rank, width, channels),
                        List.of(1, 0, 2)))));
  }

  /** As it is, to be rounded when it is stored. */
  static CompactMatrix exact(Matrix values) {
    return CompactMatrix.of(values, Precision.FLOAT64);
  }

  private static MatrixView view(Layer layer) {
    return layer.uses().get(0).view();
  }

  /** The tensor, rounded to {@code type}; the caller closes it. */
  Tensor tensor(DataType type) {
    long[] sizes = shape.stream().mapToLong(Integer::longValue).toArray();
    CompactMatrix matrix = values.get();
    return type == DataType.DT_DOUBLE
        ? TensorValues.of(type, Shape.of(sizes), matrix.toMatrix().toDoubles())
        : TensorValues.of(type, Shape.of(sizes), matrix.floats());
  }
}
