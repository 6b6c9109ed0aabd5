/**
 * Broken models: what a damaged or hostile SavedModel does to opening, planning and writing. {@link
 * io.github.rankfold.compression.broken.BrokenModel} makes one from a seed; {@link
 * io.github.rankfold.compression.broken.Worker} tries them in a process of its own, as native code
 * may end it.
 */
@NullMarked
package io.github.rankfold.compression.broken;

import org.jspecify.annotations.NullMarked;
