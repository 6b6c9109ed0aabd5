/**
 * From collapse to rank: how far a kernel can be from low rank, given how far its inputs and
 * gradients are from collapsed. No TensorFlow type.
 *
 * <p>Start with {@link io.github.rankfold.collapse.rank.RankCertificate}, a pure function of a
 * kernel, its gradient and the {@link io.github.rankfold.collapse.rank.LayerMoments} of its inputs.
 * Those are accumulated by {@link io.github.rankfold.collapse.rank.CertificateMoments} in a first
 * pass over the data, and {@link io.github.rankfold.collapse.rank.OutsideVariation} in a second.
 */
@NullMarked
package io.github.rankfold.collapse.rank;

import org.jspecify.annotations.NullMarked;
