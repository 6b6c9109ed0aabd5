package io.github.rankfold.models.layers;

import io.github.rankfold.models.savedmodel.TensorRef;

/**
 * One operation that multiplies by a kernel.
 *
 * @param operation the node that multiplies
 * @param input the tensor z it multiplies
 * @param kernel the tensor it takes the weight from
 * @param preActivation the product, before any bias
 * @param transposed whether the operation reads the kernel's transpose
 */
public record KernelUse(
    String operation,
    TensorRef input,
    TensorRef kernel,
    TensorRef preActivation,
    boolean transposed) {}
