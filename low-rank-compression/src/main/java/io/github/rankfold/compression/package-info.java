/**
 * Choosing ranks, then applying them. Start with {@link
 * io.github.rankfold.compression.CompressionPlanner}, whose plan is also the dry run; {@link
 * io.github.rankfold.compression.SavedModelCompressor} is what writes.
 */
@NullMarked
package io.github.rankfold.compression;

import org.jspecify.annotations.NullMarked;
