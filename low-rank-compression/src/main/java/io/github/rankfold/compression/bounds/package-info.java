/**
 * What truncation can do to a model's output at most. Start with {@link
 * io.github.rankfold.compression.bounds.OutputBound}; {@link
 * io.github.rankfold.compression.bounds.NetworkPath} is what it knows of the network, and {@link
 * io.github.rankfold.compression.bounds.CertifiedRanks} chooses ranks by it.
 */
@NullMarked
package io.github.rankfold.compression.bounds;

import org.jspecify.annotations.NullMarked;
