/**
 * The layers of a flat graph: which operations multiply by a weight, and which weight that is.
 * Start with {@link io.github.rankfold.models.layers.LayerFinder}.
 */
@NullMarked
package io.github.rankfold.models.layers;

import org.jspecify.annotations.NullMarked;
