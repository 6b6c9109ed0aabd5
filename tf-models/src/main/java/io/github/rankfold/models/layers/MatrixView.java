package io.github.rankfold.models.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a kernel of any number of axes is read as a matrix: some axes, in order, make the rows, the
 * others the columns.
 *
 * @param shape the kernel's shape
 * @param rowAxes the axes that are summed over
 * @param columnAxes the axes that remain
 */
public record MatrixView(List<Integer> shape, List<Integer> rowAxes, List<Integer> columnAxes) {
  public MatrixView {
    shape = List.copyOf(shape);
    rowAxes = List.copyOf(rowAxes);
    columnAxes = List.copyOf(columnAxes);
    if (rowAxes.size() + columnAxes.size() != shape.size()) {
      throw new IllegalArgumentException(
          "expected each axis of %s once, found rows %s and columns %s"
              .formatted(shape, rowAxes, columnAxes));
    }
  }

  /** The leading axes as rows, the last as columns: a dense kernel, or patches. */
  static MatrixView leadingByLast(List<Integer> shape) {
    List<Integer> rows = new ArrayList<>();
    for (int axis = 0; axis < shape.size() - 1; axis++) {
      rows.add(axis);
    }
    return new MatrixView(shape, rows, List.of(shape.size() - 1));
  }

  /** The transpose of a matrix [n x m]. */
  static MatrixView transposed(List<Integer> shape) {
    return new MatrixView(shape, List.of(1), List.of(0));
  }

  public int rows() {
    return product(rowAxes);
  }

  public int columns() {
    return product(columnAxes);
  }

  /** The sizes of the row axes. */
  public List<Integer> rowShape() {
    return rowAxes.stream().map(shape::get).toList();
  }

  /** The sizes of the column axes. */
  public List<Integer> columnShape() {
    return columnAxes.stream().map(shape::get).toList();
  }

  private int product(List<Integer> axes) {
    return axes.stream().map(shape::get).reduce(1, Math::multiplyExact);
  }

  /** The matrix, row-major [rows x columns], of a kernel whose values are row-major too. */
  public double[] matrix(double[] kernel) {
    return permuted(kernel, shape, order());
  }

  /** Whether the matrix's values, row-major, are the kernel's as they are stored. */
  public boolean isInOrder() {
    return isInOrder(order());
  }

  private List<Integer> order() {
    List<Integer> order = new ArrayList<>(rowAxes);
    order.addAll(columnAxes);
    return order;
  }

  private static boolean isInOrder(List<Integer> order) {
    return IntStream.range(0, order.size()).allMatch(axis -> order.get(axis) == axis);
  }

  /** The values of a row-major array with its axes in another order, row-major again. */
  public static double[] permuted(double[] values, List<Integer> shape, List<Integer> order) {
    if (isInOrder(order)) {
      return values;
    }
    int axes = shape.size();
    int[] strides = new int[axes];
    int stride = 1;
    for (int axis = axes - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape.get(axis);
    }
    double[] result = new double[values.length];
    int[] index = new int[axes];
    int source = 0;
    for (int target = 0; target < result.length; target++) {
      result[target] = values[source];
      for (int place = axes - 1; place >= 0; place--) {
        int axis = order.get(place);
        source += strides[axis];
        if (++index[place] < shape.get(axis)) {
          break;
        }
        source -= strides[axis] * shape.get(axis);
        index[place] = 0;
      }
    }
    return result;
  }
}
