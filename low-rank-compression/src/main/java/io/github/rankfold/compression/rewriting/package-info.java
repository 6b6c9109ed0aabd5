/**
 * From a graph and decisions about its layers to a graph with factors in place of kernels. Start
 * with {@link io.github.rankfold.compression.rewriting.GraphRewriter}.
 */
@NullMarked
package io.github.rankfold.compression.rewriting;

import org.jspecify.annotations.NullMarked;
