/**
 * What a kernel becomes: factors of a rank in some norm, how they are laid out, and the {@link
 * io.github.rankfold.compression.factors.LayerDecision} of one layer. Start with {@link
 * io.github.rankfold.compression.factors.Factorization}.
 */
@NullMarked
package io.github.rankfold.compression.factors;

import org.jspecify.annotations.NullMarked;
