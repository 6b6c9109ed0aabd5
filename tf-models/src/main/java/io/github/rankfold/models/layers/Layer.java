package io.github.rankfold.models.layers;

import java.util.List;
import org.tensorflow.proto.DataType;

/**
 * One kernel of a model, as the matrix {@code W} [rows x cols], with every operation that uses it.
 * Several signatures that share a variable are several uses of one layer, and so are an embedding
 * and the output layer tied to it.
 *
 * @param name the variable's name without its {@code /kernel}
 * @param kind what the first of the operations does with the kernel
 * @param variable the shared name of the variable, or the node of a constant
 * @param rows m, the width of what is multiplied
 * @param cols n, the width of the product
 * @param dtype the type in which the operations take the kernel
 * @param uses at least one; the first is not transposed
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

  /** The kernel's own shape, for instance [3, 3, 64, 128]. */
  public List<Integer> shape() {
    return uses.get(0).view().shape();
  }

  /**
   * Multiply-adds for one input of the model, where a position is as far as static shapes tell; a
   * lookup has none. In a loop, of one step.
   */
  public long multiplyAdds() {
    return isLookedUpOnly() ? 0 : positions() * parameters();
  }

  /** As {@link #multiplyAdds()}, with two factors of this rank in the kernel's place. */
  public long multiplyAddsAtRank(int rank) {
    // Looking up a row of the left factor is free; multiplying it by the right one is not.
    return isLookedUpOnly() ? positions() * rank * cols : positions() * parametersAtRank(rank);
  }

  /** Whether no product is tied to it, which would take the transpose of what is looked up. */
  private boolean isLookedUpOnly() {
    return kind == LayerKind.EMBEDDING && uses.stream().noneMatch(KernelUse::transposed);
  }

  private long positions() {
    return uses.get(0).positions();
  }

  Layer named(String newName) {
    return new Layer(newName, kind, variable, rows, cols, dtype, uses);
  }
}
