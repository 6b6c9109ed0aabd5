package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Optional;

/**
 * One operation that multiplies by a kernel.
 *
 * @param operation the node that multiplies; inside a loop, the node of the loop's body
 * @param input the tensor z it multiplies; inside a loop, named as in the body
 * @param kernel the tensor it takes the weight from; inside a loop, what enters the loop. For a
 *     lookup by handle, the variable itself
 * @param preActivation the product, before any bias; inside a loop, named as in the body
 * @param view how the kernel is the matrix that this operation multiplies by
 * @param transposed whether that is the transpose of the layer's matrix
 * @param positions how often one input of the model is multiplied, as far as static shapes tell
 * @param inputPositions how often it is multiplied where no stride leaves positions out
 * @param loop where the operation is, if it is in the body of a loop
 */
public record KernelUse(
    String operation,
    TensorRef input,
    TensorRef kernel,
    TensorRef preActivation,
    MatrixView view,
    boolean transposed,
    long positions,
    long inputPositions,
    Optional<LoopSlot> loop) {

  /**
   * A value that a loop carries round unchanged.
   *
   * @param node the While node
   * @param slot which of its inputs, from 0
   */
  public record LoopSlot(String node, int slot) {}

  KernelUse withTransposed(boolean value) {
    return new KernelUse(
        operation, input, kernel, preActivation, view, value, positions, inputPositions, loop);
  }
}
