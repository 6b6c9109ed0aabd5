/**
 * Choosing ranks, then applying them. Start with {@link
 * io.github.rankfold.compression.CompressionPlanner}, whose plan is also the dry run; {@link
 * io.github.rankfold.compression.SavedModelCompressor} is what writes.
 *
 * <p>It stands on {@code factors} (what a kernel becomes), {@code rewriting} (the graph with
 * factors in it) and {@code trials} (rewritten graphs beside the model, before anything is
 * written), each of which knows only those before it; {@code search}, {@code bounds} and {@code
 * merging} stand on all.
 */
@NullMarked
package io.github.rankfold.compression;

import org.jspecify.annotations.NullMarked;
