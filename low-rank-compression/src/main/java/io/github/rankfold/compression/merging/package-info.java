/**
 * Adding the weights of two networks of one architecture. Start with {@link
 * io.github.rankfold.compression.merging.ModelMerger}.
 */
@NullMarked
package io.github.rankfold.compression.merging;

import org.jspecify.annotations.NullMarked;
