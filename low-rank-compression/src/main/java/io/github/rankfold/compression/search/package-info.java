/**
 * Ranks for a whole model under a budget. Start with {@link
 * io.github.rankfold.compression.search.RankSearch}.
 */
@NullMarked
package io.github.rankfold.compression.search;

import org.jspecify.annotations.NullMarked;
