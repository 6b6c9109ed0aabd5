/**
 * What every stage shares. Start with {@code LiveModel} for a loaded SavedModel and {@code
 * LabeledData} for labelled samples.
 */
@NullMarked
package io.github.rankfold.models;

import org.jspecify.annotations.NullMarked;
