package io.github.rankfold.models.layers;

import java.util.List;
import org.tensorflow.proto.DataType;

/**
 * One kernel of a model, as the matrix {@code W} [rows x cols] of {@code a = z W}, with every
 * operation that uses it. Several signatures that share a variable are several uses of one layer.
 *
 * @param name the variable's name without its {@code /kernel}
 * @param kind what the operations do with the kernel
 * @param variable the shared name of the variable, or the node of a constant
 * @param rows m, the width of z
 * @param cols n, the width of a
 * @param dtype the type in which the operations take the kernel
 * @param uses at least one
 */
public record Layer(
    String name,
    LayerKind kind,
    String variable,
    int rows,
    int cols,
    DataType dtype,
    List<KernelUse> uses) {
  public Layer {
    uses = List.copyOf(uses);
    if (uses.isEmpty()) {
      throw new IllegalArgumentException("layer " + name + ": expected a use of it, found none");
    }
    if (rows <= 0 || cols <= 0) {
      throw new IllegalArgumentException(
          "layer %s: expected a kernel with rows and columns, found %dx%d"
              .formatted(name, rows, cols));
    }
  }

  /** {@code min(m, n)}. */
  public int fullRank() {
    return Math.min(rows, cols);
  }

  /** {@code m n}. */
  public long parameters() {
    return (long) rows * cols;
  }

  /** What two factors of this rank have: {@code r (m + n)}. */
  public long parametersAtRank(int rank) {
    return (long) rank * (rows + cols);
  }

  /** The largest rank at which two factors have fewer parameters than the kernel; may be 0. */
  public int breakEvenRank() {
    return (int) ((parameters() - 1) / (rows + cols));
  }
}
