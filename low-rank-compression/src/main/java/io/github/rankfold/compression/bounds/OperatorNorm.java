package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import java.util.List;

/** Upper bounds of the Euclidean operator norm {@code max ||f(z)|| / ||z||} of linear layers. */
final class OperatorNorm {
  /** Multiply-adds that are worth a sharper norm of one convolution: a few seconds. */
  private static final double WORTH = 5e9;

  /** A matrix longer than wide by this factor has its norm from the smaller Gram matrix. */
  private static final int LONG = 2;

  private OperatorNorm() {}

  /** The largest singular value. */
  static double ofMatrix(Matrix matrix) {
    if (matrix.rows() > LONG * matrix.cols()) {
      return Math.sqrt(largest(matrix.transposedTimes(matrix)));
    }
    if (matrix.cols() > LONG * matrix.rows()) {
      return Math.sqrt(largest(matrix.timesTransposed(matrix)));
    }
    return largest(matrix);
  }

  private static double largest(Matrix matrix) {
    return Spectrum.of(matrix, Precision.FLOAT64).largest();
  }

  /**
   * A bound of a convolution's norm: the smaller of two.
   *
   * <p>Patches: an input value is in at most {@code load} patches, so that {@code ||P(z)||_F^2 <=
   * load ||z||^2}, and {@code ||conv||^2 <= load ||W_patches||_2^2}; exact where patches don't
   * overlap.
   *
   * <p>Symbol: zero padding, strides and a finite image only leave inputs and outputs away from the
   * convolution over all of Z^d, whose norm is {@code sup_w ||sum_t W_t e^{i t w}||_2}. With a
   * dilation the sup is over the same matrices. For unit u, v the number {@code u* S(w) v} is, up
   * to a phase, a trigonometric polynomial of degree (k - 1) / 2 in each coordinate, and one of
   * degree d is nowhere above its largest value on n > 2d equidistant points by more than the
   * factor {@code 1 / cos(pi d / n)} (M. Riesz: near its maximum it lies above the cosine). So the
   * sup is at most the largest norm on a grid of {@code 8 (k - 1)} points times {@code 1 /
   * cos(pi/16)} an axis, 1.02.
   *
   * @param kernel row-major
   * @param shape [k..., Ci, Co]
   * @param load how many patches an input value is in at most
   */
  static double ofConvolution(double[] kernel, List<Integer> shape, double load) {
    int axes = shape.size() - 2;
    int in = shape.get(axes);
    int out = shape.get(axes + 1);
    double patches =
        Math.sqrt(load) * ofMatrix(Matrix.owning(kernel.length / out, out, kernel.clone()));
    if (load == 1) {
      return patches;
    }
    int[] grid = new int[axes];
    double factor = 1;
    double points = 1;
    for (int axis = 0; axis < axes; axis++) {
      int size = shape.get(axis);
      grid[axis] = size == 1 ? 1 : 8 * (size - 1);
      factor /= size == 1 ? 1 : Math.cos(Math.PI / 16);
      points *= grid[axis];
    }
    if (points / 2 * 16.0 * in * out * Math.min(in, out) > WORTH) {
      return patches;
    }
    return Math.min(patches, factor * largestOnGrid(kernel, shape, grid));
  }

  private static double largestOnGrid(double[] kernel, List<Integer> shape, int[] grid) {
    int[] index = new int[grid.length];
    double largest = 0;
    do {
      if (!isMirrored(index, grid)) {
        largest = Math.max(largest, ofMatrix(symbol(kernel, shape, grid, index)));
      }
    } while (next(index, grid));
    return largest;
  }

  /** A real kernel has the same norm at -w as at w: one of the two is enough. */
  private static boolean isMirrored(int[] index, int[] grid) {
    for (int axis = 0; axis < grid.length; axis++) {
      int mirrored = (grid[axis] - index[axis]) % grid[axis];
      if (mirrored != index[axis]) {
        return mirrored < index[axis];
      }
    }
    return false;
  }

  private static boolean next(int[] index, int[] sizes) {
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      if (++index[axis] < sizes[axis]) {
        return true;
      }
      index[axis] = 0;
    }
    return false;
  }

  /** {@code S(w) = A + iB} as the real matrix [[A, -B], [B, A]], which has the same norm. */
  private static Matrix symbol(double[] kernel, List<Integer> shape, int[] grid, int[] frequency) {
    int in = shape.get(grid.length);
    int out = shape.get(grid.length + 1);
    int block = in * out;
    int[] sizes = shape.subList(0, grid.length).stream().mapToInt(Integer::intValue).toArray();
    int[] tap = new int[grid.length];
    double[] values = new double[4 * block];
    int offset = 0;
    do {
      double angle = 0;
      for (int axis = 0; axis < tap.length; axis++) {
        angle += 2 * Math.PI * frequency[axis] * tap[axis] / grid[axis];
      }
      double real = Math.cos(angle);
      double imaginary = Math.sin(angle);
      for (int i = 0; i < in; i++) {
        for (int j = 0; j < out; j++) {
          double value = kernel[offset + i * out + j];
          int upper = i * 2 * out + j;
          int lower = (in + i) * 2 * out + j;
          values[upper] += real * value;
          values[upper + out] -= imaginary * value;
          values[lower] += imaginary * value;
          values[lower + out] += real * value;
        }
      }
      offset += block;
    } while (next(tap, sizes));
    return Matrix.owning(2 * in, 2 * out, values);
  }
}
