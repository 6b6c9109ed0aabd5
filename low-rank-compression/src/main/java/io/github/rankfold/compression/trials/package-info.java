/**
 * A model and rewritten forms of it in one session: what ranks do is tried, predicted, fitted and
 * tuned here before anything is written. Start with {@link
 * io.github.rankfold.compression.trials.TrialGraph}.
 */
@NullMarked
package io.github.rankfold.compression.trials;

import org.jspecify.annotations.NullMarked;
