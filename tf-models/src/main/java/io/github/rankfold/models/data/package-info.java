/**
 * Labelled data and where it comes from. Start with {@link
 * io.github.rankfold.models.data.LabeledData}.
 */
@NullMarked
package io.github.rankfold.models.data;

import org.jspecify.annotations.NullMarked;
