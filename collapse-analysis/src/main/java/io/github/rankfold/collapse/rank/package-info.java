/**
 * From collapse to rank: how far a kernel can be from low rank, given how far its inputs and
 * gradients are from collapsed. No TensorFlow type.
 *
 * <p>Start with {@link io.github.rankfold.collapse.rank.RankCertificate}, a pure function of a
 * kernel, its gradient and the {@link io.github.rankfold.collapse.rank.LayerMoments} of its inputs.
 * Those are accumulated by {@link io.github.rankfold.collapse.rank.CertificateMoments} in a first
 * pass over the data, and {@link io.github.rankfold.collapse.rank.OutsideVariation} in a second.
 *
 * <p>An analysis of a model takes the sums of both passes inside TensorFlow's graph: {@code
 * GraphMoments}, {@code GraphWithin} and {@code GraphOutside} of the package {@code probe} give
 * them to the same classes. That rows can be added here too, one batch after the other on the heap,
 * is what tests and benchmarks compare those sums with.
 */
@NullMarked
package io.github.rankfold.collapse.rank;

import org.jspecify.annotations.NullMarked;
