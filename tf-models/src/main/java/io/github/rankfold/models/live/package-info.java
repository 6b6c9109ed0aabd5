/**
 * A SavedModel that is loaded and can be run. Start with {@link
 * io.github.rankfold.models.live.LiveModel}.
 */
@NullMarked
package io.github.rankfold.models.live;

import org.jspecify.annotations.NullMarked;
