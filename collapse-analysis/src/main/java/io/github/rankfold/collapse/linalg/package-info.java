/**
 * Dense linear algebra over OpenBLAS, without any TensorFlow type.
 *
 * <p>Start with {@link io.github.rankfold.collapse.linalg.Matrix} for storage and products, then
 * {@link io.github.rankfold.collapse.linalg.Svd} for a full decomposition or {@link
 * io.github.rankfold.collapse.linalg.Spectrum} for singular values alone: ranks, energies and
 * distances are asked of the spectrum. {@link io.github.rankfold.collapse.linalg.Subspace} projects
 * on the span of a few rows.
 */
@NullMarked
package io.github.rankfold.collapse.linalg;

import org.jspecify.annotations.NullMarked;
